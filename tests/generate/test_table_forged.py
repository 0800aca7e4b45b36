"""A model file that was packed again with a changed part: told, never an IndexError while rows are made."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from simulacra import Synthesizer
from simulacra.data.archive import pack, unpack
from simulacra.errors import ModelFileError
from simulacra.generate.table import TableGenerator
from simulacra.seeds import Seeds

ROWS = 300


@pytest.fixture(scope="module")
def content() -> bytes:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "x": rng.normal(size=ROWS),
            "c": rng.choice(list("abc"), ROWS),
            "many": [f"L{k:03d}" for k in range(ROWS)],
            "k": ["one", None] * (ROWS // 2),
        }
    )
    return Synthesizer(quality="fast").fit(pl.concat([frame] * 5))._model().to_bytes()


def forged(content: bytes, column: int, change: Any) -> bytes:
    state = unpack(content, "table", 3)
    change(state["codec"]["columns"][column])
    return pack("table", 3, state)


def swap(column: dict[str, Any]) -> None:
    column["family"], column["codes"] = "constant", {"value": None, "missing": False, "notes": []}


def flip(column: dict[str, Any]) -> None:
    column["codes"]["missing"] = not column["codes"]["missing"]


def second(column: dict[str, Any]) -> None:
    column["codes"]["second"][-1] += 1


@pytest.mark.parametrize(
    ("column", "change", "told"),
    [
        (0, flip, "The parts of the model do not fit each other"),
        (0, swap, "The parts of the model do not fit each other"),
        (1, flip, "The parts of the model do not fit each other"),
        (2, flip, "The parts of the model do not fit each other"),
        (2, second, "'first' does not number the levels"),
        (3, flip, "The parts of the model do not fit each other"),
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(content: bytes, column: int, change: Any, told: str) -> None:
    assert TableGenerator().load(content).sample(50, Seeds(0)).height == 50
    with pytest.raises(ModelFileError, match=told):
        TableGenerator().load(forged(content, column, change))
