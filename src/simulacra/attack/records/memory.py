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


def maker_of(function: Callable[..., Any]) -> tuple[Maker | None, str]:
    """Return what makes the target anew, or None and why nothing does; ask before the first call."""
    if inspect.isfunction(function):
        maker = _from_module(function)
        return maker, "" if maker else "it is no function of a module that can be run again"
    package = str(getattr(function, "__module__", "")).partition(".")[0]
    if package in _LARGE:
        return None, f"objects of {package} are not copied"
    try:
        before = copy.deepcopy(function)
    except Exception as error:  # the target's own, of any kind: locks, connections and the like cannot be copied
        return None, f"it cannot be copied: {type(error).__name__}: {str(error)[:200]}"
    return lambda: copy.deepcopy(before), ""


def blame(
    target: RecordTarget, maker: Maker, first: tuple[RecordCase, Outcome], since: Sequence[Record]
) -> Failure | None:
    """Return the failure of a target that remembers, with the one record that does it as small as it gets.

    first : a record and its answer at the start. since : the records between the last time that it was answered so and
    now. From here on the target is made anew before each call. None if a new target does not answer as the first did,
    making one fails or takes long, or no single record does it: then nothing is changed, and `target.unmade` says why.
    """
    case, before = first
    target.unmade = _why_not(maker)
    if target.unmade:
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
        target.unmade = "no single record does it" if same_again else "a new one answers otherwise"
        return None
    names = [name for name in culprit if culprit.get(name) != case.record.get(name)]
    least = shrink(names, lambda some: not same(before, after(_mixed(case.record, culprit, some))), tries=40)
    record = _mixed(case.record, culprit, least)
    seen = after(record)
    target.maker = maker
    told = ", ".join(f"{name} = {record[name]!r}" for name in least) or "any record"
    said = f"after a record with {told} the same record got {_said(seen)}, before it {_said(before)}: it remembers"
    return Failure("memory", ("memory",), case, said, "high", None, after=record)


def _why_not(maker: Maker) -> str:
    """Return why a target is not made anew before each call, "" if it can be."""
    began = time.perf_counter()
    try:
        maker()
    except Exception as error:  # the target's own, of any kind: a module that can be run but once
        return f"its module cannot be run again: {type(error).__name__}: {str(error)[:200]}"
    return "" if time.perf_counter() - began <= _SLOWEST else f"that takes longer than {1000 * _SLOWEST:.0f} ms"


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
