"""Targets that remember: which record makes a target answer another one otherwise, and how to go on without its memory.

A target's memory is put back by copying the object as it was before the first call, or by running its module again.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..shrink import shrink
from .cases import RecordCase
from .oracles import Failure, same
from .outcome import Outcome
from .target import RecordTarget

__all__ = ["Maker", "blame", "maker_of"]

Record = Mapping[str, Any]
Maker = Callable[[], Callable[..., Any]]
"""Returns a target that was never called."""
_LARGE = frozenset({"sklearn", "xgboost", "lightgbm", "catboost", "torch", "keras", "tensorflow"})
"""Where models come from that do not remember their calls and are too large to be copied."""
_SLOWEST = 0.02  # seconds: what takes longer to put back is not put back before each call


def maker_of(function: Callable[..., Any]) -> Maker | None:
    """Return what makes the target anew, None if nothing does; ask before the first call."""
    if inspect.isfunction(function):
        return _from_module(function)
    if getattr(function, "__module__", None) and str(function.__module__).partition(".")[0] in _LARGE:
        return None
    try:
        before = copy.deepcopy(function)
    except Exception:  # the target's own: locks, connections and the like cannot be copied
        return None
    return lambda: copy.deepcopy(before)


def blame(
    target: RecordTarget, maker: Maker, first: tuple[RecordCase, Outcome], since: Sequence[Record]
) -> Failure | None:
    """Return the failure of a target that remembers, with the one record that does it as small as it gets.

    first : a record and its answer at the start. since : the records between the last time that it was answered so and
    now. From here on the target is made anew before each call. None if a new target does not answer as the first did,
    making one fails or takes long, or no single record does it: then nothing is changed.
    """
    case, before = first
    if not _is_quick(maker):
        return None

    def after(record: Record) -> Outcome:
        target.function, target.maker = maker(), None
        target.call(record)
        return target.call(case.record)

    kept = target.function, target.maker
    same_again = same(before, after(case.record))
    culprit = next((one for one in reversed(since) if not same(before, after(one))), None) if same_again else None
    if culprit is None:
        target.function, target.maker = kept
        return None
    names = [name for name in culprit if culprit.get(name) != case.record.get(name)]
    least = shrink(names, lambda some: not same(before, after(_mixed(case.record, culprit, some))), tries=40)
    record = _mixed(case.record, culprit, least)
    seen = after(record)
    target.maker = maker
    told = ", ".join(f"{name} = {record[name]!r}" for name in least) or "any record"
    said = f"after a record with {told} the same record got {_said(seen)}, before it {_said(before)}: it remembers"
    return Failure("memory", ("memory",), case, said, "high", None, after=record)


def _is_quick(maker: Maker) -> bool:
    began = time.perf_counter()
    try:
        maker()
    except Exception:  # the target's own: a module that can be run but once
        return False
    return time.perf_counter() - began <= _SLOWEST


def _from_module(function: Callable[..., Any]) -> Maker | None:
    module = sys.modules.get(function.__module__)
    place, name = getattr(module, "__file__", None), function.__qualname__
    if not place or module is None or "<" in name or module.__name__ == "__main__":
        return None

    def make() -> Callable[..., Any]:
        spec = importlib.util.spec_from_file_location(module.__name__, place)
        assert spec is not None
        assert spec.loader is not None
        again: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(again)
        for part in name.split("."):
            again = getattr(again, part)
        return again  # type: ignore[no-any-return]

    return make


def _mixed(base: Record, other: Record, names: Sequence[str]) -> dict[str, Any]:
    return {**base, **{name: other[name] for name in names}}


def _said(outcome: Outcome) -> str:
    return repr(outcome.value) if outcome.ok else outcome.error
