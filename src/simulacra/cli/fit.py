"""`simulacra fit`: learn a table once, keep the model, sample anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .terminal import Terminal
from .verb import never_over, verb


@verb("fit")
@click.argument("source", type=options.as_paths, metavar="TABLE")
@options.out("MODEL.SIM", "The model file; it holds no real row.", required=True)
@options.learning
@options.seed
def command(terminal: Terminal, *, source: Path, out: Path, **choices: Any) -> int:
    """Learn a table once, and write a model of it.

    \b
    simulacra fit people.csv -o people.sim
    simulacra sample people.sim --rows 1000000 -o big.parquet
    """
    never_over(out, source, choices["schema"])
    from .. import api

    with terminal.progress() as progress:
        schema = api.fit_file(source, out, progress=progress, **choices)
    if terminal.as_json:
        terminal.document({"model": str(out), "bytes": out.stat().st_size, "columns": schema.names})
    else:
        terminal.result(f"{out}: a model of {len(schema)} columns, {out.stat().st_size / 1e6:.2f} MB")
        terminal.say("It was not judged: `simulacra validate` on rows sampled from it gives a verdict.")
    return 0
