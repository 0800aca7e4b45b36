"""An insurance quote over frames of rows, with planted weaknesses of batches and of numbers.

`QuoteModel(plants=())` is the hardened twin.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from ...attack.records.domain import Domain, domain_from_dict
from ...attack.records.rules import refusals

__all__ = ["PLANTS", "SCHEMA", "QuoteModel"]

SCHEMA: dict[str, Any] = {
    "properties": {
        "age": {"type": "integer", "minimum": 17, "maximum": 99},
        "power": {"type": "number", "minimum": 20, "maximum": 800},
        "value": {"type": "number", "minimum": 500, "maximum": 250_000},
        "claims": {"type": "integer", "minimum": 0, "maximum": 20},
        "region": {"type": "string", "enum": ["north", "east", "south", "west"]},
        "garage": {"type": ["boolean", "null"]},
        "colour": {"type": "string", "enum": ["red", "blue", "grey"]},
    },
    "expect": {
        "output": {"type": "number", "minimum": 0},
        "monotone": {"claims": "up", "value": "up", "power": "up"},
        "ignores": ["colour"],
        "rejects": ["ValueError"],
    },
}

PLANTS: dict[str, str] = {
    "empty": "an empty batch has no mean",
    "batch mean": "a row's quote depends on the others in its batch",
    "order": "the first row of a batch is charged more",
    "duplicates": "rows that repeat get a discount",
    "null garage": "a null gives not-a-number",
    "negative": "many claims in the west overflow into a negative quote",
    "dip": "a narrow range of values is cheap",
    "power cliff": "above a power the quote falls",
    "colour": "red costs more",
    "oldest west": "two fields at their edges have no rate",
    "unseen region": "an unknown region is quoted as if it were one",
    "text claims": "claims as text are read",
}
"""Planted weakness -> what it is."""

_REGION = {"north": 1.0, "east": 0.9, "south": 1.2, "west": 1.1}


class QuoteModel:
    """The model to be tested: frame in, an array of quotes out; ValueError for rows that are not allowed.

    touched : the plants that the last call ran into.
    """

    def __init__(self, plants: Iterable[str] = tuple(PLANTS), seed: int = 0) -> None:
        self.plants = frozenset(plants)
        rng = np.random.default_rng(seed)
        self.dip = float(rng.uniform(20_000, 200_000))
        self.cliff = float(rng.uniform(300, 700))
        self.touched: set[str] = set()
        self.domain: Domain = domain_from_dict(SCHEMA)

    def predict(self, frame: pl.DataFrame) -> np.ndarray[Any, Any]:
        """Return (n_rows,) quotes."""
        self.touched = set()
        rows = frame.to_dicts()
        if self._hits("empty", not rows):
            raise ZeroDivisionError("mean of an empty batch")
        quotes = np.array([self._quote(row) for row in rows], dtype=float)
        if len(rows) > 1:
            self._of_batch(rows, quotes)
        return quotes

    def _hits(self, plant: str, condition: bool) -> bool:
        if condition and plant in self.plants:
            self.touched.add(plant)
            return True
        return False

    def _of_batch(self, rows: list[dict[str, Any]], quotes: np.ndarray[Any, Any]) -> None:
        if self._hits("batch mean", len(rows) < 13):
            quotes += 0.01 * np.nanmean(quotes)
        if self._hits("order", rows[0]["power"] > 200):
            quotes[0] *= 1.1
        repeated = [i for i, row in enumerate(rows) if rows.index(row) < i]
        if self._hits("duplicates", bool(repeated)):
            quotes[: len(rows) // 2] *= 0.9

    def _quote(self, row: dict[str, Any]) -> float:
        row = self._allowed(row)
        quote: float = 100 + 0.02 * row["value"] + 0.5 * row["power"] + 40 * row["claims"]
        quote *= _REGION.get(row["region"], 1.0) * (1.5 if row["age"] < 25 else 1.0)
        if self._hits("oldest west", row["age"] == 99 and row["region"] == "west"):
            raise KeyError("no rate for 99, west")
        if self._hits("null garage", row["garage"] is None):
            return float("nan")
        if self._hits("negative", row["claims"] == 20 and row["region"] == "west"):
            return -quote
        if self._hits("dip", abs(row["value"] - self.dip) < 900):
            quote *= 0.6
        if self._hits("power cliff", row["power"] > self.cliff):
            quote -= 150
        if self._hits("colour", row["colour"] == "red"):
            quote *= 1.05
        return float(quote)

    def _allowed(self, row: dict[str, Any]) -> dict[str, Any]:
        refused = refusals(self.domain, row)
        if self._hits("unseen region", set(refused) == {"region"} and isinstance(row.get("region"), str)):
            return row
        text = row.get("claims")
        if self._hits("text claims", set(refused) == {"claims"} and isinstance(text, str) and text.strip().isdigit()):
            return {**row, "claims": int(str(text))}
        if refused:
            raise ValueError(f"not allowed: {refused}")
        return row
