"""The verdict as a person reads it: first the word, then each family with its reason, then what must not be missed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .terminal import Terminal, paint, width

if TYPE_CHECKING:
    from ..contracts import Assessment, Finding

__all__ = ["exit_code", "tell_verdict"]

_CODES = {"pass": 0, "warn": 0, "fail": 1, "unknown": 4}
_COLOURS = {"pass": "green", "warn": "yellow", "fail": "red", "unknown": "magenta"}


def exit_code(verdict: str) -> int:
    """Return the exit code of a verdict: 0 pass or warn, 1 fail, 4 unknown."""
    return _CODES[verdict]


def tell_verdict(terminal: Terminal, assessment: Assessment, notes: Iterable[str] = ()) -> None:
    """Print an assessment: the verdict, the families, the risks that are not a pass, and, unless --quiet, the notes.

    Families stand in their order, but a privacy that failed stands first.
    """
    lines = [f"verdict: {_word(assessment.verdict)}", ""]
    families = sorted(assessment.families.items(), key=lambda item: item[0] != "privacy" or item[1].verdict != "fail")
    lines += [_line(name, finding) for name, finding in families]
    lines += [_line(f"{name} risk", finding) for name, finding in assessment.risks.items() if finding.verdict != "pass"]
    if not terminal.quiet:
        lines += ["", *(textwrap.fill(f"note: {note}", width(), subsequent_indent="      ") for note in notes)]
    terminal.result("\n".join(lines).rstrip())


def _word(verdict: str) -> str:
    return paint(verdict, _COLOURS[verdict])


def _line(name: str, finding: Finding) -> str:
    # Padded before it is painted: colour codes have a length, and none on the screen.
    start = f"  {name:<16} {finding.verdict:<8} "
    text = textwrap.fill(finding.why or "-", max(40, width()), initial_indent=start, subsequent_indent=" " * len(start))
    return text.replace(f" {finding.verdict} ", f" {_word(finding.verdict)} ", 1)
