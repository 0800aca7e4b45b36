"""Names of scores, families and risks in plain words, and what each score means."""

from __future__ import annotations

from collections.abc import Mapping

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
        "How much of the outer 1 % at both ends is still there. 1 is all of it.",
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
