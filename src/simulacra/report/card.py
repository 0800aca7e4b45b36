"""README.md of a bundle, a dataset card that the Hugging Face Hub reads, and the short form for a pull request."""

from __future__ import annotations

import re
from typing import Any

import yaml

from ..contracts import Assessment
from ..data.schema import Schema
from ..run.record import RunRecord
from . import words
from .glossary import VERDICTS
from .public import Public, make_public

__all__ = ["compose_card", "render_card", "render_markdown"]

_SIZES = (
    (1e3, "n<1K"), (1e4, "1K<n<10K"), (1e5, "10K<n<100K"), (1e6, "100K<n<1M"), (1e7, "1M<n<10M"), (1e8, "10M<n<100M"),
    (1e9, "100M<n<1B"),
)  # fmt: skip
_SIGNS = {"pass": "✓", "warn": "!", "fail": "✕", "unknown": "?"}
_GRAVITY = {"fail": 0, "warn": 1, "unknown": 2, "pass": 3}
_MOST_COLUMNS = 200
_MOST_BOUNDS = 10


def render_card(record: RunRecord) -> str:
    """Return the dataset card of a bundle whose data is in Parquet, with YAML front matter.

    Source: the metadata specification of dataset cards, huggingface/hub-docs, `datasetcard.md`.
    """
    return compose_card(make_public(record), "data.parquet")


def compose_card(public: Public, data_file: str) -> str:
    """Return the dataset card of what may be shown of a run."""
    front = yaml.safe_dump(_front_matter(public, data_file), sort_keys=False, allow_unicode=True)
    does, does_not = words.protections(public)
    parts = [
        f"---\n{front}---",
        f"# {_plain(words.headline(public))}",
        _plain(words.standfirst(public)),
        _verdict(public.assessment),
        _bullets("Read this before you use the rows", public.notes),
        _bullets("What protects people", does),
        _bullets("What does not", does_not),
        _columns(public.schema),
        "## The files\n\n"
        f"- `{data_file}`: the rows\n- `report.html`: the verdict with its reasons and pictures, for people\n"
        "- `report.json`: the same for programs (`report.schema.json` describes it)\n"
        "- `recipe.yaml`: `simulacra run recipe.yaml -o again/` makes the same rows from the same source",
        f"Made with Simulacra {_plain(public.facts.get('version', ''))}".rstrip() + ".",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def render_markdown(assessment: Assessment) -> str:
    """Return the verdict, the families and the ten gravest bounds that were not kept, as Markdown for a pull request.

    The other bounds, and those that could not be judged, are folded away.
    """
    grave = sorted(
        (result for result in assessment.gates if result.verdict != "pass"),
        key=lambda one: (_GRAVITY[one.verdict], not one.gate.metric.startswith("privacy.")),
    )
    lost = [
        f"- {_SIGNS[result.verdict]} `{_code(result.gate.metric)}` must be "
        f"{words.say_bound(result.gate, result.gate.bound)}: {_plain(words.sentence(result.why))}"
        for result in grave
    ]
    shown = sum(result.verdict in ("fail", "warn") for result in grave[:_MOST_BOUNDS])
    rest = lost[shown:]
    told = f"{len(rest)} more bound{'' if len(rest) == 1 else 's'}"
    folded = [f"<details><summary>{told}</summary>\n", *rest, "\n</details>"] if rest else []
    parts = [lost[:shown], folded]
    return "\n\n".join([_verdict(assessment, level=3), *("\n".join(part) for part in parts if part)]) + "\n"


def _front_matter(public: Public, data_file: str) -> dict[str, Any]:
    # A line break in a scalar could be read as the end of the front matter.
    source = _one_line(public.facts.get("source", "a table"))
    front: dict[str, Any] = {
        "pretty_name": f"Synthetic rows made from {source}",
        "annotations_creators": ["machine-generated"],
        "size_categories": [next((name for limit, name in _SIZES if public.synthetic_rows < limit), "n>1T")],
        "tags": ["synthetic", "tabular", "simulacra"],
        "configs": [{"config_name": "default", "data_files": data_file}],
    }
    if public.schema.target is not None:
        numeric = public.schema[public.schema.target].kind in ("real", "integer")
        front["task_categories"] = ["tabular-regression" if numeric else "tabular-classification"]
    if "licence" in public.facts:
        front["license"] = _one_line(public.facts["licence"])
    return front


def _verdict(assessment: Assessment, level: int = 2) -> str:
    word = VERDICTS[assessment.verdict][0]
    rows = [
        f"| {_plain(name)} | {_SIGNS[finding.verdict]} {finding.verdict} | {_plain(words.sentence(finding.why))} |"
        for name, finding in ((name, assessment.families[name]) for name in words.families_in_order(assessment))
    ]
    table = "\n".join(["| family | verdict | why |", "| --- | --- | --- |", *rows]) if rows else ""
    told = _plain(" ".join(words.explain(assessment)))
    return "\n\n".join(part for part in (f"{'#' * level} Verdict: {word}", told, table) if part)


def _bullets(title: str, lines: tuple[str, ...] | list[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {_plain(words.sentence(line))}" for line in lines) if lines else ""


def _columns(schema: Schema) -> str:
    rows = [
        f"| `{_code(column.name)}` | {column.kind} | `{_code(column.dtype)}` |"
        for column in schema.columns[:_MOST_COLUMNS]
    ]
    more = len(schema) - _MOST_COLUMNS
    tail = [f"\nand {more} more."] if more > 0 else []
    return "\n".join(["## Columns", "", "| column | kind | type |", "| --- | --- | --- |", *rows, *tail])


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is: no markup, no HTML, one line."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", _one_line(text))


def _code(text: str) -> str:
    """Return text that can stand between backticks in a cell of a table."""
    return _one_line(text).replace("`", "ʼ").replace("|", "\\|")


def _one_line(text: str) -> str:
    return " ".join(text.split())
