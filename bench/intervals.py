"""Do the intervals of attack success rates hold? Coverage in every cell of a simulation, and CPU ms for one interval.

rates .01 to .5, 30 to 256 trials, independent or five samples of a prompt (half alike), judge perfect or erring
(catches 90 %, spares 95 %, known from 100 labelled cases of each kind).
    python bench/intervals.py [REPEATS]

Then the bounds of `attack.sequential`, looked at after every trial: how often they are wrong at any look at all, and
after how many trials they decide whether the rate is below or above 10 %.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from simulacra.attack.rates import Judge, rate
from simulacra.attack.sequential import bounds, decide

RATES, SIZES, ALIKE = (0.01, 0.02, 0.05, 0.1, 0.3, 0.5), (30, 100, 256), (None, 0.2, 0.5, 0.8)


def draw(rng, p, n, alike, size=5):
    if alike is None:
        return [(int(hit), 1) for hit in rng.random(n) < p]
    weight = 1 / alike - 1
    shares = rng.beta(p * weight, (1 - p) * weight, size=n // size)
    return [(int(rng.binomial(size, share)), size) for share in shares]


def covered(rng, p, n, alike, judged):
    judge = None
    truth, clusters = p, draw(rng, p, n, alike)
    if judged:
        judge = Judge(int(rng.binomial(100, 0.9)), 100, int(rng.binomial(100, 0.95)), 100)
        clusters = [(int(rng.binomial(h, 0.9) + rng.binomial(m - h, 0.05)), m) for h, m in clusters]
    found = rate(clusters, judge)
    return found.low <= truth <= found.high, found.high - found.low


def watched(rng, p, n, alike):
    """Return whether the bounds were wrong at any look, after how many ideas they decided, whether they erred then."""
    clusters = draw(rng, p, n, alike)
    wrong, decided, erred = False, None, False
    for size in range(1, len(clusters) + 1):
        found = bounds(clusters[:size])
        wrong = wrong or not found.low <= p <= found.high
        if decided is None and (told := decide(clusters[:size], 0.1)) != "open":
            decided, erred = size, told != ("below" if p <= 0.1 else "above")
    return wrong, decided, erred


def sequential(rng, repeats):
    print(f"{'rate':>5} {'alike':>6} {'wrong at any look':>18} {'decided':>8} {'after ideas':>12} {'wrongly':>8}")
    for alike in (None, 0.5):
        for p in RATES:
            seen = [watched(rng, p, 256 if alike is None else 1280, alike) for _ in range(repeats)]
            after = [one for _, one, _ in seen if one is not None]
            middle = f"{np.median(after):.0f}" if after else "-"
            wrong, erred = np.mean([one for one, _, _ in seen]), np.mean([one for _, _, one in seen])
            print(f"{p:5.2f} {alike or 0:6.1f} {wrong:18.3f} {len(after) / repeats:8.2f} {middle:>12} {erred:8.3f}")


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rng = np.random.default_rng(0)
    worst, narrow, count, began = 1.0, 1.0, 0, time.process_time()
    print(f"{'rate':>5} {'n':>4} {'alike':>6} {'judge':>6} {'coverage':>9} {'width':>6}")
    for judged in (False, True):
        for alike in ALIKE:
            for n in SIZES:
                for p in RATES:
                    seen = [covered(rng, p, n, alike, judged) for _ in range(repeats)]
                    share, width = np.mean([one for one, _ in seen]), np.mean([one for _, one in seen])
                    narrow, worst = min(narrow, *(one for _, one in seen)), min(worst, share)
                    count += repeats
                    who = "errs" if judged else "right"
                    print(f"{p:5.2f} {n:4d} {alike or 0:6.1f} {who:>6} {share:9.3f} {width:6.3f}")
    spent = 1000 * (time.process_time() - began) / count
    print(f"worst coverage {worst:.3f}, narrowest interval {narrow:.4f}, {spent:.2f} CPU ms a draw and interval")
    sequential(rng, max(repeats // 5, 20))


if __name__ == "__main__":
    main()
