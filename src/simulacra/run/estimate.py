"""What a run over a table will cost, told before it starts."""

from __future__ import annotations

import math

__all__ = ["estimate_cost", "round_up"]

# CPU seconds a million cells, measured on Adult (32,561 rows of 15 columns) and rounded up; see bench/speed.py.
_LEARNING = {"fast": 4.0, "best": 20.0}
_MAKING = {"fast": 3.0, "best": 5.0}
_JUDGING = 16.0
_STARTING = 6.0
_MEMORY, _MEMORY_STARTING = 45.0, 400.0  # MB
_MILLION = 1_000_000


def estimate_cost(learned: int, made: int, columns: int, quality: str) -> dict[str, float]:
    """Return about how many CPU seconds and MB of memory a run takes, rounded up to one digit.

    learned, made : rows. Not handled: conditions that few rows satisfy, which take many times as long.

    >>> estimate_cost(29_000, 32_561, 15, "fast")
    {'cpu_seconds': 20.0, 'memory_mb': 500.0}
    """
    cells = [learned * columns / _MILLION, made * columns / _MILLION]
    seconds = _STARTING + _LEARNING[quality] * cells[0] + _MAKING[quality] * cells[1] + _JUDGING * min(cells)
    return {
        "cpu_seconds": round_up(seconds),
        "memory_mb": round_up(_MEMORY_STARTING + _MEMORY * sum(cells)),
    }


def round_up(amount: float) -> float:
    """Return a number above zero rounded up to one digit.

    >>> round_up(14.2), round_up(20.0), round_up(451.0)
    (20.0, 20.0, 500.0)
    """
    unit = 10.0 ** math.floor(math.log10(amount))
    return float(math.ceil(amount / unit) * unit)
