"""No row says again what an accepted row, or a seed, has said."""

from __future__ import annotations

from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ...text.near import NearDuplicates
from ._nearest import Meanings
from ._row import named_fields, texts_of

__all__ = ["NearDuplicate"]


@register("row_check")
class NearDuplicate:
    """Rejects a row whose text is nearly the same as that of a row accepted before, or of a seed.

    field : the text compared; several are compared as one. threshold : least Jaccard similarity of character n-grams
    that counts as the same, in (0, 1]. meaning : least cosine of embeddings that counts as the same, 0 for not at all.
    embedder : its name, None for `static` if its weights are here (`hashing` stands in, which knows only spelling).
    against : texts that may not come again, e.g. a test set. seeds : also the recipe's examples and seed rows may not.

    Of pairs at the threshold about 99 of 100 are found, more above it. Not handled: what a text denies; order of words.
    """

    name = "near_duplicate"
    ordered = True

    def __init__(
        self,
        field: str | Sequence[str] | None = None,
        *,
        threshold: float = 0.7,
        meaning: float = 0.0,
        embedder: str | None = None,
        against: Sequence[str] = (),
        seeds: bool = True,
    ) -> None:
        self.fields = named_fields(field, self.name)
        self._seeds = seeds
        try:
            self._index = NearDuplicates(threshold=float(threshold))
            self._meanings = Meanings(float(meaning), embedder) if meaning else None
        except (TypeError, ValueError) as error:
            seen = f"a threshold of {threshold}, a meaning of {meaning} are none"
            hint = "give numbers above 0, at most 1"
            raise RecipeError(seen, where="check near_duplicate", hint=hint) from error
        self._foreign = 0
        self._add([str(text) for text in against])
        self._foreign = len(self._index)

    def forbid(self, texts: Sequence[str]) -> None:
        """Take note of what the seeds say, unless the recipe allows it to come again; call it before any row."""
        if self._seeds:
            self._add(list(texts))
            self._foreign = len(self._index)

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return whether it repeats an accepted row or a seed, by its words or by its meaning."""
        del context
        text = self._text(row)
        match = self._index.nearest([text])[0]
        if match is not None:
            same = "the same as" if match.similarity == 1 else "nearly the same as"
            return f"{same} {self._whose(match.position)}"
        near = self._meanings.nearest(text) if self._meanings is not None else None
        return None if near is None else f"means the same as {self._whose(near)}"

    def accept(self, row: Row) -> None:
        """Remember the row's text."""
        self._add([self._text(row)])

    def _add(self, texts: list[str]) -> None:
        self._index.add(texts)
        if self._meanings is not None:
            self._meanings.add(texts)

    def _whose(self, position: int) -> str:
        return "a seed" if position < self._foreign else "an accepted row"

    def _text(self, row: Row) -> str:
        return "\n".join(text for _, text in texts_of(row, self.fields))
