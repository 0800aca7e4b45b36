"""No row says again what an accepted row, or a seed, has said."""

from __future__ import annotations

from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ...text.near import NearDuplicates
from ._row import named_fields, texts_of

__all__ = ["NearDuplicate"]


@register("row_check")
class NearDuplicate:
    """Rejects a row whose text is nearly the same as that of a row accepted before, or of a seed.

    field : the text compared; several are compared as one. threshold : least Jaccard similarity of character n-grams
    that counts as the same, in (0, 1]. against : texts that may not come again, e.g. the seeds or a test set.
    """

    name = "near_duplicate"
    ordered = True

    def __init__(
        self, field: str | Sequence[str] | None = None, *, threshold: float = 0.7, against: Sequence[str] = ()
    ) -> None:
        self._fields = named_fields(field, self.name)
        try:
            self._index = NearDuplicates(threshold=float(threshold))
        except (TypeError, ValueError) as error:
            seen = f"a threshold of {threshold} is none"
            raise RecipeError(seen, where="check near_duplicate", hint="give a number above 0, at most 1") from error
        self._index.add([str(text) for text in against])
        self._foreign = len(self._index)

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return whether it repeats an accepted row or a seed."""
        del context
        match = self._index.nearest([self._text(row)])[0]
        if match is None:
            return None
        same = "the same as" if match.similarity == 1 else "nearly the same as"
        return f"{same} {'a seed' if match.position < self._foreign else 'an accepted row'}"

    def accept(self, row: Row) -> None:
        """Remember the row's text."""
        self._index.add([self._text(row)])

    def _text(self, row: Row) -> str:
        return "\n".join(text for _, text in texts_of(row, self._fields))
