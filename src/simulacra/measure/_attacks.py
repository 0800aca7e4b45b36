"""How attacks are scored alike: right guesses about people learned from, against the same about people held out."""

from __future__ import annotations

from ..contracts import Score
from ..data.shares import Z95
from ._tables import Tables
from .copies import NO_HOLDOUT

__all__ = ["FEWEST", "added_risk", "score_attack", "too_few"]

FEWEST = 50


def too_few(name: str, tables: Tables, size: int, *, also: str = "") -> Score:
    """Return the score of an attack that cannot be tried: no hold-out, or fewer than 50 rows a side."""
    why = f"only {size} rows a side to guess about ({FEWEST} needed){also}"
    why = NO_HOLDOUT if tables.holdout is None else why
    return Score(name, "privacy", "undefined", better="lower", reason=why)


def added_risk(risk: float, noise: float) -> str:
    """Return the added risk and its interval, in words."""
    low, high = 100 * (risk - Z95 * noise), 100 * (risk + Z95 * noise)
    return f"an added risk of {100 * risk:.1f} points ({low:.1f} to {high:.1f})"


def score_attack(
    name: str, hits: tuple[int, int], guesses: int, *, noise: float, told: str, spread: float | None = None
) -> Score:
    """Return the score of an attack: the share of right guesses about people learned from; floor: about others.

    hits : right guesses of either kind. noise : of the difference of their shares. spread : of the share itself, where
    it is another. told : a sentence with {hits} and {control} in percent, to which the added risk is appended.
    """
    found, control = (part / guesses for part in hits)
    # Guesses about one person hang together: the noise of the difference, wider than Wilson's, covers them.
    low, high = (found + side * Z95 * (noise if spread is None else spread) for side in (-1, 1))
    said = told.format(hits=f"{100 * found:.1f} %", control=f"{100 * control:.1f} %")
    return Score(
        name, "privacy", value=found, low=max(0.0, low), high=min(1.0, high), floor=control, noise=noise,
        better="lower", n=guesses, reason=f"{said}: {added_risk(found - control, noise)}",
    )  # fmt: skip
