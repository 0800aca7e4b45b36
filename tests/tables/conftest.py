"""Small tables of codes with known laws, shared by the tests of the table engine."""

from __future__ import annotations

import numpy as np
import pytest


class Quiet:
    """A Progress that counts its steps."""

    def __init__(self) -> None:
        self.stages: dict[str, list[int]] = {}
        self.stage = ""

    def start(self, stage: str, total: int) -> None:
        self.stage = stage
        self.stages[stage] = [total, 0]

    def advance(self, steps: int = 1) -> None:
        self.stages[self.stage][1] += steps

    def note(self, text: str) -> None:
        raise AssertionError(text)


@pytest.fixture
def progress() -> Quiet:
    return Quiet()


@pytest.fixture
def related():
    return draw_related


def draw_related(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes of four columns: a category, a function of it, an ordered column that leans on it, pure noise."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(6, n, p=[0.3, 0.25, 0.2, 0.15, 0.06, 0.04])
    label = np.array([3, 0, 2, 2, 1, 0])[kind]
    level = np.clip(rng.normal(6 + 4 * kind, 3), 0, 39).astype(int)
    noise = rng.integers(0, 12, n)
    codes = np.stack([kind, label, level, noise], 1).astype(np.uint8)
    return codes, np.array([6, 4, 40, 12], np.int32), np.array([False, False, True, True])
