"""Names of scores, families and risks in plain words, and what each score means."""

from __future__ import annotations

from collections.abc import Mapping

from .texts_glossary import TEXT_GLOSSARY

__all__ = ["FAMILY_QUESTIONS", "GLOSSARY", "RISK_QUESTIONS", "VERDICTS", "define_score", "name_score"]

VERDICTS: Mapping[str, tuple[str, str]] = {
    "pass": ("Pass", "Every measure that could be judged held."),
    "warn": ("Pass, with a warning", "Usable, if you can live with what is named here."),
    "fail": ("Fail", "Do not use these rows for what was asked of them before this is mended."),
    "unknown": ("Unknown", "Something that matters could not be judged, and that is not a pass."),
}
FAMILY_QUESTIONS: Mapping[str, str] = {
    "fidelity": "Does it look like the real data?",
    "utility": "Does it do the work of the real data?",
    "privacy": "Does it give anybody away?",
    "diversity": "Does it cover what the real data covers?",
    "validity": "Is every row a possible row?",
}
RISK_QUESTIONS: Mapping[str, str] = {
    "collapse": "Data learned from data that was itself made loses its rare cases.",
    "bias": "Groups come out rarer, or worse off, than they are.",
    "diversity": "The same few rows come over and over.",
    "unvalidated": "Nobody has looked at the rows.",
}
GLOSSARY: Mapping[str, tuple[str, str]] = {
    **TEXT_GLOSSARY,
    "fidelity.shape": (
        "Shape of the columns",
        "Mean over columns of the agreement of their distributions (1 − Kolmogorov-Smirnov distance for numbers, "
        "1 − total variation for levels). 1 is the same distribution.",
    ),
    "fidelity.worst_column": (
        "Worst column",
        "How far the worst column is beyond what real rows show, in standard deviations. 0 is as good as real.",
    ),
    "fidelity.trend": (
        "Pairs of columns",
        "Mean over pairs of columns of the agreement of how they go together. 1 is the same.",
    ),
    "fidelity.worst_pair": (
        "Worst pair of columns",
        "How far the worst pair is beyond what real rows show, in standard deviations. 0 is as good as real.",
    ),
    "fidelity.detection": (
        "Told apart from rows learned from",
        "2 × (1 − AUC) of a classifier that tells synthetic rows from real ones. 1 cannot be told apart, 0 always.",
    ),
    "fidelity.detection_holdout": (
        "Told apart from rows never seen",
        "2 × (1 − AUC) of a classifier that tells synthetic rows from held-out real ones. Copying does not help here.",
    ),
    "fidelity.detection_rest": (
        "Told apart without the telling columns",
        "2 × (1 − AUC) of the same classifier when the columns that give the rows away most are left out.",
    ),
    "fidelity.worst_triple": (
        "Worst three columns",
        "Total variation between synthetic and real rows on three columns at once, for the worst triple. 0 is equal.",
    ),
    "fidelity.association": (
        "Two columns together",
        "Largest change of how often two halves of columns hold together or not at all, beyond what each does alone. "
        "The floor is what chance explains.",
    ),
    "fidelity.interaction": (
        "Three columns together",
        "Largest change of what three columns do together beyond their pairs, as an exclusive or. The floor is what "
        "chance explains.",
    ),
    "fidelity.distance": (
        "Distance of the numbers",
        "Mean over columns of numbers of the Wasserstein distance, in standard deviations of the real column. For the "
        "eye: no verdict hangs on it.",
    ),
    "fidelity.missing": (
        "Missing values",
        "Largest change of a share of missing values, of a column or where another one is low, high or of some level. "
        "The floor is what chance explains.",
    ),
    "fidelity.heaps": (
        "Heaps and roundings",
        "Largest change of the share of rows on one value, or on round values. The floor is what chance explains.",
    ),
    "fidelity.calendar": (
        "Weekdays, months, hours",
        "Largest change of the share of a weekday, a month, a day of the month or an hour. The floor is what chance "
        "explains.",
    ),
    "fidelity.levels": (
        "Share of each level",
        "Largest change of the share of one level of a category. The floor is what chance explains.",
    ),
    "fidelity.outcome": (
        "Outcome in each group",
        "Largest change of the outcome's rate within a group. The floor is what chance explains.",
    ),
    "fidelity.gap": (
        "Gaps between large groups",
        "Largest change of the gap between two large groups in the outcome's rate. The floor is what chance explains.",
    ),
    "fidelity.dependence": (
        "Each column given the others",
        "Largest change of the correlation between a column and what a model of the real rows expects of it from all "
        "other columns. The floor is what chance explains.",
    ),
    "fidelity.adjusted_gap": (
        "Gaps among like people",
        "Largest change of the outcome's gap between two groups, less what the other columns lead to expect. The floor "
        "is what chance explains.",
    ),
    "fidelity.representation": (
        "Size of protected groups",
        "Largest change of the share of a protected group, or of two crossed. The floor is what chance explains.",
    ),
    "fidelity.amplification": (
        "Gaps made wider",
        "Largest growth of a protected group's distance from the outcome's rate of all. A gap that is in the real data "
        "is no growth.",
    ),
    "utility.groups": (
        "Usefulness for each group",
        "Largest loss within a protected group of models trained on synthetic rows against those trained on real rows.",
    ),
    "utility.calibration": (
        "Trust in the predictions",
        "By how much a model trained on synthetic rows is more timid or bolder than one trained on real rows: the "
        "difference of the slopes of truth on prediction. 0 is best.",
    ),
    "utility.importance": (
        "Which columns matter",
        "Rank correlation of the columns' importance for models trained on synthetic and on real rows. 1 is the same.",
    ),
    "utility.tstr": (
        "Trained on synthetic, tested on real",
        "How well models trained on synthetic rows predict held-out real rows; the floor is the same with real rows.",
    ),
    "privacy.copies": (
        "Copies of real rows",
        "Share of rows that equal a real row learned from in every column compared; the floor is the share that "
        "held-out rows show.",
    ),
    "privacy.exposed": (
        "People exposed, at least",
        "A lower bound, 95 % sure, on how many real rows combinations of values that are theirs alone give away.",
    ),
    "privacy.membership": (
        "Guessing who was in the data",
        "AUC of guessing from nearness to synthetic rows who was learned from. 0.5 is a coin, 1 is certain.",
    ),
    "privacy.nearest": (
        "Nearest to rows learned from",
        "Share of rows whose nearest real row was learned from and not held out, at equal numbers. 0.5 is best.",
    ),
    "privacy.reemission": (
        "Singular values that come again",
        "Of values that one real row alone has, in nearly unique columns, the share that comes again; the floor is the "
        "share of held-out values, met by chance.",
    ),
    "privacy.exchangeability": (
        "Chance of what was seen",
        "p-value of all tests on one question together: do rows learned from look better known to the synthetic ones "
        "than rows held out? Small is grave.",
    ),
    "privacy.verbatim": (
        "Whole people found",
        "Number of rows learned from, each the only one of its kind, that stand whole among the synthetic rows; the "
        "floor is what chance would meet.",
    ),
    "privacy.repeated": (
        "One person many times",
        "How often the one real person who is repeated most is there; the floor is the most that a row of nobody is.",
    ),
    "privacy.leaked": (
        "Keys, names and texts found",
        "Share of real keys, personal values or texts that stand word for word among the synthetic ones; the floor is "
        "the share of held-out ones.",
    ),
    "privacy.accusations": (
        "People found at 1 % false alarms",
        "Share of people learned from whom an attacker finds who accuses 1 % of the others wrongly.",
    ),
    "privacy.singling_out": (
        "Singling out",
        "Share of guesses from unique synthetic combinations that fit exactly one person learned from; the floor is "
        "the same for people held out.",
    ),
    "privacy.linkability": (
        "Linkability",
        "Share of people whose two halves the synthetic rows join; the floor is the same for people held out.",
    ),
    "privacy.inference": (
        "Inference of a secret",
        "Share of right guesses of one hidden value from the nearest synthetic row; the floor is the same for people "
        "held out.",
    ),
    "privacy.epsilon": (
        "Formal guarantee, audited",
        "A lower bound, 95 % sure, on the privacy budget (epsilon) that the rows show by what they give away. Beyond "
        "the stated epsilon the statement is false.",
    ),
    "diversity.categories": (
        "Levels kept",
        "Share of the real levels, frequent enough to be expected, that appear.",
    ),
    "diversity.range": (
        "Range covered",
        "Mean over columns of the share of the real 1 % to 99 % range that is covered.",
    ),
    "diversity.tails": (
        "Tails kept",
        "How much of the outer .5, 1 and 2 % at either end is still there, where it is least. The floor is what chance "
        "explains.",
    ),
    "diversity.coverage": (
        "Ground covered",
        "Share of real rows with a synthetic row as near to them as their fifth real neighbour.",
    ),
    "diversity.duplicates": (
        "Repeated rows",
        "Share of rows that repeat an earlier row; the floor is the same share of as many real rows.",
    ),
    "validity.schema": (
        "Possible rows",
        "Share of rows in which every value is one that its column can hold.",
    ),
    "validity.constraints": (
        "Rules between columns",
        "Share of rows that keep every rule: those that were told, and those that hold in every real row.",
    ),
}


def name_score(name: str) -> str:
    """Return the title of a score: a known one, or its name made readable.

    >>> name_score("privacy.copies"), name_score("privacy.new_measure")
    ('Copies of real rows', 'New measure')
    """
    known = GLOSSARY.get(name)
    return known[0] if known else name.rpartition(".")[2].replace("_", " ").capitalize()


def define_score(name: str) -> str:
    """Return what a score means in a sentence or two; empty for one that is not known here."""
    known = GLOSSARY.get(name)
    return known[1] if known else ""
