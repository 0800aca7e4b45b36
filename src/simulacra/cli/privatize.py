"""`simulacra privatize`: the same texts about other people, with a verdict on what they still show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .terminal import Terminal, align
from .verb import Count, never_over, verb
from .verdict import exit_code, tell_verdict
from .writing import show_plan, show_rows

if TYPE_CHECKING:
    from ..run.private.order import Privatized

__all__ = ["command", "run_private"]


@verb("privatize")
@click.argument("source", type=options.as_paths, metavar="TABLE")
@click.option("--text", metavar="COLUMN", required=True, help="The column of texts.")
@click.option("--label", metavar="COLUMN", help="A column of classes: passed on, and used to measure utility.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="Another column to pass on; repeatable. No other is.")
@click.option("--protect", multiple=True, metavar="PATTERN", help="A regular expression of what stays; repeatable.")
@click.option("--replace", multiple=True, metavar="PATTERN", help="One of what is an identifier too; repeatable.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Replace this kind of value only; repeatable.")
@click.option("--together/--apart", default=True, help="The same surrogates in all texts, or each text its own.")
@click.option("--holdout", type=options.as_paths, metavar="FILE", help="Real texts not among these, for the audit.")
@click.option(
    "--key", type=options.as_paths, metavar="FILE", help="The secret; one file for several tables. [default: own]"
)
@click.option("--twin", metavar="MODEL", help="Have a model write new texts from attributes, in place of surrogates.")
@click.option("--rows", type=Count(), help="With --twin: texts to write. [default: as many as are described]")
@click.option("--setting", default="", metavar="LINE", help="With --twin: what the texts are, for the model.")
@options.gates
@click.option(
    "--format", type=click.Choice(["csv", "jsonl", "parquet"]), default="csv", show_default=True, help="Of the data."
)
@click.option("--fresh", is_flag=True, help="Throw away what another run left in the output folder.")
@options.out("FOLDER", "Folder of the result: data, report, card, private/.", required=True)
@options.seed
def command(
    terminal: Terminal, *, source: Path, out: Path, holdout: Path | None, key: Path | None, **choices: Any
) -> int:
    """Replace persons, places, numbers and identifiers in texts, and audit what is left.

    \b
    simulacra privatize tickets.csv --text body --label queue -o out/
    simulacra privatize notes.jsonl --text note --keep ward --protect 'Ward \\d' --key notes.key -o out/
    simulacra privatize tickets.csv --text body --label queue --twin openai:gpt-5-mini -o twins/
    """
    never_over(out, source, holdout, key)
    from .. import api

    with terminal.progress() as progress:
        result = api.privatize(source, out=out, holdout=holdout, key=key, progress=progress, **choices)
    return _tell(terminal, result, out)


def run_private(
    terminal: Terminal,
    recipe: Any,
    out: Path | None,
    *,
    preview: int | None = None,
    dry_run: bool = False,
    fresh: bool = False,
) -> int:
    """Run a recipe of texts made private into the folder `out`, or only show what --dry-run or --preview ask for."""
    from .. import api

    if dry_run:
        show_plan(terminal, api.plan_private(recipe))
        return 0
    if preview is not None:
        with terminal.progress() as progress:
            rows = api.preview_private(recipe, preview, progress=progress)
        show_rows(terminal, rows)
        return 0
    if out is None:
        raise click.UsageError("Say where the result goes: -o FOLDER.", click.get_current_context())
    never_over(out, *(Path(path) for path in (recipe.source, recipe.holdout, recipe.key) if path))
    with terminal.progress() as progress:
        result = api.run_private(recipe, out, fresh=fresh, progress=progress)
    return _tell(terminal, result, out)


def _tell(terminal: Terminal, result: Privatized, out: Path) -> int:
    record = result.record
    if terminal.as_json:
        from ..report.document import to_document

        terminal.document(to_document(record))
        return exit_code(record.assessment.verdict)
    tell_verdict(terminal, record.assessment, record.notes)
    data = next(path for path in out.glob("data.*"))
    places = [
        ["data", f"{data} ({len(record.synthetic):,} texts)"],
        ["report", f"{out / 'report.html'}"],
        ["recipe", f"{out / 'recipe.yaml'}"],
        ["private", f"{out / 'private'} (key, what was put where, review.csv: it stays with you)"],
    ]
    terminal.result("\n" + align(places, limit=60))
    return exit_code(record.assessment.verdict)
