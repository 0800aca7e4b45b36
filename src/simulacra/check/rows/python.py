"""A user's own Python function looks at the row."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ...contracts.rows import Context, Row
from ...functions import load_function
from ...registry import register
from ._row import Alone

__all__ = ["Python"]


@register("row_check")
class Python(Alone):
    """Rejects a row by a function of your own, named "module:function" or "path/to/file.py:function".

    It gets the row, a dict without what begins with "_", and returns true or None to keep it, false or a reason (text)
    to reject it; it may be `async`. It runs in this process with all your rights: use your own code only. An exception
    it raises is a reject with that reason.
    """

    name = "python"

    def __init__(self, function: str | Callable[[Row], Any]) -> None:
        self._function = function if callable(function) else load_function(function)
        self._called = getattr(self._function, "__name__", "the function")

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the function's reason."""
        del context
        shown = {name: value for name, value in row.items() if not name.startswith("_")}
        try:
            said = self._function(shown)
            said = await said if inspect.isawaitable(said) else said
        except Exception as error:  # whatever the user's code raises
            return f"{self._called} failed: {type(error).__name__}: {str(error)[:80]}"
        if isinstance(said, str):
            return said or None
        return None if said is None or said else f"{self._called} says no"
