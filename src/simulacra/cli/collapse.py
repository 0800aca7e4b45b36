"""`simulacra collapse`: what becomes of a table when generation after generation learns from what was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .terminal import Terminal, align
from .verb import Count, verb


@verb("collapse")
@click.argument("source", type=options.as_paths, metavar="TABLE")
@click.option("--generations", type=Count(), default=10, show_default=True, help="Generations to make.")
@click.option(
    "--regime",
    type=click.Choice(["replace", "accumulate", "mixed"]),
    default="replace",
    show_default=True,
    help="What each learns from: the one before, all so far with the real rows, or a mix.",
)
@click.option(
    "--real-share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.5,
    show_default=True,
    help="Share of real rows in each mix; with --regime mixed.",
)
@click.option("--rows", type=Count(), help="Rows of a generation. [default: the real rows not kept aside]")
@click.option("--text", metavar="COLUMN", help="Learn the texts of this column, by --method ngram or a language model.")
@click.option(
    "--method", default="table", metavar="NAME",
    help="See `simulacra list generators`; of texts: ngram, or a model's name. [default: table; ngram]",
)  # fmt: skip
@click.option(
    "--quality", type=click.Choice(["fast", "best"]), default="fast", show_default=True, help="Of the method."
)
@options.target
@options.seed
@click.option("--fresh", is_flag=True, help="Throw away what another run left in the output folder.")
@options.out("FOLDER", "Folder of the report, and of private/, from which the same command goes on.")
def command(terminal: Terminal, *, source: Path, out: Path | None, fresh: bool, **choices: Any) -> int:
    """Watch generations of made data for model collapse.

    Half of the real rows are kept aside; every generation is measured against them. Exit code 1: collapse alarm.

    \b
    simulacra collapse people.csv --generations 10 --regime replace -o out/
    simulacra collapse people.csv --regime mixed --real-share 0.3 -o mixed/
    simulacra collapse texts.csv --text body --generations 6
    """
    from .. import api
    from ..report.collapse import collapse_document, explain_collapse, table_rows

    with terminal.progress() as progress:
        record = api.collapse(source, out=out, fresh=fresh, progress=progress, **choices)
    if terminal.as_json:
        terminal.document(collapse_document(record))
    else:
        header, lines = table_rows(record)
        terminal.result(align(lines, header))
        terminal.result("\n" + "\n".join(explain_collapse(record)))
        if out is not None:
            terminal.result(f"report  {out / 'report.html'}")
    return 1 if record.alarm is not None else 0
