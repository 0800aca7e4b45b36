"""What decides the rows of a run, and what may be told of the real ones."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from simulacra import api
from simulacra.contracts import Silent
from simulacra.data.dataset import Dataset
from simulacra.data.infer import infer_schema
from simulacra.run import runner
from simulacra.run.runner import complete_recipe, fingerprint
from simulacra.run.source import Prepared, prepare
from simulacra.seeds import Seeds


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    pl.DataFrame({"age": [20 + i % 40 for i in range(300)], "town": ["Aachen", "Bonn", "Celle"] * 100}).write_csv(path)
    return path


def _fingerprint(path: Path, **options: object) -> str:
    recipe = api.make_recipe(path, **options)  # type: ignore[arg-type]
    prepared = prepare(recipe)
    return fingerprint(complete_recipe(recipe, prepared), prepared.digest)


def test_what_decides_the_rows_is_in_the_fingerprint_and_nothing_else(table: Path) -> None:
    base = _fingerprint(table)
    same = [{"rows": 10}, {"target": "town"}, {"format": "csv"}, {"gates": ["privacy.copies <= 0.5"]}]
    other = [{"seed": 1}, {"quality": "fast"}, {"holdout": 0.2}, {"holdout": 0}]
    assert {_fingerprint(table, **options) for options in same} == {base}
    assert len({base, *(_fingerprint(table, **options) for options in other)}) == 1 + len(other)


def test_the_fingerprint_follows_the_content_of_the_files_not_their_place(table: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    unseen = pl.DataFrame({"age": [90 + i % 9 for i in range(50)], "town": ["Bonn"] * 50})
    for folder in (tmp_path, moved):
        unseen.write_csv(folder / "unseen.csv")
    (moved / "people.csv").write_bytes(table.read_bytes())
    here = _fingerprint(table, holdout=str(tmp_path / "unseen.csv"))
    assert _fingerprint(moved / "people.csv", holdout=str(moved / "unseen.csv")) == here
    unseen.head(40).write_csv(moved / "unseen.csv")
    assert _fingerprint(moved / "people.csv", holdout=str(moved / "unseen.csv")) != here


def test_the_rows_of_a_holdout_file_are_not_among_those_to_make(table: Path, tmp_path: Path) -> None:
    pl.DataFrame({"age": [90 + i % 9 for i in range(50)], "town": ["Bonn"] * 50}).write_csv(tmp_path / "unseen.csv")
    recipe = api.make_recipe(table, holdout=str(tmp_path / "unseen.csv"))
    assert complete_recipe(recipe, prepare(recipe)).rows == 300
    assert api.plan_recipe(recipe)["rows"] == 300
    assert complete_recipe(api.make_recipe(table), prepare(api.make_recipe(table))).rows == 300


def test_a_completed_recipe_tells_no_digest_of_the_source(table: Path) -> None:
    recipe = api.make_recipe(table)
    prepared = prepare(recipe)
    text = complete_recipe(recipe, prepared).to_yaml()
    assert prepared.digest not in text
    assert prepared.digest[:12] not in text


class _Parrot:
    """Gives the rows it learned from, or new ones: what a generator must not and must do."""

    def __init__(self, frame: pl.DataFrame, *, parrots: bool) -> None:
        self.frame, self.parrots = frame, parrots

    def sample(self, rows: int, seeds: Seeds, *, first_row: int = 0) -> pl.DataFrame:
        del first_row
        rng = seeds.rng()
        if self.parrots:
            return self.frame[rng.integers(0, self.frame.height, rows)]
        return _numbers(rng, rows)

    def to_bytes(self) -> bytes:
        return b"parrot" if self.parrots else b"forgot"


def _numbers(rng: np.random.Generator, rows: int) -> pl.DataFrame:
    return pl.DataFrame({name: rng.normal(size=rows).round(4) for name in "abcd"})


def test_a_generator_that_remembers_is_made_to_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    train, kept = _numbers(rng, 900), _numbers(rng, 300)
    schema = infer_schema(train)
    prepared = Prepared(Dataset(train, schema), kept, (), "digest", 900)

    class Generator:
        def __init__(self, smoothing: float) -> None:
            self.smoothing = smoothing

        def fit(self, data: Dataset, seeds: Seeds, progress: object) -> _Parrot:
            del seeds, progress
            return _Parrot(data.frame, parrots=self.smoothing < 3)

    monkeypatch.setattr(runner, "make_generator", lambda _, smoothing: Generator(smoothing))
    assert runner._fit_without_memory(None, prepared, Seeds(0), Silent()) == (b"forgot", 3.0)  # type: ignore[arg-type]
    nothing_kept = Prepared(Dataset(train, schema), None, (), "digest", 900)
    assert runner._fit_without_memory(None, nothing_kept, Seeds(0), Silent()) == (b"parrot", 1.0)  # type: ignore[arg-type]


def test_a_found_rule_that_only_rejects_would_keep_is_given_up_in_the_whole_run_and_told_of(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    whole = rng.integers(0, 20_000, 600)
    frame = pl.DataFrame({"whole": whole, "exact": np.round(whole + 3 * rng.random(600), 2)})
    frame.write_csv(tmp_path / "table.csv")
    recipe = api.make_recipe(tmp_path / "table.csv", quality="fast")
    assert "whole <= exact" in map(str, prepare(recipe).train.schema.constraints)
    record = api.run_recipe(recipe, tmp_path / "out")
    made = record.synthetic.frame
    assert 0.3 < (made["whole"] > made["exact"]).mean() < 0.7  # type: ignore[operator]
    assert record.rejects.height == 0
    assert [note for note in record.notes if note.startswith("Not kept: ") and "whole <= exact" in note]
    assert not [note for note in record.notes if note.startswith("Kept in every row")]
    (score,) = (score for score in record.assessment.scores if score.name == "validity.constraints")
    assert (score.value, score.reason[:7]) == (1.0, "no rule"), "judged by a rule that was given up"
    written = api.load_recipe(tmp_path / "out/recipe.yaml")
    assert {"given_up": "whole <= exact"} in written.constraints
    assert not [rule for rule in written.constraints if isinstance(rule, dict) and "found" in rule]
    for one, folder in ((recipe, "out"), (written, "out"), (written, "elsewhere")):
        again = api.run_recipe(one, tmp_path / folder)
        assert again.synthetic.frame.equals(made)
        assert again.notes == record.notes
        assert (tmp_path / folder / "data.parquet").read_bytes() == (tmp_path / "out/data.parquet").read_bytes()
        told = yaml.safe_load((tmp_path / folder / "recipe.yaml").read_text())
        assert told["constraints"] == written.constraints
