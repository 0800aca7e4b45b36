"""A text speaks of what it should speak of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ._row import Alone, named_fields, texts_of

if TYPE_CHECKING:
    from ...contracts.models import Embedder

__all__ = ["OnTopic"]


@register("row_check")
class OnTopic(Alone):
    """Rejects texts that neither name a subject nor are near it in meaning.

    field : several are looked at as one text. about : the subject. at_least : cosine of the embeddings of text and
    subject, for a text without the subject's words. embedder : None for `static` if its weights are here; the hashing
    one that stands in knows only spelling.
    """

    name = "on_topic"

    def __init__(
        self,
        field: str | Sequence[str] | None = None,
        *,
        about: str,
        at_least: float = 0.25,
        embedder: str | None = None,
    ) -> None:
        self._fields, self._about, self._least = named_fields(field, self.name), str(about), at_least
        self._words = [_stem(word.lower()) for word in re.findall(r"\w{3,}", self._about)]
        self._named, self._embedder = embedder, None if embedder is None else _open(embedder)
        if not self._words:
            raise RecipeError(f"{about!r} names no subject", where="check on_topic", hint="e.g. about: Kubernetes")

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return that the text is about something else."""
        del context
        text = " ".join(text for _, text in texts_of(row, self._fields))
        low = text.lower()
        if not text or any(word in low for word in self._words) or self._near(text) >= self._least:
            return None
        return f"it is not about {self._about}"

    def _near(self, text: str) -> float:
        if self._embedder is None:
            self._embedder = _open(None)
        first, second = self._embedder.embed([text, self._about])
        return float(first @ second)


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") else word


def _open(name: str | None) -> Embedder:
    from ...models.embedders import open_embedder

    return open_embedder(name)
