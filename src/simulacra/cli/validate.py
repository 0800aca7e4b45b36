"""`simulacra validate`: judge synthetic rows against real ones, whoever made them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .terminal import Terminal
from .verb import never_over, verb
from .verdict import exit_code, tell_verdict


@verb("validate")
@click.argument("synthetic", type=options.as_paths, metavar="SYNTHETIC")
@click.option(
    "--real", type=options.as_paths, required=True, metavar="FILE", help="The rows the generator learned from."
)
@click.option(
    "--holdout", type=options.as_paths, metavar="FILE", help="Real rows it never saw; without: privacy unknown."
)
@options.target
@options.gates
@options.out("REPORT.HTML", "Write the report as a page as well.")
@options.seed
def command(
    terminal: Terminal, *, synthetic: Path, real: Path, out: Path | None, gates: tuple[str, ...], **choices: Any
) -> int:
    """Judge synthetic rows against real ones.

    \b
    simulacra validate synthetic.csv --real real.csv --holdout unseen.csv -o report.html
    """
    never_over(out, synthetic, real, choices["holdout"])
    from .. import api

    with terminal.progress() as progress:
        record = api.validate_files(synthetic, real, gates=gates or None, progress=progress, **choices)
    if out is not None:
        from ..data.files import write_atomic
        from ..report.page import render_page

        write_atomic(out, render_page(record).encode())
    if terminal.as_json:
        from ..report.document import to_document

        terminal.document(to_document(record))
    else:
        tell_verdict(terminal, record.assessment, record.notes)
        if out is not None:
            terminal.result(f"report  {out}")
    return exit_code(record.assessment.verdict)
