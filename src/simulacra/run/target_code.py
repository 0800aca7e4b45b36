"""Which code a target is, and what it is called: answers of code that was changed since are not its answers."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["code_digest", "name_of"]


def name_of(target: str | Callable[..., Any] | None) -> str:
    """Return what a target is called.

    >>> name_of("embedded"), name_of(None), name_of(print)
    ('embedded', 'no target', 'builtins:print')
    """
    if target is None or isinstance(target, str):
        return target or "no target"
    kind = target if hasattr(target, "__qualname__") else type(target)
    return f"{kind.__module__}:{kind.__qualname__}"


def code_digest(function: Callable[..., Any]) -> str:
    """Return a digest of the file in which a function, or the class of an object, is written; "" if there is none.

    Not handled: what that file imports, and models that are loaded.

    >>> code_digest(code_digest) == code_digest(inspect.getsource), code_digest(print)
    (False, '')
    """
    one = inspect.unwrap(getattr(function, "__func__", function))
    one = one if inspect.isfunction(one) or inspect.isclass(one) else type(one)
    try:
        path = inspect.getsourcefile(one)
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=12).hexdigest() if path else ""
    except (TypeError, OSError):
        return ""
