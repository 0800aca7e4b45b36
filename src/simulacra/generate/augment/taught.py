"""Rows between real ones, labelled by learners of another kind: what these know, the student learns from the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contracts.rows import Record
from ...seeds import Seeds
from ...transform.editing import Draws, Kind, LabelEffect
from ...transform.rows.mixed import Mend, MixedRows, Row, draw_rows

__all__ = ["Taught", "by_share"]

Floats = NDArray[np.float64]
_TRIES = 8
_TREES, _LEAST_LEAF = 50, 2
_STRENGTH = 0.3  # C of the logistic regression, on standard normal columns
_EDGE = 3.0
_ROUNDS = 20


class Taught:
    """Some cells of a row from another one of any class; an ensemble says of which class the new row is.

    The ensemble has learned from the batch: logistic regression, which extends a trend to where few rows lie, and a
    random forest. Boosted trees with few rows learn less than these, so they gain by what these say of new rows. Of
    each class there are as many new rows as the batch has, those that are likeliest of it.
    share : of the cells that are another row's, on average. mend : rows as the rules have them; what breaks one is
    drawn again.
    Where the batch has one class there are no variants.
    Source: Bucila, Caruana and Niculescu-Mizil, "Model compression" (2006); random forests, Breiman (2001).
    """

    name = "taught"
    kind: Kind = "generation"
    label: LabelEffect = "recomputes"
    keeps: frozenset[str] = frozenset()
    cost = 2e-3

    def __init__(self, mend: Mend | None = None, *, share: float = 0.5) -> None:
        self.share = share
        self._mend = mend
        self._known: tuple[tuple[str, ...], Callable[[Sequence[Mapping[str, Any]]], Floats]] | None = None

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one new row per record, None where none fits; it sees its batch, in any order."""
        pool = sorted(records, key=lambda one: one.identity)
        counts = Counter(str(record.label) for record in pool)
        if len(counts) < 2:
            return [None] * len(records)
        made = self._drawn(pool, seeds)
        if not made:
            return [None] * len(records)
        classes = sorted(counts)
        scores = self._teacher(pool, classes)([row.fields for row in made])
        places = by_share(scores, [counts[label] / len(pool) for label in classes])
        labelled = {
            row.parents[0]: _labelled(row, classes[place], float(own[place]))
            for row, place, own in zip(made, places.tolist(), scores, strict=True)
        }
        return [labelled.get(record.identity) for record in records]

    def _drawn(self, pool: Sequence[Record], seeds: Seeds) -> list[Record]:
        numbers = [seeds.child(self.name, own.identity).integer() for own in pool]
        draws = [Draws(number) for number in numbers]

        def draw(place: int) -> tuple[Row, str]:
            other = pool[(place + 1 + draws[place].pick(range(len(pool) - 1))) % len(pool)]
            fields = {
                name: other.fields.get(name, value) if draws[place].unit() < self.share else value
                for name, value in pool[place].fields.items()
            }
            return fields, other.identity

        found = draw_rows([own.fields for own in pool], draw, self._mend, _TRIES)
        return [
            Record(
                f"{own.identity}~{self.name}-{number & 0xFFFFFFFF:08x}", "", own.label, (), one[0],
                (own.identity, one[1]), self.name, {"share": self.share}, number,
            )
            for own, one, number in zip(pool, found, numbers, strict=True)
            if one is not None
        ]  # fmt: skip

    def _teacher(
        self, pool: Sequence[Record], classes: Sequence[str]
    ) -> Callable[[Sequence[Mapping[str, Any]]], Floats]:
        """Return rows -> (rows, classes) probabilities; kept for the next draw from the same batch."""
        key = tuple(record.identity for record in pool)
        if self._known is None or self._known[0] != key:
            truth = np.array([classes.index(str(record.label)) for record in pool])
            self._known = key, _learn([record.fields for record in pool], truth)
        return self._known[1]


