"""`simulacra sample`: rows from a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .terminal import Terminal
from .verb import Count, never_over, verb


@verb("sample")
@click.argument("model", type=options.as_paths, metavar="MODEL.SIM")
@click.option("--rows", type=Count(), help="Rows to make.")
@options.conditions
@click.option(
    "--complete",
    "partial",
    type=options.as_paths,
    metavar="FILE",
    help="Partly known rows to fill in, in place of --rows.",
)
@options.out("FILE", "The rows, as .parquet, .csv or .jsonl.", required=True)
@options.seed
def command(
    terminal: Terminal, *, model: Path, rows: int | None, partial: Path | None, out: Path, seed: int, **under: Any
) -> int:
    """Make rows from a model that `fit` wrote, or fill in the rest of rows that are partly known.

    \b
    simulacra sample people.sim --rows 1000000 -o big.parquet
    simulacra sample people.sim --rows 500 --given 'age=30..40' -o thirties.csv
    simulacra sample people.sim --complete partial.csv -o full.parquet

    With --complete the exit code is 1 if rows contradict the table's rules: they are written as they came.
    """
    never_over(out, model, partial)
    if (rows is None) == (partial is None) or (partial is not None and any(under.values())):
        seen = "Give --rows N (with --given or --balance), or --complete FILE."
        raise click.UsageError(seen, click.get_current_context())
    from .. import api

    if partial is not None:
        return _complete(terminal, model, partial, out, seed)
    with terminal.progress() as progress:
        made = api.sample_file(model, rows or 0, out, seed=seed, progress=progress, **under)
    if terminal.as_json:
        terminal.document({"data": str(out), "rows": made.height, "seed": seed})
    else:
        terminal.result(f"{out}: {made.height:,} rows")
    return 0


def _complete(terminal: Terminal, model: Path, partial: Path, out: Path, seed: int) -> int:
    """Fill in the rows of a file; the exit code is 1 if some could not be filled in."""
    from .. import api

    made = api.complete_file(model, partial, out, seed=seed)
    if terminal.as_json:
        left = [{"row": row + 1, "reason": reason} for row, reason in sorted(made.left.items())]
        terminal.document({"data": str(out), "rows": made.rows.height, "seed": seed, "not_completed": left})
    else:
        terminal.result(f"{out}: {made.rows.height:,} rows")
        if made.left:
            terminal.result(f"{made.sentence()}. They stand in the file as they came; --json names them all.")
    return 1 if made.left else 0
