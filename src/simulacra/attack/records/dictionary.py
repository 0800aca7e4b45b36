"""Numbers and texts that stand in a target's code: the values at which it decides differently.

Source: the dictionaries of grey-box fuzzers (AFL, libFuzzer), read from compiled constants instead of comparisons.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from types import CodeType, ModuleType
from typing import Any

__all__ = ["constants_of"]

_MOST = 400


def constants_of(function: Callable[..., Any]) -> list[Any]:
    """Return the distinct numbers and short texts in the function's module, those of the function itself first.

    Nothing is found in what is not written in Python, or is no function of a module of its own.
    """
    module = inspect.getmodule(function)
    codes = [*_codes(getattr(function, "__code__", None))]
    if isinstance(module, ModuleType) and _is_own(module):
        for value in vars(module).values():
            if getattr(value, "__module__", None) == module.__name__:
                codes += [code for one in _functions(value) for code in _codes(getattr(one, "__code__", None))]
        named = [value for value in vars(module).values() if not callable(value)]
    else:
        named = []
    found: dict[str, Any] = {}
    for value in [*(value for code in codes for value in code.co_consts), *named]:
        for plain in _plain(value):
            found.setdefault(f"{type(plain).__name__}:{plain!r}", plain)
    return list(found.values())[:_MOST]


def _is_own(module: ModuleType) -> bool:
    """Say whether the module is the user's: not part of the standard library or an installed package."""
    file = getattr(module, "__file__", None) or ""
    return bool(file) and "site-packages" not in file and "/lib/python" not in file


def _functions(value: Any) -> Iterator[Any]:
    if inspect.isclass(value):
        yield from (one for one in vars(value).values() if callable(one))
    elif callable(value):
        yield value


def _codes(code: CodeType | None) -> Iterator[CodeType]:
    if code is None:
        return
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _codes(value)


def _plain(value: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(value, bool) or value is None:
        return
    if (isinstance(value, int | float) and math.isfinite(value)) or (isinstance(value, str) and len(value) <= 60):
        yield value
    elif isinstance(value, tuple | list | set | frozenset) and depth < 3:
        for part in value:
            yield from _plain(part, depth + 1)
    elif isinstance(value, dict) and depth < 3:
        for key, part in value.items():
            yield from _plain(key, depth + 1)
            yield from _plain(part, depth + 1)
