"""What a command says, and where: results on stdout, everything else on stderr, nothing needless with --quiet."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..contracts import Progress

__all__ = ["Terminal", "align", "paint", "width"]

_GAP = "  "


@dataclass(slots=True)
class Terminal:
    """The person at the other end, and what they asked to see."""

    quiet: bool = False
    as_json: bool = False
    debug: bool = False

    def say(self, text: str) -> None:
        """Tell something that is not the result: on stderr, not with --quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def result(self, text: str) -> None:
        """Print a result for a person, on stdout."""
        click.echo(text)

    def document(self, value: Any) -> None:
        """Print a result for a program: one JSON document on stdout."""
        click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str, allow_nan=False))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Show long work: a bar on a terminal, plain lines elsewhere, nothing with --quiet."""
        from ..contracts import Silent
        from .progress import Bar, Lines

        if self.quiet:
            yield Silent()
            return
        shown = Bar() if sys.stderr.isatty() else Lines()
        try:
            yield shown
        finally:
            shown.close()


def paint(text: str, colour: str) -> str:
    """Return the text in colour; click takes the colour away where no terminal reads it, NO_COLOR everywhere."""
    return text if os.environ.get("NO_COLOR") else click.style(text, fg=colour, bold=True)


def width() -> int:
    """Return how many characters a line on stdout may have: the terminal's, or 100 in a file or pipe."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100


def align(rows: Sequence[Sequence[str]], header: Sequence[str] = (), *, limit: int = 24) -> str:
    """Return rows of cells as aligned columns; a cell is cut at `limit` characters, the last of a row never.

    >>> print(align([["age", "integer"], ["income", "category"]], ["name", "kind"]))
    name    kind
    age     integer
    income  category
    """
    table = [[_cut(cell, limit) for cell in row[:-1]] + [row[-1]] for row in ([header] if header else []) + list(rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]) - 1)] if table else []
    lines = [_GAP.join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]) for row in table]
    return "\n".join(line.rstrip() for line in lines)


def _cut(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
