"""`simulacra inspect`: what each column is, and why."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import OutputError
from . import options
from .terminal import Terminal, align, width
from .verb import never_over, verb

if TYPE_CHECKING:
    from ..data.schema import Column, Schema


@verb("inspect")
@click.argument("source", type=options.as_paths, metavar="TABLE")
@options.out("SCHEMA.YAML", "Write the schema, to be edited and given back with --schema.")
@click.option("--fresh", is_flag=True, help="Write over a schema.yaml that is already there.")
def command(terminal: Terminal, *, source: Path, out: Path | None, fresh: bool) -> int:
    """Say what each column of a table is, and why.

    \b
    simulacra inspect people.csv
    simulacra inspect people.csv -o schema.yaml
    """
    never_over(out, source)
    from ..api.files import inspect_file

    schema, notes = inspect_file(source)
    if terminal.as_json:
        terminal.document(dataclasses.asdict(schema) | {"notes": list(notes)})
    else:
        terminal.result("\n".join([_table(schema), *(f"\nnote: {note}" for note in notes)]))
    if out is not None:
        _write_schema(schema, out, fresh, notes)
        terminal.say(f"schema  {out}; edit it and give it back with --schema {out}")
    return 0


def _write_schema(schema: Schema, out: Path, fresh: bool, notes: Sequence[str]) -> None:
    from ..data.files import write_atomic
    from ..data.schema_file import schema_to_yaml

    text = schema_to_yaml(schema.without_counts()) + "".join(f"# {note}\n" for note in notes)
    if out.is_file() and not fresh and out.read_bytes() != text.encode():
        raise OutputError("the file is already there", where=str(out), hint="--fresh writes over it, or name another")
    write_atomic(out, text.encode())


def _table(schema: Schema) -> str:
    rows = [[column.name, _kind(column), _range(column), _missing(column), column.why] for column in schema]
    head = f"{schema.columns[0].seen.rows:,} rows, {len(schema)} columns"
    text = f"{head}\n\n" + align(rows, ["column", "kind", "range", "missing", "why"])
    rules = [(str(rule), rule.why or "told") for rule in schema.constraints if rule.columns]
    return text if not rules else f"{text}\n\n" + _rules(rules)


def _rules(rules: Sequence[tuple[str, str]]) -> str:
    """Return the rules beside their reasons; each is folded into its part of the line, none is cut."""
    rules = [("kept in every row", "why"), *rules]
    left = min(max(len(rule) for rule, _ in rules), max(24, width() // 2))
    right = max(24, width() - left - 2)
    folded = [(textwrap.wrap(rule, left), textwrap.wrap(why, right)) for rule, why in rules]
    lines = [pair for rule, why in folded for pair in zip_longest(rule, why, fillvalue="")]
    return "\n".join(f"{rule:<{left}}  {why}".rstrip() for rule, why in lines)


def _kind(column: Column) -> str:
    return f"{column.kind} ({column.personal})" if column.personal else column.kind


def _range(column: Column) -> str:
    seen = column.seen
    if column.kind in ("category", "boolean", "text", "identifier", "constant") or seen.low is None:
        return f"{seen.distinct:,} distinct"
    return f"{seen.low} .. {seen.high}"


def _missing(column: Column) -> str:
    share = column.seen.missing / column.seen.rows if column.seen.rows else 0
    return "-" if not share else f"{share:.1%}" if share >= 0.001 else "<0.1%"
