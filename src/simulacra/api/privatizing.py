"""Texts made private: surrogates for what names somebody, or twins written from attributes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import polars as pl

from ..contracts import Progress
from ..data.files import write_atomic
from ..data.write import Format
from ..errors import DataError, RecipeError
from ..recipe.private import Recipe, locate
from ..recipe.reading import validate
from ..report.privatize import write_private_texts
from ..run.flow.stores import open_stores
from ..run.folder import STORE, open_folder
from ..run.judging import as_frame
from ..run.private.order import PrivateOrder, Privatized
from ..run.private.replace import replace_texts
from ..run.private.twins import write_twins
from ..transform.surrogates import KEY_BYTES, draw_key

__all__ = ["plan_private", "preview_private", "privatize", "run_private"]


def privatize(
    data: Any,
    *,
    text: str,
    label: str | None = None,
    keep: Sequence[str] = (),
    protect: Sequence[str] = (),
    replace: Sequence[str] = (),
    kinds: Sequence[str] = (),
    together: bool = True,
    holdout: Any = None,
    key: str | Path | None = None,
    twin: str | None = None,
    rows: int | None = None,
    setting: str = "",
    gates: Sequence[str] = (),
    seed: int = 0,
    out: str | Path | None = None,
    format: Literal["parquet", "csv", "jsonl"] = "csv",
    fresh: bool = False,
    progress: Progress | None = None,
) -> Privatized:
    """Return texts about other persons, places, organisations, numbers and identifiers, and their audit.

    data : a frame or file. text : the column of texts. label, keep : columns that are passed on beside it; no other is.
    protect, replace : regular expressions of what stays, and of what is one too. kinds : of values to replace.
    together : False gives each text surrogates of its own. holdout : real texts that are not among these, for the
    audit. key : a file with the secret that decides the surrogates, made if it is not there: one file for several
    tables keeps their persons the same; None: a key of this folder's own, in private/, or one that is forgotten.
    twin : a model that writes new texts from attributes of these, which it does not see, in place of surrogates; then
    rows : how many, and setting : what the texts are, in a line.
    Errors: DataError for a missing column or no texts, RecipeError for a pattern, a kind, a gate or a damaged key.
    """
    if twin is None and (rows or setting):
        raise RecipeError("rows and a setting are for twins", hint="name the model that writes them: twin=")
    order = PrivateOrder(
        text, label, tuple(keep), tuple(protect), tuple(replace), tuple(kinds), together, tuple(gates), seed
    )
    frame = as_frame(data)
    audited: dict[str, Any] = {
        "holdout": None if holdout is None else _texts(holdout, text),
        "source": Path(data).name if isinstance(data, str | Path) else "a table",
        "progress": progress,
    }
    place = _Place(None if out is None else Path(out), fresh, format)
    if twin is not None:
        result = _twins(frame, order, twin, place, rows=rows, setting=setting, **audited)
    else:
        result = _surrogates(frame, order, None if key is None else Path(key), place, **audited)
    if out is None:
        return result
    files = {"source": data, "holdout": holdout, "key": key}
    asked = {**asdict(order), "twin": twin, "rows": rows, "setting": setting, "format": format}
    result = dataclasses.replace(
        result, record=dataclasses.replace(result.record, recipe=_recipe(files, asked, Path(out)))
    )
    write_private_texts(result, Path(out), format=format)
    return result


def run_private(
    recipe: Recipe, out: str | Path | None, *, fresh: bool = False, progress: Progress | None = None
) -> Privatized:
    """Make texts private as a recipe says, into the folder `out`; errors are those of `privatize`."""
    asked = recipe.model_dump(exclude={"simulacra", "method", "source"})
    return privatize(recipe.source, out=out, fresh=fresh, progress=progress, **asked)


def preview_private(recipe: Recipe, rows: int, *, progress: Progress | None = None) -> list[dict[str, Any]]:
    """Return the first rows of a run, under a key that is forgotten; nothing is written. A model of twins is asked."""
    few = recipe.model_copy(update={"rows": rows} if recipe.twin else {"key": None})
    return run_private(few, None, progress=progress).record.synthetic.frame.head(rows).to_dicts()


def plan_private(recipe: Recipe) -> dict[str, Any]:
    """Return what a run would do, doing nothing: texts, columns passed on and left out, by which way."""
    frame = as_frame(recipe.source)
    passed = [name for name in (recipe.text, recipe.label, *recipe.keep) if name]
    if lost := [name for name in passed if name not in frame.columns]:
        hint = f"there are: {', '.join(frame.columns)}"
        raise DataError(f"there is no column {lost[0]!r}", where=recipe.source, hint=hint)
    texts = len(frame)
    return {
        "source": recipe.source,
        "texts": texts,
        "way": f"new texts that {recipe.twin} writes from attributes" if recipe.twin else "surrogates",
        "rows": (recipe.rows or texts) if recipe.twin else texts,
        "passed_on": passed,
        "left_out": [name for name in frame.columns if name not in passed],
        "model_calls": (recipe.rows or texts) if recipe.twin else 0,
    }


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a result goes: `out` None keeps nothing."""

    out: Path | None
    fresh: bool
    format: Format


