"""From a recipe's source to the rows the generator may learn from and the rows it must not see."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from ..data.constraints import searched
from ..data.dataset import Dataset
from ..data.frames import to_polars
from ..data.infer import infer_schema
from ..data.read import read_table
from ..data.relations import holding, settle
from ..data.rules import refuse_broken
from ..data.schema import Schema
from ..data.schema_file import schema_from_dict
from ..errors import RecipeError
from ..generate.strain import without_rules
from ..recipe import Recipe
from ..seeds import Seeds
from .refusals import align, refuse_few, refuse_seen

__all__ = ["Prepared", "digest", "holdout_rows", "load_frame", "prepare", "split", "without_dropped"]

_ASKED = ("compare", "presence", "cut")
"""Kinds of found rules that one hold-out row can refute."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run starts from.

    train : what the generator learns from. holdout : real rows it never sees, None if there are none.
    rows : number of rows that the source has; a hold-out file's rows are not among them.
    digest : of the content of the source's files; it could confirm a guess of the source, so it stays private.
    """

    train: Dataset
    holdout: pl.DataFrame | None
    notes: tuple[str, ...]
    digest: str
    rows: int

    @property
    def real(self) -> pl.DataFrame:
        """All real rows, those learned from and those held out."""
        if self.holdout is None:
            return self.train.frame
        return pl.concat([self.train.frame, self.holdout.select(self.train.frame.columns)])


def prepare(recipe: Recipe) -> Prepared:
    """Read the source of a recipe, settle its schema and set the hold-out aside.

    Errors: DataError for a table that cannot be learned from, SchemaError for a schema that does not fit it.
    """
    path = Path(recipe.source.path)
    frame, notes = load_frame(path)
    schema = infer_schema(frame, target=recipe.target)
    if recipe.columns is not None or recipe.constraints:
        described = {"columns": recipe.columns, "target": recipe.target, "constraints": recipe.constraints}
        schema = schema_from_dict(described, base=schema)
        refuse_broken(replace(schema, constraints=tuple(r for r in schema.constraints if not r.found)), frame)
    seeds = Seeds(recipe.seed).child("holdout")
    train, holdout, told = split(frame, recipe.source.holdout, schema, seeds)
    data = Dataset(train, _with_found(train, holdout, schema))
    return Prepared(data, holdout, (*notes, *told), _digest_all(recipe), frame.height)


def _with_found(train: pl.DataFrame, holdout: pl.DataFrame | None, schema: Schema) -> Schema:
    """Return the schema with the rules that all training rows keep, but for those that hold-out rows break."""
    found = settle(train, schema)
    if found is schema or holdout is None:
        return found
    asked = [r for r in found.constraints if r.kind in _ASKED]
    kept = {str(rule) for rule in holding(asked, holdout, found)}
    rules = (r for r in found.constraints if not r.found or r.kind not in _ASKED or str(r) in kept)
    return replace(found, constraints=searched(rules))


def load_frame(path: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Read a table and refuse what nothing can be learned from."""
    loaded = read_table(path, words=False)
    frame, _ = to_polars(loaded.frame)
    refuse_few(frame, where=str(path))
    return frame, loaded.notes


def digest(path: Path) -> str:
    """Return a digest of a file's content, or of the names and contents of a folder's files."""
    total = hashlib.sha256()
    for part in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if part.is_file():
            with part.open("rb") as content:
                total.update(hashlib.file_digest(content, "sha256").digest())
    return total.hexdigest()


def _digest_all(recipe: Recipe) -> str:
    holdout = recipe.source.holdout
    files = [recipe.source.path, *([holdout] if isinstance(holdout, str) and holdout != "auto" else [])]
    return " ".join(digest(Path(file)) for file in files)


def holdout_rows(rows: int, wanted: float | str) -> int:
    """Return how many of `rows` rows to keep out of training.

    "auto": a tenth; below 200 rows a fifth; below 50 rows none, since then each row is needed to learn from.

    >>> [holdout_rows(n, "auto") for n in (12, 100, 1000)]
    [0, 20, 100]
    """
    if wanted == "auto":
        return 0 if rows < 50 else rows // 5 if rows < 200 else rows // 10
    share = float(wanted)
    if not 0 <= share <= 0.5:
        raise RecipeError(f"a hold-out of {share:g} was asked for", hint="give a share from 0 to 0.5, or a file")
    return round(rows * share)


def split(
    frame: pl.DataFrame, wanted: float | str, schema: Schema, seeds: Seeds
) -> tuple[pl.DataFrame, pl.DataFrame | None, tuple[str, ...]]:
    """Return training rows, hold-out rows (or None) and what to tell about it; row order is kept in both."""
    if isinstance(wanted, str) and wanted != "auto":
        unseen = _read_holdout(Path(wanted), frame.select(schema.names))
        return frame, unseen, refuse_seen(unseen, frame, wanted)
    kept_out = holdout_rows(frame.height, wanted)
    if kept_out == 0:
        why = "no rows were kept out of training" + (", there are too few" if wanted == "auto" else "")
        return frame, None, (f"Privacy and utility cannot be judged: {why}.",)
    drawn = pl.Series(seeds.rng().permutation(frame.height) < kept_out)
    return frame.filter(~drawn), frame.filter(drawn), ()


def _read_holdout(path: Path, like: pl.DataFrame) -> pl.DataFrame:
    frame, _ = to_polars(read_table(path, words=False).frame)
    return align(frame, like, str(path))


def without_dropped(prepared: Prepared, gone: Collection[str]) -> Prepared:
    """Return the source without the found rules that the generator does not keep (`generate.strain`), as written."""
    schema = prepared.train.schema
    return replace(prepared, train=replace(prepared.train, schema=without_rules(schema, gone))) if gone else prepared
