"""Texts made private: surrogates for what names somebody, or twins written from attributes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import polars as pl

from ..contracts import Progress
from ..data.files import write_atomic
from ..errors import DataError, RecipeError
from ..report.privatize import write_private_texts
from ..run.flow.stores import open_stores
from ..run.folder import STORE, open_folder
from ..run.judging import as_frame
from ..run.private.order import PrivateOrder, Privatized
from ..run.private.replace import replace_texts
from ..run.private.twins import write_twins
from ..transform.surrogates import KEY_BYTES, draw_key

__all__ = ["privatize"]


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
    order = PrivateOrder(
        text, label, tuple(keep), tuple(protect), tuple(replace), tuple(kinds), together, tuple(gates), seed
    )
    frame = as_frame(data)
    unseen = None if holdout is None else _texts(holdout, text)
    source = Path(data).name if isinstance(data, str | Path) else "a table"
    if twin is None and (rows or setting):
        raise RecipeError("rows and a setting are for twins", hint="name the model that writes them: twin=")
    if twin is not None:
        writing = {"rows": rows, "setting": setting, "holdout": unseen, "source": source, "progress": progress}
        return _twins(frame, order, twin, out, fresh=fresh, format=format, **writing)
    named = None if key is None else _key_of(Path(key))
    if out is None:
        return replace_texts(frame, order, named or draw_key(), holdout=unseen, source=source, progress=progress)
    told = {name: value for name, value in asdict(order).items() if name != "gates"}
    with open_folder(Path(out), _digest(frame, told), fresh=fresh) as store:
        if named is None:
            held = store.fact("key")
            named = draw_key() if held is None else bytes.fromhex(held)
        store.put_fact("key", named.hex())
        result = replace_texts(frame, order, named, holdout=unseen, source=source, progress=progress)
        write_private_texts(result, Path(out), format=format)
    return result


def _twins(
    frame: pl.DataFrame,
    order: PrivateOrder,
    model: str,
    out: str | Path | None,
    *,
    fresh: bool,
    format: Literal["parquet", "csv", "jsonl"],
    **writing: Any,
) -> Privatized:
    if out is None:
        with open_stores(":memory:") as stores:
            return write_twins(frame, order, model, stores, **writing)
    told = {**asdict(order), "gates": None, "twin": model, "setting": writing["setting"]}
    path = Path(out) / STORE
    with (
        open_folder(Path(out), _digest(frame, told), fresh=fresh),
        open_stores(path) as stores,
    ):
        result = write_twins(frame, order, model, stores, **writing)
        write_private_texts(result, Path(out), format=format)
    return result


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
