"""What says how a run is made, among the choices that say what it makes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["take_running"]


def take_running(choices: dict[str, Any], run: Callable[..., Any]) -> dict[str, Any]:
    """Take those choices away that `run` has as options by name, and return them.

    >>> def run(recipe, out, *, budget=None, width=None): ...
    >>> choices = {"rows": 3, "budget": 2.0}
    >>> take_running(choices, run), choices
    ({'budget': 2.0}, {'rows': 3})
    """
    options = [one.name for one in inspect.signature(run).parameters.values() if one.kind is one.KEYWORD_ONLY]
    return {name: choices.pop(name) for name in options if name in choices}
