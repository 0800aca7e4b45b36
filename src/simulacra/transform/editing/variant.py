"""The base of transforms that change a text by edits: lineage, seeds, moved spans and invariants in one place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from ...contracts.rows import Record
from ...errors import UserError
from ...seeds import Seeds
from .draws import Draws
from .edits import Edit, apply_edits, ordered_edits
from .invariants import broken_invariant
from .protected import Words, words_of

__all__ = ["EditTransform", "Kind", "LabelEffect", "WordTransform", "variant_of"]

Kind: TypeAlias = Literal["paraphrase", "translation", "format", "numeric", "noise", "recombination", "generation"]
LabelEffect: TypeAlias = Literal["keeps", "flips", "recomputes", "unknown"]


def variant_of(
    record: Record, edits: Iterable[Edit], operation: str, seed: int, parameters: Mapping[str, Any] | None = None
) -> Record | None:
    """Return the edited record with its lineage, None if nothing changes.

    Its parameters hold, beside those given, "edits": [(start, end, new text)] on the parent's text: the alignment.
    """
    edits = [edit for edit in ordered_edits(record.text, edits) if record.text[edit.start : edit.end] != edit.text]
    if not edits:
        return None
    text, spans = apply_edits(record.text, edits, record.spans)
    told = {**(parameters or {}), "edits": [tuple(edit) for edit in edits]}
    identity = f"{record.identity}~{operation}-{seed & 0xFFFFFFFF:08x}"
    return Record(
        identity, text, record.label, spans, record.fields, (record.identity,), operation, told, seed
    )  # fmt: skip


class EditTransform(ABC):
    """A transform whose variants come from edits of the text; subclasses write `edits`.

    protect : the user's own patterns (regular expressions) of what must stay as it is.
    """

    name: str
    kind: Kind = "noise"
    label: LabelEffect = "keeps"
    keeps: frozenset[str] = frozenset({"numbers", "entities", "negation", "urls", "code", "answer", "length"})
    cost: float = 5e-5
    guarded: bool = True
    """Look at every variant whether it keeps what it should; False where edits cannot touch what is protected."""

    def __init__(self, protect: Sequence[str] = ()) -> None:
        self.protect = tuple(protect)

    def parameters(self) -> dict[str, Any]:
        """Return the options that decide what a variant looks like."""
        return {}

    def finds(self, text: str) -> bool:
        """Return False where a look at the text tells, cheaply, that there is nothing to change."""
        return bool(text)

    @abstractmethod
    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return the edits of one text; () if there is nothing to change."""

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None where there is none; see `contracts.rows.Transform`."""
        return [
            self._vary(record, seeds.child(self.name, record.identity).integer()) if self.finds(record.text) else None
            for record in records
        ]

    def _vary(self, record: Record, seed: int) -> Record | None:
        words = words_of(record.text, record.spans, self.protect)
        edits = self.edits(record.text, words, Draws(seed))
        if not edits:
            return None
        variant = variant_of(record, edits, self.name, seed, self.parameters())
        if variant is not None and self.guarded and broken_invariant(record, variant, self.keeps):
            return None
        return variant


class WordTransform(EditTransform):
    """A transform of some words of a text.

    rate : share of the words to change, in (0, 1]; UserError outside.
    """

    def __init__(self, rate: float, protect: Sequence[str] = ()) -> None:
        super().__init__(protect)
        if not 0 < rate <= 1:
            raise UserError(f"a rate of {rate:g} is no share of the words", where=self.name, hint="give one in (0, 1]")
        self.rate = rate

    def parameters(self) -> dict[str, Any]:
        """Return the rate."""
        return {"rate": self.rate}
