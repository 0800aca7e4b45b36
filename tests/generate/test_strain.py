"""Rules that only drawing again could keep: found ones that wreck the margins are given up, and it is said."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from simulacra.contracts import Silent
from simulacra.data.constraints import NOTHING, parse_constraint
from simulacra.data.dataset import Dataset
from simulacra.data.infer import infer_schema
from simulacra.data.rules import Rules
from simulacra.generate.kept import Kept
from simulacra.generate.strain import ease
from simulacra.generate.table import TableGenerator
from simulacra.run.source import Prepared, without_dropped
from simulacra.seeds import Seeds


def pairs(rows: int = 600) -> pl.DataFrame:
    """Two unrelated numbers and a category."""
    rng = np.random.default_rng(2)
    one = rng.integers(0, 200, rows)
    return pl.DataFrame({"one": one, "two": (one * 7919) % 1009, "kind": np.where(one < 40, "low", "high")})


def test_a_rule_that_costs_little_is_kept_and_not_told_of() -> None:
    frame = pairs()
    rule = replace(parse_constraint("two != 3 * one + 1"), found=True)
    schema = replace(infer_schema(frame), constraints=(rule,))
    fitted = TableGenerator(quality="fast").fit(Dataset(frame, schema), Seeds(0), Silent())
    assert (fitted.dropped, fitted.kept.told) == ((), ())
    rows = fitted.sample(500, Seeds(1))
    assert (rows["two"] != 3 * rows["one"] + 1).all()


@pytest.mark.parametrize("found", [True, False])
def test_a_rule_that_turns_many_rows_away_is_dropped_if_found_and_told_of_if_written(found: bool) -> None:
    frame = pairs()
    schema = infer_schema(frame)
    none = replace(schema, constraints=(parse_constraint({"found": "none"}),))
    table = TableGenerator(quality="fast").fit(Dataset(frame, none), Seeds(0), Silent())
    rule = replace(parse_constraint("two < 2 * one"), found=found)
    ruled = replace(schema, constraints=(rule,))
    kept = Kept(replace(table.kept.rewriting, schema=ruled), Rules(ruled, (rule,), (None,)))
    eased = ease(replace(table, kept=kept), frame, Seeds(0))
    assert eased.dropped == ((str(rule),) if found else ())
    assert eased.rules.constraints == (() if found else (rule,))
    assert eased.schema.constraints == ((NOTHING,) if found else (rule,))
    (told,) = eased.told
    assert ("Not kept" in told) == found
    assert "of the rows made break two < 2 * one" in told
    assert told in eased.notes
    assert Kept.from_state(eased.to_state()).told == eased.told
    fitted = replace(table, kept=eased)
    prepared = Prepared(Dataset(frame, ruled), None, (), "", frame.height)
    assert without_dropped(prepared, fitted.dropped).train.schema.constraints == eased.schema.constraints
