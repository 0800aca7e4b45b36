"""Rows of tables varied: cells moved, two rows of a class mixed, points between neighbours. Cells are in `fields`.

With `mend`, cells that follow from others are computed anew; what breaks the table's rules is drawn again, and given up
after some tries.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..contracts.rows import Record
from ..registry import register
from ..seeds import Seeds
from .editing import Draws, Kind, LabelEffect
from .rows.mixed import Mend, MixedRows, Row, draw_rows, fields_fit, is_number

__all__ = ["Perturb", "RowMix", "Smote"]

_TRIES = 8


class _RowTransform(ABC):
    """A transform of records with fields; subclasses write `_drawn`."""

    name: str
    kind: Kind = "recombination"
    label: LabelEffect = "keeps"
    keeps: frozenset[str] = frozenset()
    cost: float = 2e-4

    def __init__(self, mend: Mend | None = None) -> None:
        self.mend = mend

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None where there is none; see `contracts.rows.Transform`."""
        pool = _Pool(records)
        places = {record.identity: place for place, record in enumerate(pool.records)}
        numbers = [seeds.child(self.name, record.identity).integer() for record in records]
        draws = [Draws(number) for number in numbers]

        def draw(place: int) -> tuple[Row, tuple[tuple[str, ...], dict[str, Any]]] | None:
            drawn = self._drawn(places[records[place].identity], pool, draws[place])
            return None if drawn is None else (drawn[0], drawn[1:])

        found = draw_rows([record.fields for record in records], draw, self.mend, _TRIES)
        return [
            None if one is None else self._variant(record, one[0], *one[1], number)
            for record, one, number in zip(records, found, numbers, strict=True)
        ]

    def _variant(
        self, record: Record, fields: Row, partners: tuple[str, ...], told: dict[str, Any], seed: int
    ) -> Record:
        identity = f"{record.identity}~{self.name}-{seed & 0xFFFFFFFF:08x}"
        parents = (record.identity, *partners)
        return Record(identity, record.text, record.label, (), fields, parents, self.name, told, seed)

    @abstractmethod
    def _drawn(
        self, place: int, pool: _Pool, draws: Draws
    ) -> tuple[dict[str, Any], tuple[str, ...], dict[str, Any]] | None:
        """Return the new fields, the partners' identities and what to tell; None if there is no partner."""


class _Pool:
    """The batch: records, the places of each label, distances when somebody asks."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = sorted(records, key=lambda one: one.identity)  # the same sums for any order of the batch
        self.of_label: dict[str | None, list[int]] = {}
        for place, record in enumerate(self.records):
            self.of_label.setdefault(record.label, []).append(place)
        self._points: MixedRows | None = None

    def partners(self, place: int) -> list[int]:
        """Return the places of other records of the same label."""
        return [other for other in self.of_label[self.records[place].label] if other != place]

    def nearest(self, place: int, count: int) -> list[int]:
        """Return the places of the nearest records of the same label."""
        if self._points is None:
            self._points = MixedRows([record.fields for record in self.records])
        pool = np.array(self.partners(place), dtype=np.int64)
        return [int(one) for one in self._points.neighbours(place, pool, count)]


@register("transform")
class Perturb(_RowTransform):
    """Moves numbers a little: by a normal draw of `scale` times the number's size, or times `spread` of its column.

    Whole numbers stay whole, decimals keep their count, signs stay; a number outside `low` to `high` is drawn back.
    spread, low, high : column -> standard deviation, least and greatest value; from the training rows.
    Not handled: columns that follow from others; give `mend`.
    """

    name = "perturb"
    kind: Kind = "numeric"
    cost = 5e-5

    def __init__(
        self,
        mend: Mend | None = None,
        *,
        scale: float = 0.1,
        spread: Mapping[str, float] | None = None,
        low: Mapping[str, float] | None = None,
        high: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(mend)
        self.scale, self.spread, self.low, self.high = scale, spread or {}, low or {}, high or {}

    def _drawn(
        self, place: int, pool: _Pool, draws: Draws
    ) -> tuple[dict[str, Any], tuple[str, ...], dict[str, Any]] | None:
        fields = dict(pool.records[place].fields)
        for name, value in fields.items():
            if is_number(value) and value == value and abs(value) != float("inf"):
                fields[name] = self._moved(name, value, draws)
        return fields, (), {"scale": self.scale}

    def _moved(self, name: str, value: Any, draws: Draws) -> Any:
        normal = sum(draws.unit() for _ in range(12)) - 6.0  # near enough to a normal draw
        moved = value + normal * self.scale * self.spread.get(name, abs(value))
        low = self.low.get(name, 0.0 if value >= 0 else -float("inf"))
        high = self.high.get(name, 0.0 if value < 0 else float("inf"))
        return fields_fit(min(max(moved, low), high), value)


@register("transform")
class RowMix(_RowTransform):
    """Takes each cell from one of two rows of the same label, from the first with probability `share`."""

    name = "row_mix"
    cost = 5e-5

    def __init__(self, mend: Mend | None = None, *, share: float = 0.5) -> None:
        super().__init__(mend)
        self.share = share

    def _drawn(
        self, place: int, pool: _Pool, draws: Draws
    ) -> tuple[dict[str, Any], tuple[str, ...], dict[str, Any]] | None:
        partners = pool.partners(place)
        if not partners:
            return None
        own, other = pool.records[place], pool.records[draws.pick(partners)]
        fields = {
            name: value if draws.unit() < self.share else other.fields.get(name, value)
            for name, value in own.fields.items()
        }
        return fields, (other.identity,), {"share": self.share}


@register("transform")
class Smote(_RowTransform):
    """A point between a row and one of its nearest of the same label; other cells as most of the neighbours have them.

    neighbours : how many nearest rows to choose from.
    Source: SMOTE and SMOTENC, Chawla et al. (2002).
    """

    name = "smote"

    def __init__(self, mend: Mend | None = None, *, neighbours: int = 5) -> None:
        super().__init__(mend)
        self.neighbours = neighbours

    def _drawn(
        self, place: int, pool: _Pool, draws: Draws
    ) -> tuple[dict[str, Any], tuple[str, ...], dict[str, Any]] | None:
        near = pool.nearest(place, self.neighbours)
        if not near:
            return None
        own, other, share = pool.records[place], pool.records[draws.pick(near)], draws.unit()
        fields: dict[str, Any] = {}
        for name, value in own.fields.items():
            partner = other.fields.get(name)
            if is_number(value) and is_number(partner):
                fields[name] = fields_fit(value + share * (partner - value), value)
            else:
                fields[name] = _most_frequent([pool.records[one].fields.get(name) for one in (place, *near)])
        return fields, (other.identity,), {"share": round(share, 6)}


def _most_frequent(values: list[Any]) -> Any:
    """Return the value that most have; of equals the first."""
    return max(values, key=values.count)
