"""What README and docs tell people to type exists: verbs, options, make targets."""

import re
import shlex
from pathlib import Path

import click
import pytest

from simulacra.cli.main import root

HOME = Path(__file__).parents[2]
PAGES = [HOME / "README.md", *sorted((HOME / "docs").glob("*.md"))]


def commands(text: str) -> list[str]:
    """Return the command lines in a page's code: fenced blocks and `inline`, that start with simulacra or make."""
    blocks = "\n".join(re.findall(r"```(?:\w*)\n(.*?)```", text, flags=re.S)).replace("\\\n", " ")
    lines = re.findall(r"^(?:\$ )?((?:simulacra|make) .*)$", blocks, flags=re.M)
    return lines + re.findall(r"`((?:simulacra|make) [^`]+)`", text)


def unknown_words(line: str) -> list[str]:
    """Return the words of a command line that no verb, option or make target has."""
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        targets = re.findall(r"^(\w+):", (HOME / "Makefile").read_text(), flags=re.M)
        return [word for word in words[1:] if "=" not in word and word not in targets]
    context = click.Context(root, **root.context_settings)  # a verb keeps the help option that it is asked for first
    command = root.get_command(context, words[1]) if not words[1].startswith("-") else root
    if command is None:
        return [words[1]]
    words = words[1:]
    while isinstance(command, click.Group) and len(words) > 1:  # `simulacra models install`
        words = words[1:]
        inner = command.get_command(context, words[0])
        if inner is None:
            return [words[0]]
        command = inner
    known = {name for parameter in command.get_params(context) for name in (*parameter.opts, *parameter.secondary_opts)}
    return [word for word in words[1:] if re.match(r"--?[a-z]", word) and word.split("=")[0] not in known]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_the_page_exists(page):
    lines = commands(page.read_text(encoding="utf-8"))
    assert {line: unknown for line in lines if (unknown := unknown_words(line))} == {}


def test_a_command_that_is_not_there_is_seen():
    page = "```\nsimulacra synthesise a.csv\nsimulacra fit a.csv --row 3\n```\n and `make tea`, `simulacra list`"
    assert [unknown_words(line) for line in commands(page)] == [["synthesise"], ["--row"], ["tea"], []]
