"""Which lines of a target's code a call runs: records that reach new ones are worth changing further."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["Lines"]


class Lines:
    """The lines reached so far in the file of a Python function; empty for what is not written in Python.

    Source: grey-box fuzzing by coverage (AFL).
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._file = getattr(getattr(function, "__code__", None), "co_filename", None)
        self.reached: set[int] = set()

    def watch(self, work: Callable[[], Any]) -> tuple[Any, list[int]]:
        """Return what the work gives, and the lines that it reached and none before."""
        if self._file is None:
            return work(), []
        before, outer = set(self.reached), sys.gettrace()
        sys.settrace(self._enter)
        try:
            done = work()
        finally:
            sys.settrace(outer)
        return done, sorted(self.reached - before)

    def _enter(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename != self._file:
            return None
        self._line(frame, event, None)
        return self._line

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            self.reached.add(frame.f_lineno)
        return self._line
