"""diversity.plan: did every cell of the plan get its share?"""

from __future__ import annotations

from collections import Counter

from ...contracts import Part, Score
from ...registry import register
from ._corpus import Texts
from ._scores import missing

__all__ = ["Plan"]


@register("text_metric")
class Plan:
    """How evenly the cells of the plan (topic x difficulty x ...) are filled.

    diversity.plan : the largest distance of a cell from its share, in texts; lower is better, below 1 as even as can
    be. Parts: the cells furthest from it. Cells that no text has are not known here: a plan lists them itself.
    """

    name = "diversity.plan"
    family = "diversity"

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the score, undefined where there was no plan."""
        if not texts.cells:
            return [missing(self.name, "these texts were not written to a plan", "lower")]
        counts = Counter(texts.cells)
        even = len(texts.cells) / len(counts)
        ranked = sorted(counts.items(), key=lambda item: (-abs(item[1] - even), item[0]))
        value = abs(ranked[0][1] - even)
        return [Score(
            self.name, self.family, value=value, better="lower", n=len(texts.cells),
            reason=f"{len(counts)} cells hold {min(counts.values()):,} to {max(counts.values()):,} texts each",
            parts=tuple(Part(cell, float(count), even) for cell, count in ranked[:10]),
        )]  # fmt: skip
