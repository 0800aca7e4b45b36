"""Rows of a table made anew by the table generator, learned from each class by itself."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...contracts.rows import Record
from ...contracts.tables import Silent
from ...data.dataset import Dataset
from ...data.infer import infer_schema
from ...errors import DataError
from ...seeds import Seeds
from ...transform.editing import Kind, LabelEffect
from ...transform.rows.mixed import Mend
from ..table import FittedTable, TableGenerator

__all__ = ["LEAST_ROWS", "Twin"]

LEAST_ROWS = 20
"""Of a class, below which nothing is learned from it."""


class Twin:
    """A new row of the record's class, by the table generator (quality "fast") learned from that class in the batch.

    types : column -> polars type, so that a batch without a value of a column reads as the table does.
    mend : rows as the rules have them; what breaks one is left out.
    Where a class of the batch has fewer than `LEAST_ROWS` rows there are no variants. A category that the generator
    pooled as rare is taken from the record itself.
    """

    name = "twin"
    kind: Kind = "generation"
    label: LabelEffect = "keeps"
    keeps: frozenset[str] = frozenset()
    cost = 5e-3

    def __init__(self, types: dict[str, pl.DataType], mend: Mend | None = None) -> None:
        self._types, self._mend = types, mend
        self._known: dict[str, tuple[tuple[str, ...], FittedTable | None]] = {}

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one new row per record, None where it cannot learn; it sees its batch, in any order."""
        classes: dict[str, list[Record]] = {}
        for record in sorted(records, key=lambda one: one.identity):
            classes.setdefault(str(record.label), []).append(record)
        if any(len(own) < LEAST_ROWS for own in classes.values()):
            return [None] * len(records)
        made: dict[str, Record] = {}
        for label in sorted(classes):
            made.update(self._drawn(classes[label], seeds))
        return [made.get(record.identity) for record in records]

    def _drawn(self, own: Sequence[Record], seeds: Seeds) -> dict[str, Record]:
        frame = pl.DataFrame([dict(record.fields) for record in own], schema=self._types)
        fitted = self._learned(own, frame)
        if fitted is None:
            return {}
        rows = fitted.sample(len(own), seeds.child(self.name, str(own[0].label))).to_dicts()
        known = {name: {record.fields.get(name) for record in own} for name in frame.columns}
        numbers = {name for name in frame.columns if frame.schema[name].is_numeric()}
        filled = [
            {
                name: value if name in numbers or value in known[name] else record.fields.get(name)
                for name, value in drawn.items()
            }
            for record, drawn in zip(own, rows, strict=True)
        ]
        found = {}
        for record, fields in zip(own, filled if self._mend is None else self._mend(filled), strict=True):
            if fields is not None:
                seed = seeds.child(self.name, record.identity).integer()
                identity = f"{record.identity}~{self.name}-{seed & 0xFFFFFFFF:08x}"
                parents = (record.identity,)
                found[record.identity] = Record(
                    identity, record.text, record.label, (), fields, parents, self.name, {}, seed
                )
        return found

    def _learned(self, own: Sequence[Record], frame: pl.DataFrame) -> FittedTable | None:
        """Return what was learned from the rows of a class, None if nothing can be; kept for the next draw."""
        label, key = str(own[0].label), tuple(record.identity for record in own)
        if label not in self._known or self._known[label][0] != key:
            try:
                data = Dataset(frame, infer_schema(frame))
                fitted = TableGenerator("fast").fit(data, Seeds(0).child("twin"), Silent())
            except DataError:
                fitted = None
            self._known[label] = key, fitted
        return self._known[label][1]
