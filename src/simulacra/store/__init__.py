"""One SQLite file per run: batches of tables (`runs`), answered calls of language models (`calls`).

The parts are loaded when they are first named: who stores calls does not load a frame library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .calls import CallStore, Loss, Paid
    from .runs import Batch, Store

__all__ = ["Batch", "CallStore", "Loss", "Paid", "Store"]

_HOMES = {"Batch": "runs", "Store": "runs", "CallStore": "calls", "Loss": "calls", "Paid": "calls"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
