"""The collapse experiment with a column of texts, in a folder if one is given."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..contracts import Progress
from ..errors import SchemaError
from ..run.folder import STORE, open_folder
from ..run.generations import CollapseRecord, Experiment, fingerprint
from ..run.generations_text import NGRAM, run_text_generations
from ..run.judging import as_frame
from ..run.lineage import depth_of
from ..store.calls import CallStore
from .collapse import write_collapse

__all__ = ["run_text_collapse"]


def run_text_collapse(
    experiment: Experiment, data: Any, out: Path | None, *, fresh: bool = False, progress: Progress | None = None
) -> CollapseRecord:
    """Run an experiment over the texts of a column; see `collapse.run_collapse`. SchemaError if there is no column."""
    if experiment.method == "table":
        experiment = replace(experiment, method=NGRAM)
    frame = as_frame(data)
    if experiment.text not in frame.columns:
        raise SchemaError(f"there is no column {experiment.text!r}", hint=f"there are: {', '.join(frame.columns[:20])}")
    texts = [str(text) for text in frame[str(experiment.text)].drop_nulls()]
    named = isinstance(data, str | Path)
    depth = (depth_of(Path(data)) or 0) if named else 0
    notes = (f"The source was made, not observed: {depth} deep already.",) if depth else ()
    facts = {"source": Path(data).name if named else "a table", "version": version("simulacra")}
    work = partial(run_text_generations, experiment, texts, progress=progress, facts=facts, notes=notes)
    if out is None:
        return work()
    told = hashlib.sha256("\x1f".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    with (
        open_folder(out, fingerprint(experiment, told), fresh=fresh) as store,
        closing(CallStore(out / STORE)) as calls,
    ):
        record = work(store=store, calls=calls)
        write_collapse(record, out)
    return record