def _labelled(row: Record, label: str, belief: float) -> Record:
    told = {**row.parameters, "belief": round(belief, 4)}
    return Record(row.identity, "", label, (), row.fields, row.parents, row.operation, told, row.seed)


def _learn(
    rows: Sequence[Mapping[str, Any]], truth: NDArray[np.int64]
) -> Callable[[Sequence[Mapping[str, Any]]], Floats]:
    """Return an ensemble that has learned from rows with (rows,) places of classes."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    from ...measure._learn import one_thread

    encode = _encoder(rows)
    models: list[Any] = [
        LogisticRegression(C=_STRENGTH, max_iter=500),
        RandomForestClassifier(_TREES, min_samples_leaf=_LEAST_LEAF, random_state=0),
    ]
    inputs = encode(rows)
    with one_thread():
        for model in models:
            model.fit(inputs, truth)

    def ask(asked: Sequence[Mapping[str, Any]]) -> Floats:
        coded = encode(asked)
        with one_thread():
            return np.asarray(np.mean([model.predict_proba(coded) for model in models], axis=0))

    return ask


def _encoder(rows: Sequence[Mapping[str, Any]]) -> Callable[[Sequence[Mapping[str, Any]]], Floats]:
    """Return rows -> (rows, width): numbers as standard normal by rank, a sign where missing, levels as 0 or 1."""
    from sklearn.preprocessing import QuantileTransformer

    points = MixedRows(rows)
    levels = [(name, level) for name in points.other for level in sorted({str(row.get(name)) for row in rows})]
    places = {level: place for place, level in enumerate(levels)}

    def numbers(asked: Sequence[Mapping[str, Any]]) -> Floats:
        cells = [[np.nan if row.get(name) is None else float(row[name]) for name in points.numeric] for row in asked]
        return np.array(cells, dtype=np.float64).reshape(len(asked), len(points.numeric))

    ranks = QuantileTransformer(n_quantiles=min(100, len(rows)), output_distribution="normal", random_state=0)
    if points.numeric:
        ranks.fit(numbers(rows))

    def encode(asked: Sequence[Mapping[str, Any]]) -> Floats:
        known = numbers(asked)
        normal = ranks.transform(known) if points.numeric and len(asked) else known
        flags = np.zeros((len(asked), len(levels)))
        for number, row in enumerate(asked):
            held = (places.get((name, str(row.get(name)))) for name in points.other)
            flags[number, [place for place in held if place is not None]] = 1.0
        return np.hstack([np.nan_to_num(np.clip(normal, -_EDGE, _EDGE)), np.isnan(known).astype(np.float64), flags])

    return encode


def by_share(scores: Floats, shares: Sequence[float]) -> NDArray[np.int64]:
    """Return (rows,) classes such that each has about its share of the rows, those that score highest for it.

    scores : (rows, classes) probabilities. A class is favoured by a factor, set class by class such that so many rows
    are its own, until all are right. Among rows of equal scores a lot decides, the same every time.

    >>> by_share(np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.95, 0.05]]), [0.5, 0.5]).tolist()
    [0, 1, 1, 0]
    """
    wanted = np.asarray(shares) * len(scores)
    logs = np.log(np.clip(scores, 1e-9, 1.0)) + 1e-6 * np.random.default_rng(0).random(scores.shape)
    favour = np.zeros(len(wanted))
    for _ in range(_ROUNDS if len(scores) else 0):
        have = np.bincount((logs + favour).argmax(axis=1), minlength=len(wanted))
        if np.abs(have - wanted).max() < 1:
            break
        for place, count in enumerate(np.round(wanted).astype(np.int64)):
            rest = np.delete(logs + favour, place, axis=1).max(axis=1)
            lead = np.sort(logs[:, place] - rest)[::-1]
            edges = np.concatenate([[lead[0] + 2.0], lead, [lead[-1] - 2.0]])
            favour[place] = -(edges[count] + edges[count + 1]) / 2
    return np.asarray((logs + favour).argmax(axis=1))
