"""`simulacra export`: rows in the formats that trainers read, each read back before it is called done."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .terminal import Terminal
from .verb import never_over, verb

_FORMATS = ("sft", "openai", "alpaca", "sharegpt", "dpo", "kto", "hub")


@verb("export")
@click.argument("source", type=options.as_paths, metavar="FOLDER|FILE")
@click.option("--to", type=click.Choice(_FORMATS), required=True, help="The format.")
@options.out("FILE|FOLDER", "A .jsonl file; for hub a folder.", required=True)
@click.option("--ask", default="", metavar="COLUMN", help="What is asked. [default: by its usual names]")
@click.option("--say", default="", metavar="COLUMN", help="What is answered. [default: by its usual names]")
@click.option("--system", default="", metavar="TEXT", help="A system prompt for every conversation.")
def command(terminal: Terminal, *, source: Path, to: str, out: Path, ask: str, say: str, system: str) -> int:
    """Write rows as training data.

    \b
    simulacra export out/ --to sft -o train.jsonl
    simulacra export pairs/ --to dpo -o pairs.jsonl
    simulacra export out/ --to hub -o dataset/
    """
    never_over(out, source)
    from .. import api

    made = api.export(source, out, to=to, ask=ask, say=say, system=system)
    if terminal.as_json:
        terminal.document({"path": str(made.path), "records": made.records, "left_out": made.left_out})
        return 0
    left = f"; {made.left_out:,} rows had nothing for this format" if made.left_out else ""
    terminal.result(f"{made.records:,} records in {made.path}, read back and found valid{left}")
    return 0
