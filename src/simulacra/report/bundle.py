"""The bundle on disk: what may be passed on, and private/ for the owner of the real data alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl

from ..data.files import make_private_folder, write_atomic
from ..data.write import FORMATS, write_table
from ..generate.dependencies import Dependencies
from ..run.record import RunRecord
from .card import compose_card
from .document import describe, document_schema, to_bytes
from .nearest import find_nearest
from .page import compose_page
from .public import make_public

__all__ = ["write_bundle"]


def write_bundle(
    record: RunRecord,
    out: Path,
    *,
    format: Literal["parquet", "csv", "jsonl"] = "parquet",
    links: Dependencies | None = None,
) -> None:
    """Write the bundle of a finished run into the folder `out`, which exists.

    Public: data.<format>, README.md, recipe.yaml, report.html, report.schema.json, report.json. private/ (mode 0700):
    lineage.parquet, rejects.parquet, nearest.parquet. Each file is whole or not there; report.json comes last, and an
    older one goes first: where it is, the run is finished.
    links : what the columns were learned from, for a picture. Raises OutputError when the folder cannot be written.
    """
    public = make_public(record)
    page = compose_page(public, record, links)
    data_file = f"data.{format}"
    (out / "report.json").unlink(missing_ok=True)
    for other in set(FORMATS) - {format}:  # of an earlier end of this run: another number of rows
        (out / f"data.{other}").unlink(missing_ok=True)
    _write_private(record, make_private_folder(out / "private"))
    write_table(record.synthetic.frame, out / data_file, format)
    write_atomic(out / "README.md", compose_card(public, data_file).encode())
    if public.recipe:
        write_atomic(out / "recipe.yaml", public.recipe.encode())
    write_atomic(out / "report.schema.json", document_schema())
    document = to_bytes(describe(public))
    write_atomic(out / "report.html", page.encode())
    write_atomic(out / "report.json", document)


def _write_private(record: RunRecord, folder: Path) -> None:
    """Write who made each row, the rows refused and the nearest real rows."""
    write_table(_lineage(record), folder / "lineage.parquet", "parquet")
    if record.rejects.width:
        write_table(record.rejects, folder / "rejects.parquet", "parquet")
    if record.real is not None:
        nearest = find_nearest(record.synthetic.frame, record.real, record.synthetic.schema)
        write_table(nearest, folder / "nearest.parquet", "parquet")


def _lineage(record: RunRecord) -> pl.DataFrame:
    lineage = record.synthetic.lineage
    return pl.select(
        row=pl.int_range(len(record.synthetic), dtype=pl.Int64),
        method=pl.lit(lineage.method),
        model=pl.lit(lineage.model),
        seed=pl.lit(lineage.seed, dtype=pl.Int64),
        depth=pl.lit(lineage.depth, dtype=pl.Int32),
    )
