"""What the compiled kernels cost the first time, and afterwards: CPU seconds of a small fit with an empty cache."""

from __future__ import annotations

import sys
import tempfile

from _cost import run

_FIT = """
import polars as pl, simulacra
frame = pl.DataFrame({'a': [i % 7 for i in range(500)], 'b': [i % 5 / 2 for i in range(500)], 'c': list('xyzzy') * 100})
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
