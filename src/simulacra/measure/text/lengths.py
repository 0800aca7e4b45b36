"""fidelity.lengths: are the texts as long as real ones?"""

from __future__ import annotations

import numpy as np

from ...contracts import Part, Score
from ...registry import register
from .._chance import null_distances
from ._corpus import Texts
from ._scores import missing, too_few

__all__ = ["Lengths"]

DRAWS = 500


@register("text_metric")
class Lengths:
    """The number of words of each text, against real ones.

    fidelity.lengths : 1 - Kolmogorov-Smirnov distance, 0..1, higher is better. Floor: as many real texts drawn again.
    Parts: words at the quartiles, real ones as the floor. Does not see: anything but length.
    """

    name = "fidelity.lengths"
    family = "fidelity"

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the score, undefined without real texts."""
        lacking = too_few(texts.synthetic, texts.real)
        if lacking:
            return [missing(self.name, lacking)]
        assert texts.real is not None
        made, real = texts.synthetic.hashes.sizes(), texts.real.hashes.sizes()
        longest = int(max(made.max(), real.max())) + 1
        counts = [np.bincount(sizes, minlength=longest) for sizes in (made, real)]
        distance = float(np.abs(np.cumsum(counts[0]) / len(made) - np.cumsum(counts[1]) / len(real)).max())
        nulls = null_distances(counts[0] + counts[1], (len(made), len(real)), DRAWS, texts.rng("lengths"), ordered=True)
        noise = float(nulls.std())
        quartiles = [
            (share, *(float(np.quantile(sizes, share)) for sizes in (made, real))) for share in (0.25, 0.5, 0.75)
        ]
        return [Score(
            self.name, self.family, value=1 - distance, low=max(0.0, 1 - distance - 1.96 * noise),
            high=min(1.0, 1 - distance + 1.96 * noise), floor=1 - float(nulls.mean()), noise=noise, n=len(made),
            reason=f"half of the texts have at most {quartiles[1][1]:.0f} words, of real ones {quartiles[1][2]:.0f}",
            parts=tuple(Part(f"{share:.0%} have at most", value, floor) for share, value, floor in quartiles),
        )]  # fmt: skip
