"""diversity.compression: how far texts can be compressed, which repeated phrases allow."""

from __future__ import annotations

import zlib

from ...contracts import Score
from ...registry import register
from ...text.tokens import normalise
from ._corpus import Corpus, Rows, Texts, compare_samples
from ._scores import sampled

__all__ = ["Compression"]


@register("text_metric")
class Compression:
    """Bytes after compression by bytes before, at equal numbers of words; higher means less repeated.

    diversity.compression : 0..1. Floor: real texts. Sees: phrases and templates repeated anywhere within 32 KB. Does
    not see: the same thing said in other words. At most 5,000 words a draw.
    Source: Shaib et al. 2024, Standardizing the measurement of text diversity.
    """

    name = "diversity.compression"
    family = "diversity"

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the score; without real texts it has no floor."""
        found = compare_samples(texts, _ratio, "compression", most=5000, draws=16)
        return [sampled(self.name, found, "compressed, the texts take {value} of their size")]


def _ratio(corpus: Corpus, rows: Rows) -> float:
    plain = "\n".join(normalise(corpus.texts[place]) for place in rows.tolist()).encode("utf-8", "surrogatepass")
    return len(zlib.compress(plain, 9)) / max(len(plain), 1)