def _surrogates(
    frame: pl.DataFrame, order: PrivateOrder, key: Path | None, place: _Place, **audited: Any
) -> Privatized:
    named = None if key is None else _key_of(key)
    if place.out is None:
        return replace_texts(frame, order, named or draw_key(), **audited)
    told = {name: value for name, value in asdict(order).items() if name != "gates"}
    with open_folder(place.out, _digest(frame, told), fresh=place.fresh) as store:
        if named is None:
            held = store.fact("key")
            named = draw_key() if held is None else bytes.fromhex(held)
        store.put_fact("key", named.hex())
        return replace_texts(frame, order, named, **audited)


def _twins(
    frame: pl.DataFrame, order: PrivateOrder, model: str, place: _Place, *, setting: str, **writing: Any
) -> Privatized:
    if place.out is None:
        with open_stores(":memory:") as stores:
            return write_twins(frame, order, model, stores, setting=setting, **writing)
    told = {**asdict(order), "gates": None, "twin": model, "setting": setting}
    with (
        open_folder(place.out, _digest(frame, told), fresh=place.fresh),
        open_stores(place.out / STORE) as stores,
    ):
        return write_twins(frame, order, model, stores, setting=setting, **writing)


def _recipe(files: dict[str, Any], asked: dict[str, Any], out: Path) -> str:
    """Return the text of recipe.yaml, "" where what was given is no file; its paths count from the folder `out`."""
    given = {name: value for name, value in files.items() if value is not None}
    if not all(isinstance(value, str | Path) for value in given.values()):
        return ""
    paths = {name: str(Path(value).resolve()) for name, value in given.items()}
    content = {name: list(value) if isinstance(value, tuple) else value for name, value in asked.items()}
    return locate(validate(Recipe, {**content, **paths}, where=""), out).to_yaml()


def _texts(data: Any, text: str) -> list[str]:
    frame = as_frame(data)
    if text not in frame.columns:
        raise DataError(
            f"there is no column {text!r}", where="the hold-out", hint=f"there are: {', '.join(frame.columns)}"
        )
    return [str(value) for value in frame[text].drop_nulls().to_list()]


def _key_of(path: Path) -> bytes:
    """Return the key that a file holds; one is drawn and written, for its owner alone, if there is no such file."""
    if not path.exists():
        key = draw_key()
        write_atomic(path, key.hex().encode())
        path.chmod(0o600)
        return key
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (ValueError, OSError) as error:
        raise RecipeError(
            "this is no key", where=str(path), hint="name a file that is not there: a key is made"
        ) from error
    if len(key) != KEY_BYTES:
        raise RecipeError("this is no key", where=str(path), hint=f"a key is {2 * KEY_BYTES} hexadecimal digits")
    return key


def _digest(frame: pl.DataFrame, told: dict[str, Any]) -> str:
    content = json.dumps({**told, "version": version("simulacra"), "verb": "privatize"}, sort_keys=True).encode()
    return hashlib.sha256(content + hashlib.sha256(frame.write_ipc(None).getvalue()).digest()).hexdigest()
