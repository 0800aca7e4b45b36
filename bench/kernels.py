"""What the compiled kernels cost the first time, and afterwards: CPU seconds of a small fit with an empty cache."""

from __future__ import annotations

import sys
import tempfile

from _cost import run

_FIT = """
import polars as pl, simulacra
frame = pl.DataFrame({'a': list(range(7)) * 80, 'b': [0.5, 1.5, 2.0, 2.5] * 140, 'c': list('xyzzy') * 112})
simulacra.Synthesizer(quality=%r).fit(frame).sample(500)
"""


def main() -> None:
    print(f"{'quality':<9}{'cold':>8}{'warm':>8}   CPU s, import and a fit of 500 rows included")
    for quality in ("fast", "best"):
        with tempfile.TemporaryDirectory() as cache:
            cold, warm = (run([sys.executable, "-c", _FIT % quality], NUMBA_CACHE_DIR=cache).cpu for _ in range(2))
        print(f"{quality:<9}{cold:8.1f}{warm:8.1f}")


if __name__ == "__main__":
    main()
