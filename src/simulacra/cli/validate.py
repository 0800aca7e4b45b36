"""`simulacra validate`: judge synthetic rows against real ones, whoever made them; several sets side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .terminal import Terminal, align
from .verb import never_over, verb
from .verdict import exit_code, tell_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run.record import RunRecord


@verb("validate")
@click.argument("synthetic", type=options.as_paths, metavar="SYNTHETIC...", nargs=-1, required=True)
@click.option(
    "--real", type=options.as_paths, metavar="FILE", help="The rows the generator learned from; not needed with --text."
)
@click.option(
    "--holdout", type=options.as_paths, metavar="FILE", help="Real rows it never saw; without: privacy unknown."
)
@click.option(
    "--schema", type=options.as_paths, metavar="FILE", help="A schema.yaml: what columns are, rules that rows keep."
)
@options.target
@click.option("--text", metavar="COLUMN", help="Judge the texts of this column.")
@click.option("--label", metavar="COLUMN", help="With --text: the column of their classes.")
@click.option(
    "--against",
    type=options.as_paths,
    multiple=True,
    metavar="FILE",
    help="With --text: texts that must not be found again, as those of a benchmark; repeatable.",
)
@click.option(
    "--canary",
    type=options.as_paths,
    metavar="FILE",
    help="With --text: strings hidden among the real texts, one a line.",
)
@options.gates
@click.option(
    "--protected",
    multiple=True,
    metavar="COLUMN",
    help="Its groups must not fare worse than in the real rows; repeatable. [default: proposed by name]",
)
@click.option(
    "--epsilon", type=float, metavar="E", help="The privacy budget that is stated of the rows; it is audited."
)
@click.option("--deep", is_flag=True, help="Take the measures that cost much more, too.")
@click.option("--markdown", is_flag=True, help="Print the verdict as Markdown, for a pull request.")
@options.out("REPORT.HTML", "Write the report as a page as well.")
@options.seed
def command(
    terminal: Terminal,
    *,
    synthetic: tuple[Path, ...],
    real: Path | None,
    out: Path | None,
    markdown: bool,
    gates: tuple[str, ...],
    protected: tuple[str, ...],
    **choices: Any,
) -> int:
    """Judge synthetic rows against real ones; several sets side by side.

    \b
    simulacra validate synthetic.csv --real real.csv --holdout unseen.csv -o report.html
    simulacra validate a.csv b.csv --real real.csv --holdout unseen.csv
    simulacra validate made.csv --text body --against bench.jsonl
    """
    never_over(out, *synthetic, real, choices["holdout"], choices["schema"])
    from .. import api

    if choices["text"] is None and real is None:
        raise click.UsageError("Missing option '--real' (only --text COLUMN can do without).")
    choices |= {"gates": gates or None, "protected": protected or None}
    with terminal.progress() as progress:
        records = api.validate_sets(synthetic, real, progress=progress, **choices)
    from ..report.comparison import name_sets, render_comparison_markdown, worst_verdict

    labels = name_sets(synthetic)
    if out is not None:
        _write_page(records, labels, out)
    if terminal.as_json:
        from ..report.document import to_document

        documents = [to_document(record) for record in records]
        terminal.document(documents if len(documents) > 1 else documents[0])
    elif markdown:
        terminal.result(render_comparison_markdown(records, labels).rstrip())
    else:
        _tell(terminal, records, labels)
        if out is not None:
            terminal.result(f"report  {out}")
    return exit_code(worst_verdict(records))


def _write_page(records: Sequence[RunRecord], labels: Sequence[str], out: Path) -> None:
    from ..data.files import write_atomic
    from ..report.comparison import render_comparison
    from ..report.page import render_page

    page = render_page(records[0]) if len(records) == 1 else render_comparison(records, labels)
    write_atomic(out, page.encode())


def _tell(terminal: Terminal, records: Sequence[RunRecord], labels: Sequence[str]) -> None:
    if len(records) == 1:
        tell_verdict(terminal, records[0].assessment, records[0].notes)
        return
    from ..report.comparison import comparison_rows

    terminal.result(align(comparison_rows(records), ["", *labels], limit=32))
    terminal.result("\nx fails its bound, ! warns, * best of the sets")
    notes = dict.fromkeys(note for record in records for note in record.notes)
    for note in notes:
        terminal.result(f"note: {note}")
