"""Sets judged together: all are checked first, and formats that write the same differently fit each other."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from simulacra import api
from simulacra.errors import DataError, SchemaError
from simulacra.run.refusals import align

ROWS = 60


def people(seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    jobs = rng.choice(["cook", "smith", "clerk"], ROWS)
    return pl.DataFrame({"age": rng.integers(18, 80, ROWS), "job": jobs})


class Steps:
    """What was told of the work."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def start(self, stage: str, total: int) -> None:
        del total
        self.told.append(stage)

    def advance(self, steps: int = 1) -> None:
        del steps

    def note(self, text: str) -> None:
        self.told.append(text)


@pytest.mark.parametrize(("text", "error"), [(None, DataError), ("job", SchemaError)])
def test_a_set_that_does_not_fit_is_told_before_any_is_judged(
    tmp_path: Path, text: str | None, error: type[Exception]
) -> None:
    paths, steps = [tmp_path / name for name in ("a.csv", "b.csv")], Steps()
    people(1).write_csv(paths[0])
    people(2).drop("job").write_csv(paths[1])
    with pytest.raises(error, match=r"b\.csv: there is no column 'job'"):
        api.validate_sets(paths, people(0), text=text, progress=steps)
    assert not steps.told
    api.validate_sets(paths[:1], people(0), text=text, progress=steps)
    assert steps.told


def test_sets_are_judged_as_they_are_alone() -> None:
    sets = [people(1), people(2)]
    together = api.validate_sets(sets, people(0), holdout=people(3))
    alone = [api.validate_files(one, people(0), holdout=people(3)) for one in sets]
    assert [one.assessment for one in together] == [one.assessment for one in alone]


@pytest.mark.parametrize("spaced", ["real", "made"])
def test_blanks_that_a_text_file_loses_do_not_count(spaced: str) -> None:
    with_blanks = pl.DataFrame({"job": [" cook", " smith", " clerk "]})
    without = pl.DataFrame({"job": ["clerk", "cook", "smith"]})
    real, made = (with_blanks, without) if spaced == "real" else (without, with_blanks)
    assert set(align(made, real, "made.csv")["job"]) == set(real["job"])


def test_blanks_that_tell_values_apart_stay() -> None:
    both = pl.DataFrame({"job": [" cook", "cook", "smith "]})
    assert align(pl.DataFrame({"job": ["cook", "smith"]}), both, "made.csv")["job"].to_list() == ["cook", "smith "]
    assert align(both, both, "made.parquet").equals(both)


def test_words_of_nothing_are_missing_where_the_real_table_calls_them_so() -> None:
    empty = pl.DataFrame({"job": ["cook", "", "smith"]})
    missing = pl.DataFrame({"job": ["cook", None, "smith"]})
    assert align(empty, missing, "made.parquet").equals(missing)
    assert align(missing, empty, "made.csv").equals(empty)


@pytest.mark.parametrize("name", ["column_1", "", "Unnamed: 0"])
def test_a_column_without_a_name_is_known_wherever_it_stands(name: str) -> None:
    real = pl.DataFrame({"age": [1, 2], "column_2": [7, 8]})
    made = pl.DataFrame({name: [9, 7], "age": [2, 1]})
    assert align(made, real, "made.csv").to_dict(as_series=False) == {"age": [2, 1], "column_2": [9, 7]}
    with pytest.raises(DataError, match="there is no column 'column_2'"):
        align(made.rename({name: "pay"}), real, "made.csv")
