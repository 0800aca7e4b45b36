"""Recombination of texts of one class: examples joined or spliced, spans of one name exchanged."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from ..contracts.rows import Record
from ..registry import register
from ..seeds import Seeds
from ..text.tokens import sentence_spans
from .editing import Draws, Edit, Kind, LabelEffect, variant_of

__all__ = ["Mix", "SpanSwap", "Splice"]

_WORD = re.compile(r"\S+")


class _Recombination(ABC):
    """A transform that joins records of one label; subclasses write `_vary`."""

    kind: Kind = "recombination"
    label: LabelEffect = "keeps"
    keeps: frozenset[str] = frozenset()
    cost: float = 1e-4
    name: str

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None where there is no partner; see `contracts.rows.Transform`."""
        pools: dict[str | None, list[Record]] = {}
        for record in sorted(records, key=lambda one: one.identity):  # any order of the batch gives the same pool
            pools.setdefault(record.label, []).append(record)
        return [
            self._vary(record, pools[record.label], seeds.child(self.name, record.identity).integer())
            for record in records
        ]

    @abstractmethod
    def _vary(self, record: Record, pool: Sequence[Record], seed: int) -> Record | None:
        """Return the variant; pool : the records of its label, itself among them. None where there is no partner."""


@register("transform")
class Mix(_Recombination):
    """Joins the text with that of another example of its label: a part of the one, a space, a part of the other.

    Parts are whole sentences; a text of one sentence is taken whole. Spans of the first text stay, those of the second
    are not taken over. The invariants of a single text do not apply.
    """

    name = "mix"

    def _vary(self, record: Record, pool: Sequence[Record], seed: int) -> Record | None:
        draws = Draws(seed)
        others = [other for other in pool if other.identity != record.identity and other.text.strip()]
        if not others or not record.text.strip():
            return None
        other = draws.pick(others)
        sentences = sentence_spans(other.text)
        count = (len(sentences) + 1) // 2
        first = draws.below(len(sentences) - count + 1)
        part = other.text[sentences[first][0] : sentences[first + count - 1][1]]
        end = len(record.text.rstrip())
        variant = variant_of(record, [Edit(end, len(record.text), " " + part)], self.name, seed)
        return None if variant is None else replace(variant, parents=(record.identity, other.identity))


@register("transform")
class Splice(_Recombination):
    """The beginning of the text, up to any of its words, and the end of another example of its label.

    For students that count words: what comes out is seldom a sentence. Neither the invariants of a single text nor the
    spans of the second one are kept.
    """

    name = "splice"

    def _vary(self, record: Record, pool: Sequence[Record], seed: int) -> Record | None:
        draws = Draws(seed)
        others = [other for other in pool if other.identity != record.identity and other.text.strip()]
        ends = [found.end() for found in _WORD.finditer(record.text)]
        if not others or not ends:
            return None
        other, cut = draws.pick(others), draws.pick(ends)
        starts = [found.start() for found in _WORD.finditer(other.text)]
        edit = Edit(cut, len(record.text), " " + other.text[draws.pick(starts) :].rstrip())
        variant = variant_of(record, [edit], self.name, seed)
        return None if variant is None else replace(variant, parents=(record.identity, other.identity))


@register("transform")
class SpanSwap(_Recombination):
    """Puts spans of other examples of the label in the place of spans with the same name (a place for a place).

    Protected spans and answers stay. The moved spans name what stands there now.
    """

    name = "span_swap"

    def _vary(self, record: Record, pool: Sequence[Record], seed: int) -> Record | None:
        draws = Draws(seed)
        edits: list[Edit] = []
        partners: list[str] = []
        for span in record.spans:
            choices = [
                (other, other.text[one.start : one.end])
                for other in pool
                if other.identity != record.identity and span.name not in ("", "protected", "answer")
                for one in other.spans
                if one.name == span.name and other.text[one.start : one.end] != record.text[span.start : span.end]
            ]
            if choices and not any(span.start < edit.end and edit.start < span.end for edit in edits):
                other, text = draws.pick(choices)
                edits.append(Edit(span.start, span.end, text))
                partners.append(other.identity)
        variant = variant_of(record, edits, self.name, seed)
        return None if variant is None else replace(variant, parents=(record.identity, *dict.fromkeys(partners)))
