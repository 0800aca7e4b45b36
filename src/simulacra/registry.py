"""Names to plug-ins: one file in a room is one plug-in, found by its module's name.

A room (say `simulacra.measure`) holds its plug-ins as modules; each decorates its class with `@register(kind)`. Modules
that start with `_` are machinery, not plug-ins. Other packages add theirs through the entry-point group
`simulacra.<kind>`. Nothing is imported before it is asked for.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, TypeVar

from .errors import RecipeError

__all__ = ["KINDS", "find", "names", "register"]

KINDS = {
    "generator": "simulacra.generate",
    "check": "simulacra.check",
    "row_check": "simulacra.check.rows",
    "metric": "simulacra.measure",
    "text_metric": "simulacra.measure.text",
    "model": "simulacra.models.backends",
    "embedder": "simulacra.models.embedders",
    "transform": "simulacra.transform",
    "export": "simulacra.export",
    "operator": "simulacra.attack.assistants.operators",
    "oracle": "simulacra.attack.assistants.oracles",
}
"""Kind of plug-in -> the package whose modules hold them."""

_found: dict[str, dict[str, type[Any]]] = {kind: {} for kind in KINDS}
_loaded: set[str] = set()

P = TypeVar("P", bound=type[Any])


def register(kind: str) -> Callable[[P], P]:
    """Class decorator: put the class, under its attribute `name`, among the plug-ins of `kind`."""

    def put(plugin: P) -> P:
        taken = _found[kind].setdefault(plugin.name, plugin)
        if taken is not plugin and taken.__qualname__ != plugin.__qualname__:
            raise RecipeError(f"two plug-ins are called {plugin.name!r}", where=kind, hint="rename one of them")
        return plugin

    return put


def names(kind: str) -> list[str]:
    """Return the names of all plug-ins of one kind, sorted."""
    _load(kind)
    return sorted(_found[kind])


def find(kind: str, name: str) -> type[Any]:
    """Return the plug-in class of that kind and name; RecipeError with the nearest name if there is none."""
    if name not in _found[kind]:
        _load(kind)
    if name in _found[kind]:
        return _found[kind][name]
    near = difflib.get_close_matches(name, _found[kind], n=1)
    hint = f"did you mean {near[0]!r}" if near else f"there are: {', '.join(names(kind))}"
    raise RecipeError(f"there is no {kind} called {name!r}", hint=hint)


def _load(kind: str) -> None:
    if kind in _loaded:
        return
    room = importlib.import_module(KINDS[kind])
    for module in pkgutil.iter_modules(room.__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{KINDS[kind]}.{module.name}")
    for entry in entry_points(group=f"simulacra.{kind}"):
        entry.load()
    _loaded.add(kind)
