"""How far a judge agrees with people, and whether that is enough for it to reject anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ...data.files import read_text
from ...data.shares import wilson
from ...errors import RecipeError

__all__ = ["Agreement", "agreement_of", "read_agreement"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A judge against human verdicts on the same rows.

    n : rows with a verdict of both. value, low, high : the share on which they agree, with its Wilson interval. kappa :
    Cohen's, agreement beyond chance, at most 1. caught : share of the rows people call bad that the judge rejects.
    spared : share of the good ones that it keeps. abstained : rows of which the judge said nothing. judge : what the
    judge was (its settings); a calibration holds for that judge alone.
    """

    n: int
    value: float
    low: float
    high: float
    kappa: float
    caught: float | None
    spared: float | None
    abstained: int = 0
    judge: str = ""

    def to_json(self) -> str:
        """Return the calibration as JSON text."""
        return json.dumps(asdict(self), indent=1) + "\n"


def agreement_of(judge: Sequence[bool | None], people: Sequence[bool], *, name: str = "") -> Agreement:
    """Return how a judge's verdicts (None: abstained) agree with people's. ValueError for other many.

    Source: Wilson 1927; Cohen 1960.

    >>> found = agreement_of([True, True, False, None], [True, False, False, True])
    >>> found.n, round(found.value, 2), round(found.kappa, 2), found.caught
    (3, 0.67, 0.4, 0.5)
    """
    if len(judge) != len(people):
        raise ValueError(f"there are {len(judge)} verdicts of the judge and {len(people)} of people")
    pairs = [(said, told) for said, told in zip(judge, people, strict=True) if said is not None]
    n = len(pairs)
    same = sum(said == told for said, told in pairs)
    low, high = wilson(same, n)
    bad, good = ([said for said, told in pairs if told is kind] for kind in (False, True))
    said_yes, told_yes = (sum(pair[side] for pair in pairs) / n if n else 0.0 for side in (0, 1))
    chance = said_yes * told_yes + (1 - said_yes) * (1 - told_yes)
    value = same / n if n else 0.0
    kappa = (value - chance) / (1 - chance) if chance < 1 else 0.0
    caught = sum(not said for said in bad) / len(bad) if bad else None
    spared = sum(said for said in good) / len(good) if good else None
    return Agreement(n, value, low, high, kappa, caught, spared, len(judge) - n, name)


def read_agreement(path: str) -> Agreement:
    """Read a calibration that was written before; RecipeError if the file is none."""
    text = read_text(Path(path), "the calibration", RecipeError)
    try:
        return Agreement(**json.loads(text))
    except (ValueError, TypeError) as error:
        hint = "make it with simulacra.calibrate_judge"
        raise RecipeError(f"this is no calibration of a judge ({error})", where=path, hint=hint) from error
