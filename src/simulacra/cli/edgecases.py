"""`simulacra edgecases`: records that break a function or a model over records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .terminal import Terminal, align
from .verb import Count, verb


@verb("edgecases")
@click.argument("target", metavar="MODULE:FUNCTION")
@click.option(
    "--schema", type=options.as_paths, metavar="FILE", help="JSON Schema of one record, with constraints and expect."
)
@click.option("--data", type=options.as_paths, metavar="TABLE", help="Rows like those that the target will meet.")
@click.option(
    "--style",
    type=click.Choice(["record", "arguments", "polars", "pandas"]),
    help="How the target is called. [default: from its signature]",
)
@click.option("--records", type=Count(), default=2_000, show_default=True, help="Records to make, at most.")
@click.option("--calls", type=Count(), default=10_000, show_default=True, help="Calls of the target, at most.")
@options.seed
@click.option("--fresh", is_flag=True, help="Throw away what another run left in the output folder.")
@options.out("FOLDER", "Folder of the report, the records tried and the tests.")
def command(terminal: Terminal, *, target: str, out: Path | None, **choices: Any) -> int:
    """Look for records that break a function or model.

    The target runs in this process. Exit code 1: weaknesses were found.

    \b
    simulacra edgecases scoring:decide --schema record.yaml -o findings/
    simulacra edgecases model.py:predict --data people.csv --style pandas -o findings/
    """
    from .. import api
    from ..report.edgecases import edgecases_document, explain_edgecases, finding_rows

    record = api.edgecases(target, out=out, **choices)
    if terminal.as_json:
        terminal.document(edgecases_document(record))
    else:
        header, lines = finding_rows(record)
        if lines:
            terminal.result(align(lines, header) + "\n")
        terminal.result("\n".join(explain_edgecases(record)))
        if out is not None:
            terminal.result(f"report  {out / 'report.html'}")
    return 1 if record.verdict == "fail" else 0
