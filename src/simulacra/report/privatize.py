"""The bundle of texts made private: what may be passed on, and private/ with the key and what was put where."""

from __future__ import annotations

from pathlib import Path

from ..data.files import make_private_folder, write_atomic
from ..data.write import FORMATS, Format, write_table
from ..run.private.order import Privatized
from .card import render_markdown
from .document import describe, document_schema, to_bytes
from .page import compose_page
from .public import make_public
from .words import sentence

__all__ = ["write_private_texts"]


def write_private_texts(result: Privatized, out: Path, *, format: Format = "csv") -> None:
    """Write data.<format>, card, recipe.yaml (if the source is a file), reports, and private/; report.json last.

    What was put where is in private/ alone: lineage.parquet and review.csv.
    Raises OutputError when the folder cannot be written.
    """
    record = result.record
    public = make_public(record)
    page = compose_page(public, record)
    (out / "report.json").unlink(missing_ok=True)
    for other in set(FORMATS) - {format}:
        (out / f"data.{other}").unlink(missing_ok=True)
    private = make_private_folder(out / "private")
    write_table(result.lineage, private / "lineage.parquet", "parquet")
    if result.review.width:
        write_table(result.review, private / "review.csv", "csv")
    write_table(record.synthetic.frame, out / f"data.{format}", format)
    notes = "\n".join(f"- {sentence(note)}" for note in public.notes)
    card = (
        f"---\nconfigs:\n- config_name: default\n  data_files: data.{format}\ntags:\n- synthetic\n- text\n---\n\n"
        f"# {len(record.synthetic):,} texts: {record.facts['method']}\n\n"
        f"{render_markdown(public.assessment).strip()}\n\n"
        f"## Read this before you pass them on\n\n{notes}\n"
    )
    write_atomic(out / "README.md", card.encode())
    if public.recipe:
        write_atomic(out / "recipe.yaml", public.recipe.encode())
    write_atomic(out / "report.schema.json", document_schema())
    write_atomic(out / "report.html", page.encode("utf-8", "replace"))
    write_atomic(out / "report.json", to_bytes(describe(public)))
