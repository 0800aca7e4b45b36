"""What the verbs that run a recipe share: look at it, show a few rows of it, or run it and tell the verdict."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .terminal import Terminal, align
from .verdict import exit_code, tell_verdict

if TYPE_CHECKING:
    import polars as pl

    from ..recipe import Recipe

__all__ = ["make", "show_rows"]

_NO_COST = ("model_calls", "money")  # a table calls no model; the document says so, a person need not read it


def make(
    terminal: Terminal, recipe: Recipe, out: Path | None, *, preview: int | None, dry_run: bool, **running: Any
) -> int:
    """Run a recipe into the folder `out`, or only show what --dry-run or --preview ask for; return the exit code."""
    from .. import api

    if dry_run:
        _show_plan(terminal, api.plan_recipe(recipe))
        return 0
    if preview is not None:
        show_rows(terminal, api.preview_recipe(recipe, preview))
        return 0
    if out is None:
        raise click.UsageError("Say where the result goes: -o FOLDER.", click.get_current_context())
    with terminal.progress() as progress:
        workers = running.pop("workers", None) or 1
        record = api.run_recipe(recipe, out, progress=progress, workers=workers, **running)
    if terminal.as_json:
        terminal.document(json.loads((out / "report.json").read_text(encoding="utf-8")))
    else:
        tell_verdict(terminal, record.assessment, record.notes)
        terminal.result("\n" + align(_places(out, len(record.synthetic)), limit=40))
    return exit_code(record.assessment.verdict)


def _places(out: Path, rows: int) -> list[list[str]]:
    """Return what lies where in a bundle."""
    data = next((path for path in sorted(out.glob("data.*"))), out)
    return [
        ["data", f"{data} ({rows:,} rows)"],
        ["report", f"{out / 'report.html'}"],
        ["private", f"{out / 'private'} (holds real rows: it stays with their owner)"],
    ]


def _show_plan(terminal: Terminal, plan: dict[str, Any]) -> None:
    if terminal.as_json:
        terminal.document(plan)
    else:
        terminal.result(align([_line(key, value) for key, value in plan.items() if key not in _NO_COST], limit=40))


def _line(key: str, value: Any) -> list[str]:
    """Return the name of an entry of a plan and what it says."""
    if key == "cpu_seconds":
        unit, size = ("s", 1) if value < 120 else ("min", 60) if value < 7200 else ("h", 3600)
        return ["time", f"about {math.ceil(value / size):,} {unit} of CPU"]
    if key == "memory_mb":
        return ["memory", f"about {value:,.0f} MB" if value < 1000 else f"about {value / 1000:,.0f} GB"]
    if key == "holdout_rows":
        return ["kept out", f"{value:,} rows, to judge by" if value else "no rows: privacy and utility stay unknown"]
    return [key.replace("_", " "), _words(value)]


def _words(value: Any) -> str:
    """Return a value of a plan as a person writes it."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_words(inner) for inner in value) or "-"
    if value in (None, ""):
        return "-"
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def show_rows(terminal: Terminal, frame: pl.DataFrame) -> None:
    """Print rows: a line a row if the columns are few, else a line a column, which any width can hold."""
    if terminal.as_json:
        terminal.document(json.loads(frame.write_json()))
        return
    cells = [["" if value is None else str(value) for value in row] for row in frame.rows()]
    if frame.width <= 6:
        terminal.result(align(cells, frame.columns))
    else:
        terminal.result(align([list(line) for line in zip(frame.columns, *cells, strict=True)]))
