"""Functions that people name: "module:function", or "folder/file.py:function"."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import RecipeError

__all__ = ["forgetting_functions", "is_function_name", "load_function"]

_brought_in: set[str] = set()
"""Modules of a person's own that nobody had imported before `load_function` did."""


def is_function_name(text: str) -> bool:
    """Say whether a text has the form of a function's name.

    >>> is_function_name("bots.shop:reply"), is_function_name("../shop.py:Bot.reply"), is_function_name("http://a:80")
    (True, True, False)
    """
    module, _, name = text.rpartition(":")
    of_file = module.endswith(".py") and "://" not in module
    of_module = all(part.isidentifier() for part in module.split("."))
    return (of_file or of_module) and all(part.isidentifier() for part in name.split("."))


def load_function(name: str) -> Callable[..., Any]:
    """Return the function that "module:function" or "folder/file.py:function" names.

    A module is looked for in the working folder first; a file finds its neighbours, and is never taken for another file
    of the same name. Not handled: relative imports of a file, which belong to a module.

    Errors: RecipeError if there is no such function, or its module fails.
    """
    place, _, attribute = name.rpartition(":")
    if not place or not attribute:
        raise RecipeError(f"{name!r} names no function", hint="write module:function, e.g. scoring:decide")
    try:
        found: Any = _of_file(Path(place).resolve()) if place.endswith(".py") else _of_module(place)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, SyntaxError) as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name not in place.split(".")
        hint = "install what it imports beside simulacra" if missing else "it is looked for from this folder"
        raise RecipeError(f"this cannot be loaded ({error})", where=name, hint=hint) from error
    except (Exception, SystemExit) as error:  # the module's own: nothing else runs here
        seen = f"this cannot be loaded: its module fails with {type(error).__name__}: {error}"
        raise RecipeError(seen, where=name, hint="mend that first; it is run from this folder") from error
    if not callable(found):
        raise RecipeError(f"{name!r} is no function but a {type(found).__name__}", hint="name one")
    return found  # type: ignore[no-any-return]


@contextmanager
def forgetting_functions() -> Iterator[None]:
    """Forget, at the end, the modules of functions that were loaded by name; also a decorator: @forgetting_functions().

    The next run has them as they are written then, and without what calls left in them. What somebody else had imported
    before stays, and so do packages, and what they import themselves.
    """
    try:
        yield
    finally:
        for name in _brought_in:
            sys.modules.pop(name, None)
        _brought_in.clear()


def _of_module(name: str) -> ModuleType:
    _look_in(Path.cwd())
    is_new = name not in sys.modules
    module = importlib.import_module(name)
    place = Path(getattr(module, "__file__", None) or "")
    is_own = place.is_relative_to(Path.cwd()) and "site-packages" not in place.parts and not hasattr(module, "__path__")
    if is_new and is_own:
        _brought_in.add(name)
    return module


def _of_file(path: Path) -> ModuleType:
    name = path.stem
    if _file_of(name) not in (None, path) or name in sys.stdlib_module_names:
        name += f"_{hashlib.blake2b(str(path).encode(), digest_size=4).hexdigest()}"  # another file has its name
    if name in sys.modules:
        return sys.modules[name]
    if not path.is_file():
        raise ImportError(f"there is no file {path}")
    _look_in(path.parent)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickles look for it there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    _brought_in.add(name)
    return module


def _file_of(module: str) -> Path | None:
    """Return the file of a module that is imported, None if none is."""
    if module not in sys.modules:
        return None
    return Path(getattr(sys.modules[module], "__file__", None) or "").resolve()


def _look_in(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()  # the file may be younger than the last look
