"""`simulacra synthesize`: a real table in, a private twin of it out, with a verdict and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .making import make
from .terminal import Terminal
from .verb import never_over, verb


@verb("synthesize")
@click.argument("source", type=options.as_paths, metavar="TABLE")
@options.rows
@options.out("FOLDER", "Folder of the result: data, report, card, recipe, private/.")
@options.learning
@options.conditions
@options.target
@options.holdout
@options.gates
@click.option(
    "--format",
    type=click.Choice(["parquet", "csv", "jsonl"]),
    default="parquet",
    show_default=True,
    help="Of the data file.",
)
@options.seed
@options.running
def command(
    terminal: Terminal, *, source: Path, out: Path | None, workers: int | None, fresh: bool, **choices: Any
) -> int:
    """Make a private twin of a table, with a verdict.

    TABLE is CSV, Parquet, JSONL, or the folder of a Hugging Face dataset.

    \b
    simulacra synthesize people.csv --rows 50000 -o out/
    simulacra synthesize people.csv --preview 5
    simulacra synthesize people.csv --given 'age=30..40' --given city=Bonn -o out/
    """
    never_over(out, source, choices["schema"])
    from .. import api

    showing = {"preview": choices.pop("preview"), "dry_run": choices.pop("dry_run")}
    recipe = api.make_recipe(source, **choices)
    return make(terminal, recipe, out, workers=workers, fresh=fresh, **showing)
