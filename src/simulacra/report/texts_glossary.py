"""Names of the scores of texts in plain words, and what each means."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["TEXT_GLOSSARY"]

TEXT_GLOSSARY: Mapping[str, tuple[str, str]] = {
    "diversity.distinct": ("Pairs of words", "Different pairs of neighbouring words by all of them, at equal length."),
    "diversity.vocabulary": ("Vocabulary", "Different words by all words, at equal length."),
    "diversity.hapax": ("Rare words", "Share of the different words that occur once: what collapse takes first."),
    "diversity.compression": ("Compression", "Size after compression by size before. Repeated phrases make it small."),
    "diversity.openers": ("Openings", "Share of the texts that begin with one of the ten commonest openings."),
    "diversity.templates": ("Stock phrases", "Share of the words in phrases of five that another text has too."),
    "diversity.vendi": ("Different texts", "Share of the texts that would do if they had nothing in common."),
    "diversity.similarity": ("Likeness", "Mean cosine of two different texts. 0 is nothing in common."),
    "diversity.topics": ("Topics kept", "Share of the real texts whose topic is among the synthetic ones."),
    "diversity.near_duplicates": (
        "Near-duplicates",
        "Share of the texts that repeat another one nearly word for word.",
    ),
    "diversity.exact_duplicates": ("Repeated texts", "Share of the texts that repeat another one but for punctuation."),
    "diversity.plan": ("Cells of the plan", "How many texts the worst cell is away from its share."),
    "fidelity.lengths": ("Lengths", "Agreement of the numbers of words. 1 is the same distribution."),
    "fidelity.wording": ("Wording", "Agreement of how often words are used, at equal length."),
    "fidelity.known_words": ("Known words", "Share of the words that as many words of real texts hold."),
    "fidelity.topics": ("Shares of topics", "Agreement of the shares of topics. 1 is the same."),
    "fidelity.text_detection": ("Told from known texts", "1 cannot be told from the texts learned from, 0 always."),
    "fidelity.text_detection_unseen": ("Told from unseen texts", "The same against texts that were never seen."),
    "fidelity.labels": ("Labels that fit", "Share of the labels that a model of the real texts agrees with."),
    "fidelity.mentions": ("Groups named", "Largest change of how many texts name a group of people."),
    "fidelity.roles": ("Roles of groups", "Largest change of the share of women in a role."),
    "fidelity.balance": ("Balance of labels", "Share of the texts that would need another label."),
    "utility.students": ("Students", "Accuracy learned from synthetic texts less that learned from real ones."),
    "utility.prediction": ("Prediction", "Bits more that a word of a real text takes than after learning real ones."),
    "privacy.documents_exposed": ("Texts given away", "A lower bound on the real texts that can be found again."),
    "privacy.documents_exchangeability": ("Known against unseen texts", "How likely this is if nothing leaked."),
    "privacy.passages": ("Passages met again", "Real texts of which thirteen words in a row are met."),
    "privacy.identifiers": ("Identifiers met again", "Real texts of which a number, code or address is met."),
    "privacy.personal": ("Personal values", "E-mails, IBANs, cards ... that only the texts learned from hold."),
    "privacy.canaries": ("Canaries", "Hidden strings that came back, in any format."),
    "validity.usable": ("Usable texts", "Share that hold words, whole, in a language of the real ones."),
    "validity.contamination": ("Contamination", "Share of the named texts that are found again."),
}
