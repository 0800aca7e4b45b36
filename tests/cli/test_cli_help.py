"""The help of every verb, word for word.

After a change that is meant, `COLUMNS=80 python tests/cli/test_cli_help.py > tests/cli/help.txt`; read the difference.
"""

from pathlib import Path

from simulacra.cli.main import VERBS, run_command

GOLDEN = Path(__file__).with_name("help.txt")


def print_help():
    for words in ([], *([verb] for verb in VERBS)):
        assert run_command([*words, "--help"]) == 0
        print("-" * 80)


def test_the_help_is_what_it_was(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    print_help()
    assert capsys.readouterr().out == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    print_help()
