"""The target of edge cases: a Python function over one record, or a `predict` over a frame of them."""

from __future__ import annotations

import copy
import importlib.util
import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from ...contracts import Progress, Silent
from ...errors import MissingError, RecipeError
from .journal import Journal
from .outcome import Outcome
from .trace import Lines

__all__ = ["CallsSpent", "RecordTarget", "Style"]

Style = Literal["record", "arguments", "polars", "pandas", "texts", "text"]
"""How it is called: with a mapping, with keyword arguments, with a frame of rows; a classifier with texts, or one."""


class CallsSpent(Exception):
    """The limit on calls is reached; the search ends with what it has."""


class RecordTarget:
    """A function to be tested, with a hard limit on the number of calls.

    style : how it is called; None: from its signature (one parameter annotated as a frame, one parameter, or several
    that are called as fields are).
    """

    def __init__(
        self, function: Callable[..., Any], fields: Sequence[str], *, style: Style | None = None, budget: int = 10_000
    ) -> None:
        if style is not None and style not in get_args(Style):
            raise RecipeError(f"there is no style {style!r}", hint=f"styles are {', '.join(get_args(Style))}")
        self.function, self.fields = function, list(fields)
        self.style: Style = style or _style_of(function, fields)
        if self.style == "pandas" and importlib.util.find_spec("pandas") is None:
            raise MissingError("frames of pandas need pandas", hint="pip install 'simulacra[pandas]'")
        self.budget, self.calls = budget, 0
        self._progress: Progress = Silent()
        self.lines = Lines(function)
        self.journal: Journal | None = None
        self.maker: Callable[[], Callable[..., Any]] | None = None
        """Makes the target anew before each call, where it proved to remember calls; None: it is as it was given."""
        self.unmade = ""
        """Why nothing makes it anew, "" where something does or nobody tried."""

    def tell(self, progress: Progress) -> None:
        """Tell of each call from now on: a slow target is called for hours."""
        self._progress = progress
        progress.start("calls", self.budget)

    @property
    def batched(self) -> bool:
        """Whether it takes many rows at once."""
        return self.style in ("polars", "pandas", "texts")

    def exhausted(self) -> bool:
        """Whether the limit on calls is reached."""
        return self.calls >= self.budget

    def call(self, record: Mapping[str, Any]) -> Outcome:
        """Return what the target gives for one record."""
        return self.explore(record, watched=False)[0]

    def explore(self, record: Mapping[str, Any], *, watched: bool = True) -> tuple[Outcome, bool]:
        """Return what the target gives for one record, and whether that ran lines of it that nothing ran before."""
        known = self.journal.recall(self.calls, record) if self.journal is not None else None
        if known is not None:
            if self.exhausted():
                raise CallsSpent
            self._count(1)
            self.lines.reached.update(known[1])
            return known[0], bool(known[1])
        number = self.calls
        outcome, new = self.lines.watch(lambda: self._ask(record)) if watched else (self._ask(record), [])
        if self.journal is not None:
            self.journal.note(number, record, outcome, new)
        return outcome, bool(new)

    def _ask(self, record: Mapping[str, Any]) -> Outcome:
        if self.batched:
            outcome = self.call_many([record])
            return Outcome(outcome.value[0]) if outcome.ok and len(outcome.value) == 1 else outcome
        own = copy.deepcopy(dict(record))
        try:
            return self._guarded(
                lambda: _as_plain(self.function(**own) if self.style == "arguments" else self.function(own))
            )
        except KeyboardInterrupt as stop:
            stop.add_note(f"the target was asked about {dict(record)!r}")  # it may be the one that never returns
            raise

    def call_many(self, records: Sequence[Mapping[str, Any]]) -> Outcome:
        """Return what a batched target gives for rows: its value is the list of answers."""
        return self._guarded(lambda: _as_list(self.function(self._frame(records))))

    def changes_its_input(self, record: Mapping[str, Any]) -> bool:
        """Say whether the function changed the record it was given."""
        own = copy.deepcopy(dict(record))
        self._guarded(lambda: self.function(own))
        return repr(own) != repr(dict(record))

    def _frame(self, records: Sequence[Mapping[str, Any]]) -> Any:
        columns = list(dict.fromkeys([*self.fields, *(name for record in records for name in record)]))
        columns = [name for name in columns if not records or any(name in record for record in records)]
        data = {name: [record.get(name) for record in records] for name in columns}
        if self.style == "pandas":
            import pandas as pd

            return pd.DataFrame(data)
        import polars as pl

        return pl.DataFrame(data, strict=False)

    def _guarded(self, work: Callable[[], Any]) -> Outcome:
        if self.exhausted():
            raise CallsSpent
        self._count(1)
        try:
            if self.maker is not None:
                self.function = self.maker()
            return Outcome(work())
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also a target that ends the program: that is an answer to this record
            kinds = tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)
            said = str(error)[:200].encode("utf-8", "backslashreplace").decode()  # a record's half characters, quoted
            return Outcome(None, type(error).__name__, said, self._place(error), kinds)

    def _count(self, calls: int) -> None:
        self.calls += calls
        self._progress.advance(calls)

    def _place(self, error: BaseException) -> str:
        """Return "file:line" of the innermost frame in the target's own file; another file's if it has none."""
        frames = traceback.extract_tb(error.__traceback__)
        home = getattr(getattr(self.function, "__code__", None), "co_filename", None)
        own = [frame for frame in frames if frame.filename == home] or list(frames[1:]) or list(frames)
        return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""


def _style_of(function: Callable[..., Any], fields: Sequence[str]) -> Style:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return "record"
    if len(parameters) == 1:
        noted = str(parameters[0].annotation)
        if "DataFrame" in noted:
            return "polars" if "polars" in noted or "pl." in noted else "pandas"
        if not (parameters[0].name in fields and "Mapping" not in noted and "dict" not in noted):
            return "record"
    named = {one.name for one in parameters}
    return "arguments" if named & set(fields) else "record"


def _as_list(answer: Any) -> list[Any]:
    plain = _as_plain(answer)
    if isinstance(plain, str | bytes) or not hasattr(plain, "__iter__"):
        raise TypeError(f"a batch was given and a {type(answer).__name__} came back, not one answer per row")
    return [_as_plain(one) for one in plain]


def _as_plain(answer: Any) -> Any:
    """Return arrays and columns as lists, and their numbers as Python's own, so that answers can be compared."""
    for name in ("tolist", "to_list"):
        if hasattr(answer, name):
            return getattr(answer, name)()
    return answer
