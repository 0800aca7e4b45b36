"""diversity.topics and fidelity.topics: are the subjects of the real texts there, and in their shares?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...contracts import Part, Score
from ...registry import register
from .._chance import null_distances
from ._corpus import FEWEST, Texts
from ._scores import missing, too_few
from ._vectors import cluster

__all__ = ["Topics"]

MOST_TOPICS = 40
TEXTS_PER_TOPIC = 15
DRAWS = 500


@register("text_metric")
class Topics:
    """Subjects, as clusters of the real texts' vectors.

    diversity.topics : share of the real texts whose topic is among the synthetic ones, 0..1, higher is better. Floor:
        what as many real texts drawn again would reach.
    fidelity.topics : 1 - total variation between the shares of topics, 0..1, higher is better. Floor: as many real
        texts drawn again. Parts: the topics whose shares differ most, by a number.
    Does not see: what is said within a topic. At most 4,000 texts a side, 40 topics.
    """

    name = "fidelity.topics"
    family = "fidelity"
    scores = ("fidelity.topics", "diversity.topics")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores, undefined without real texts."""
        lacking = too_few(texts.synthetic, texts.real)
        if lacking:
            return [missing(name, lacking) for name in self.scores]
        vectors = {side: found for side, (_, found) in texts.vectors.items()}
        count = int(np.clip(len(vectors["real"]) // TEXTS_PER_TOPIC, 2, MOST_TOPICS))
        centres = cluster(vectors["real"], count, texts.seeds.child("topics").integer())
        made, real = (_counts(vectors[side], centres) for side in ("synthetic", "real"))
        # Centres were fitted to the real texts, so others fit them a little worse: unseen real texts are the fair pool.
        unseen = _counts(vectors["holdout"], centres) if len(vectors.get("holdout", ())) >= FEWEST else real
        return [_shares(made, unseen, (texts.rng("topics"), len(vectors["synthetic"]))), _coverage(made, real, texts)]


def _counts(vectors: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    distance = np.square(centres).sum(axis=1)[None] - 2 * vectors @ centres.T
    return np.bincount(distance.argmin(axis=1), minlength=len(centres))


def _shares(made: NDArray[np.int64], real: NDArray[np.int64], chance: tuple[np.random.Generator, int]) -> Score:
    rng, size = chance
    gap = made / made.sum() - real / real.sum()
    nulls = null_distances(made + real, (int(made.sum()), int(real.sum())), DRAWS, rng, ordered=False)
    value, noise = 1 - float(np.abs(gap).sum() / 2), float(nulls.std())
    order = np.argsort(-np.abs(gap))[:5]
    return Score(
        "fidelity.topics", "fidelity", value=value, low=max(0.0, value - 1.96 * noise),
        high=min(1.0, value + 1.96 * noise),
        floor=1 - float(nulls.mean()), noise=noise, n=size,
        reason=f"{100 * (1 - value):.0f} of 100 texts would have to change their topic to match the real shares",
        parts=tuple(Part(f"topic {place + 1}", float(made[place] / made.sum()), float(real[place] / real.sum()))
                    for place in order.tolist()),
    )  # fmt: skip


def _coverage(made: NDArray[np.int64], real: NDArray[np.int64], texts: Texts) -> Score:
    share = real / real.sum()
    draws = texts.rng("topics", "coverage").multinomial(int(made.sum()), share, size=DRAWS) > 0
    reached = draws @ share
    value = float(share[made > 0].sum())
    absent = np.flatnonzero(made == 0)
    return Score(
        "diversity.topics", "diversity", value=value, floor=float(reached.mean()),
        noise=max(float(reached.std()), 1e-3),
        n=int(made.sum()),
        reason=f"{len(share) - len(absent)} of {len(share)} topics of the real texts are there ({value:.0%} of them)",
        parts=tuple(Part(f"topic {place + 1}", 0.0, float(share[place])) for place in absent[:10].tolist()),
    )  # fmt: skip
