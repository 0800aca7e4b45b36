"""Money is told by the prices that a person gave, or by list prices that are called so."""

import json

from simulacra.cli.main import run_command

ASKED = ["instruct", "Generate 5 questions about cats with their answers.", "--rows", "5", "--dry-run", "--json"]


def plan(capsys, *options):
    assert run_command([*ASKED, *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_plan_says_whose_prices_it_tells(tmp_path, capsys):
    own = tmp_path / "prices.yaml"
    own.write_text("openai:gpt-5-mini: {read: 250, written: 2000}\n")
    listed = plan(capsys, "--model", "openai:gpt-5-mini")
    assert "typed in by hand: check them, or give yours with --prices FILE" in listed["prices"]
    mine = plan(capsys, "--model", "openai:gpt-5-mini", "--prices", str(own))
    assert mine["dollars"] > 900 * listed["dollars"] > 0
    assert "prices" not in mine
    assert "prices" not in plan(capsys, "--model", "echo")


def test_prices_that_are_none_are_refused(tmp_path, capsys):
    (tmp_path / "prices.yaml").write_text("openai:gpt-5-mini: 3\n")
    assert run_command([*ASKED, "--model", "openai:gpt-5-mini", "--prices", str(tmp_path / "prices.yaml")]) == 2
    assert "the price of 'openai:gpt-5-mini' is not one" in capsys.readouterr().err
