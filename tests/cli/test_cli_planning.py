"""A dry run asks nobody, though a model would draw up the plan of the run."""

from __future__ import annotations

from simulacra.cli.main import run_command
from simulacra.testing.server import FakeServer


def test_a_dry_run_asks_nobody(capsys):
    with FakeServer() as server:
        given = ["instruct", "Generate 12 questions about trains.", "--model", f"{server.url()}#m", "--dry-run"]
        assert run_command(given) == 0
        asked = server.ledger()["paid"]
    told = capsys.readouterr()
    assert not asked
    assert "in a run" in told.err
    assert "draws them up" in told.err
