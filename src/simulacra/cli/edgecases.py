"""`simulacra edgecases`: what breaks a function or a model over records, or a classifier of texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import RecipeError
from . import options
from .terminal import Terminal, align
from .verb import Count, verb

_RECORDS, _TEXTS = ("record", "arguments", "polars", "pandas"), ("texts", "text", "polars", "pandas")


@verb("edgecases")
@click.argument("target", metavar="MODULE:FUNCTION")
@click.option(
    "--schema", type=options.as_paths, metavar="FILE", help="JSON Schema of one record, with constraints and expect."
)
@click.option("--data", type=options.as_paths, metavar="TABLE", help="Rows like those that the target will meet.")
@click.option("--text", metavar="COLUMN", help="The target classifies texts: the column of --data that has them.")
@click.option("--label", metavar="COLUMN", help="The column of --data that has the texts' labels, if it has one.")
@click.option(
    "--tests", type=options.as_paths, metavar="FILE", help="Tests of a classifier: templates, changes, what must hold."
)
@click.option("--skip", multiple=True, metavar="TEST", help="A usual test, or capability, to leave out; repeatable.")
@click.option(
    "--style",
    type=click.Choice(["record", "arguments", "texts", "text", "polars", "pandas"]),
    help="How the target is called. [default: from its signature]",
)
@click.option("--records", type=Count(), default=2_000, show_default=True, help="Records to make, at most.")
@click.option("--calls", type=Count(), default=10_000, show_default=True, help="Calls (or texts) at most.")
@click.option("--only-allowed", is_flag=True, help="Try no forbidden record: the target need not refuse any.")
@options.seed
@click.option("--fresh", is_flag=True, help="Throw away what another run left in the output folder.")
@options.out("FOLDER", "Folder of the report, what was tried and the tests.")
def command(terminal: Terminal, *, target: str, **choices: Any) -> int:
    """Look for what breaks a function, a model or a classifier.

    Records that break a function over records, or texts (--text, or --tests) on which a classifier contradicts itself.
    The target runs in this process. Exit code 1: weaknesses were found; 4: nothing could be tried.

    \b
    simulacra edgecases scoring:decide --schema record.yaml -o findings/
    simulacra edgecases model.py:predict --data people.csv --style pandas -o findings/
    simulacra edgecases model.py:classify --data mails.csv --text body --label intent -o findings/
    """
    of_texts = choices["text"] is not None or choices["tests"] is not None
    _refuse(choices, of_texts=of_texts)
    if of_texts:
        return _texts(terminal, target, choices)
    return _records(terminal, target, choices)


def _refuse(choices: dict[str, Any], *, of_texts: bool) -> None:
    """Refuse options of the other road: they would be left out in silence."""
    if of_texts and choices["schema"] is not None:
        raise RecipeError("--schema is of records, --text and --tests are of texts", hint="leave one of them out")
    stray = next((name for name in ("label", "skip") if choices[name]), None)
    if not of_texts and stray:
        raise RecipeError(f"--{stray} is for classifiers of texts", hint="name the column of texts with --text")
    styles = _TEXTS if of_texts else _RECORDS
    if choices["style"] not in (None, *styles):
        what = "a classifier of texts" if of_texts else "records"
        raise RecipeError(f"there is no style {choices['style']!r} for {what}", hint=f"styles are {', '.join(styles)}")


def _records(terminal: Terminal, target: str, choices: dict[str, Any]) -> int:
    from .. import api
    from ..report.edgecases import edgecases_document, explain_edgecases, finding_rows

    for name in ("text", "label", "tests", "skip"):
        choices.pop(name)
    with terminal.progress() as progress:
        record = api.edgecases(target, progress=progress, **choices)
    if terminal.as_json:
        terminal.document(edgecases_document(record))
    else:
        _show(terminal, finding_rows(record), explain_edgecases(record), choices["out"])
    return 1 if record.verdict == "fail" else 0


def _texts(terminal: Terminal, target: str, choices: dict[str, Any]) -> int:
    from .. import api
    from ..report.edgecases_text import explain_texts, text_edgecases_document, text_finding_rows, text_rate_rows

    for name in ("schema", "records", "only_allowed"):
        choices.pop(name)
    with terminal.progress() as progress:
        record = api.edgecases_text(target, text=choices.pop("text") or "text", progress=progress, **choices)
    if terminal.as_json:
        terminal.document(text_edgecases_document(record))
    else:
        header, lines = text_rate_rows(record)
        terminal.result(align(lines, header) + "\n")
        _show(terminal, text_finding_rows(record), explain_texts(record), choices["out"])
    return {"fail": 1, "unknown": 4}.get(record.verdict, 0)


def _show(terminal: Terminal, table: tuple[list[str], list[list[str]]], told: list[str], out: Path | None) -> None:
    header, lines = table
    if lines:
        terminal.result(align(lines, header) + "\n")
    terminal.result("\n".join(told))
    if out is not None:
        terminal.result(f"report  {out / 'report.html'}")
