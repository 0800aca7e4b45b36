from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.api.recipes import load_recipe, make_recipe, run_recipe
from simulacra.contracts import Assessment, Finding, Gate, GateResult, Score
from simulacra.data.constraints import parse_constraint, withhold
from simulacra.report.disclosure import K, Redactor, public_share, withhold_rules
from simulacra.report.document import to_document
from simulacra.run.record import RunRecord

REAL = pl.DataFrame(
    {
        "name": ["Ida Nordlicht"] + ["common"] * 99,
        "pay": [987654.5] + [1000.0] * 99,
        "day": ["2001-01-01"] + ["2020-01-01"] * 99,
        "flag": [True] + [False] * 99,
    }
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5000), st.integers(1, 5000))
def test_shares_are_of_rounded_counts(count: int, more: int) -> None:
    share = public_share(count, count + more)
    assert (share is None) == (count < K)
    if share is not None:
        assert abs(share - count / (count + more)) <= 2.5 / (count + more) + 5e-5
        assert public_share(5 * round(count / 5), count + more) == share


def test_rare_values_are_withheld_wherever_they_stand() -> None:
    redact = Redactor(REAL)
    assert redact("Ida Nordlicht") == "[withheld]"
    assert redact("(Ida Nordlicht), 987654.5; 2001-01-01.") == "([withheld]), [withheld]; [withheld]."
    assert redact("987,654.5 or 1000.0 or common") == "[withheld] or 1000.0 or common"


def test_column_names_short_words_and_flags_stay() -> None:
    frame = pl.DataFrame({"town": ["age", "a", "income"], "income": [1.0, 2.0, 3.0]})
    assert Redactor(frame)("income and age at true 3.0") == "income and age at true 3.0"


def test_a_value_that_is_rare_only_in_the_hold_out_is_not_rare() -> None:
    holdout = pl.DataFrame({"name": ["common", "Otto Selten"]})
    redact = Redactor(REAL, holdout, None)
    assert redact("common, Otto Selten") == "common, [withheld]"


def test_shares_bounds_and_odds_are_no_values_of_people() -> None:
    redact = Redactor(pl.DataFrame({"age": [97.25, 10.5] + [40.0] * 50}))
    assert (
        redact("10.5 % of the synthetic rows, 97.25 % of the real")
        == "10.5 % of the synthetic rows, 97.25 % of the real"
    )
    assert redact("the oldest is 97.25, one is 10.5") == "the oldest is [withheld], one is [withheld]"
    counts = redact.counts_too()
    assert counts("At least 5 of 4,000 people") == "At least 5 of 4,000 people"
    assert counts("5 of 10,000 cases; 5 of 4,000 rows") == "5 of 10,000 cases; fewer than 10 of 4,000 rows"


def test_no_table_nothing_withheld() -> None:
    assert Redactor(None)("Ida Nordlicht") == "Ida Nordlicht"


def test_small_counts_of_privacy_are_not_told(record: RunRecord) -> None:
    told = "6 of 16,281 synthetic rows equal a real row; 16 of 100 do not, 0.6 of 10"
    score = Score("privacy.copies", "privacy", value=6 / 16281, n=16281, reason=told, better="lower")
    gate = GateResult(Gate("privacy.copies", "at_most", 0.1), "pass", told)
    families = {"privacy": Finding("pass", told), "diversity": Finding("pass", "3 of 40 levels")}
    document = to_document(replace(record, assessment=Assessment("pass", families, {}, (score,), (gate,))))
    hidden = "fewer than 10 of 16,281 synthetic rows equal a real row; 16 of 100 do not, 0.6 of 10"
    assert document["scores"][0]["reason"] == hidden
    assert document["scores"][0]["value"] == 0.0004
    assert document["gates"][0]["why"] == hidden
    assert document["families"]["privacy"]["why"] == hidden
    assert document["families"]["diversity"]["why"] == "3 of 40 levels"


def test_a_found_rule_that_names_a_rare_level_is_withheld_in_every_public_file_and_found_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    kind = [
        "Neverland" if k % 75 == 7 else level for k, level in enumerate(rng.choice(["red", "green", "blue"], size=600))
    ]
    turn = [None if level == "Neverland" else ("up", "down")[k % 7 % 2] for k, level in enumerate(kind)]
    pl.DataFrame({"kind": kind, "turn": turn, "low": rng.integers(0, 30, size=600)}).write_csv(tmp_path / "t.csv")
    run_recipe(make_recipe(tmp_path / "t.csv", quality="fast", rows=200), tmp_path / "a")
    public = [path for path in (tmp_path / "a").iterdir() if path.is_file() and path.suffix != ".parquet"]
    assert not [path.name for path in public if "Neverland" in path.read_text()]
    assert "withheld:\n    - turn\n    - kind" in (tmp_path / "a" / "recipe.yaml").read_text()
    run_recipe(load_recipe(tmp_path / "a" / "recipe.yaml"), tmp_path / "b")
    for name in ("data.parquet", "recipe.yaml"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_rule_that_was_given_up_names_no_rare_level_either() -> None:
    redact = Redactor(pl.DataFrame({"turn": ["left"] * 30 + ["rare"], "kind": ["a"] * 31}))
    rules = [{"given_up": "kind missing where turn = rare"}, {"given_up": "turn < kind"}]
    shown = yaml.safe_load(withhold_rules(yaml.safe_dump({"constraints": rules}), redact))["constraints"]
    assert shown == [{"given_up": {"withheld": ["kind", "turn"]}}, rules[1]]
    assert parse_constraint(shown[0]) == withhold(parse_constraint(rules[0]))
