"""`simulacra sample`: rows from a saved model."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .terminal import Terminal
from .verb import Count, never_over, verb


@verb("sample")
@click.argument("model", type=options.as_paths, metavar="MODEL.SIM")
@click.option("--rows", type=Count(), required=True, help="Rows to make.")
@options.out("FILE", "The rows, as .parquet, .csv or .jsonl.", required=True)
@options.seed
def command(terminal: Terminal, *, model: Path, rows: int, out: Path, seed: int) -> int:
    """Make rows from a model that `fit` wrote.

    \b
    simulacra sample people.sim --rows 1000000 -o big.parquet
    """
    never_over(out, model)
    from .. import api

    with terminal.progress() as progress:
        api.sample_file(model, rows, out, seed=seed, progress=progress)
    if terminal.as_json:
        terminal.document({"data": str(out), "rows": rows, "seed": seed})
    else:
        terminal.result(f"{out}: {rows:,} rows")
    return 0
