"""The bundle of a data set that models wrote: data, report, card, recipe, and private/ with lineage and rejects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml

from ..data.files import make_private_folder, write_atomic
from ..run.flow.record import TextRecord
from . import words
from .card import render_markdown
from .document import document_schema, to_bytes
from .text import compose_text_page, describe_text, headline, list_rejects

__all__ = ["write_text_bundle"]

_SIZES = ((1e3, "n<1K"), (1e4, "1K<n<10K"), (1e5, "10K<n<100K"), (1e6, "100K<n<1M"))


def write_text_bundle(
    record: TextRecord,
    out: Path,
    *,
    format: Literal["parquet", "csv", "jsonl"],
    lineage: Iterator[Mapping[str, Any]],
    rejects: Iterator[Mapping[str, Any]],
) -> None:
    """Write what belongs to a finished run of texts into `out`, where its rows stand in data.jsonl already.

    report.json comes last: where it is, the run is finished. Raises OutputError when the folder cannot be written.
    """
    (out / "report.json").unlink(missing_ok=True)
    private = make_private_folder(out / "private")
    _write_records(lineage, private / "lineage.parquet")
    _write_records(rejects, private / "rejects.parquet")
    _convert(out, format)
    write_atomic(out / "README.md", compose_text_card(record, f"data.{format}").encode())
    write_atomic(out / "recipe.yaml", record.recipe.encode())
    write_atomic(out / "report.schema.json", document_schema())
    document = to_bytes(describe_text(record))
    write_atomic(out / "report.html", compose_text_page(record).encode("utf-8", "replace"))
    write_atomic(out / "report.json", document)


def compose_text_card(record: TextRecord, data_file: str) -> str:
    """Return the dataset card with YAML front matter: what it is, who wrote it, terms, rejects, verdict."""
    front = {
        "pretty_name": headline(record),
        "annotations_creators": ["machine-generated"],
        "language_creators": ["machine-generated"],
        "size_categories": [next((name for limit, name in _SIZES if record.rows < limit), "n>1M")],
        "tags": ["synthetic", "text", "simulacra"],
        "configs": [{"config_name": "default", "data_files": data_file}],
    }
    terms = "\n".join(f"- `{model}`: {words.sentence(told)}" for model, told in record.terms.items())
    refused = "\n".join(f"| {_cell(r.step)} | {_cell(r.reason)} | {r.rows:,} |" for r in list_rejects(record)[:20])
    plan = "\n".join(
        f"- **{_cell(name)}**: " + ", ".join(f"{_cell(one.place)} ({one.rows})" for one in levels)
        for name, levels in record.plan.items()
        if name
    )
    notes = "\n".join(f"- {_cell(words.sentence(note))}" for note in record.notes)
    parts = [
        f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---",
        f"# {_cell(headline(record))}",
        f"The instruction:\n\n> {_cell(record.facts['instruction'])}",
        render_markdown(record.assessment).strip(),
        f"## Read this before you use the rows\n\n{notes}" if notes else "",
        "## Fields\n\n" + "\n".join(f"- `{name}`" for name in record.fields),
        f"## The plan as it was filled\n\n{plan}" if plan else "",
        f"## Models and their terms\n\n{terms}" if terms else "",
        f"## Rows that were made and refused\n\n| step | reason | rows |\n| --- | --- | --- |\n{refused}"
        if refused
        else "",
        f"## The files\n\n- `{data_file}`: the rows\n- `report.html`: the verdict with its reasons\n"
        "- `recipe.yaml`: `simulacra run recipe.yaml -o again/` makes the rows again, the same "
        "ones if the model answers the same",
        f"Made with Simulacra {record.facts.get('version', '')}".rstrip() + ".",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cell(text: str) -> str:
    """Return text as one line that Markdown shows as it is."""
    line = " ".join(str(text).split())
    for sign in ("\\", "`", "*", "_", "[", "]", "<", ">", "|", "#"):
        line = line.replace(sign, f"\\{sign}")
    return line


def _write_records(records: Iterator[Mapping[str, Any]], path: Path) -> None:
    import polars as pl

    from ..data.write import write_table

    rows = [dict(record) for record in records]
    if rows:
        write_table(pl.DataFrame(rows, infer_schema_length=None), path, "parquet")
    else:
        path.unlink(missing_ok=True)


def _convert(out: Path, format: Literal["parquet", "csv", "jsonl"]) -> None:
    """Turn data.jsonl into another format if that was asked for; nested values become JSON text in a CSV."""
    if format == "jsonl":
        for other in ("parquet", "csv"):
            (out / f"data.{other}").unlink(missing_ok=True)
        return
    import polars as pl

    from ..data.write import write_table

    lines = [json.loads(line) for line in (out / "data.jsonl").read_text(encoding="utf-8").split("\n") if line]
    nested = {name for line in lines for name, value in line.items() if isinstance(value, list | dict)}
    flat = [{name: _flat(value) if name in nested else value for name, value in line.items()} for line in lines]
    write_table(pl.DataFrame(flat, infer_schema_length=None, strict=False), out / f"data.{format}", format)
    (out / "data.jsonl").unlink()


def _flat(value: Any) -> Any:
    return None if value is None else json.dumps(value, ensure_ascii=False)
