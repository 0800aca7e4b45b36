"""Models in one string: `embedded`, `openai:gpt-5-mini`, `http://127.0.0.1:8000/v1#name`, `gguf:/path`, `echo:a.yaml`.

What comes before the first colon names a backend (`simulacra list models`), the rest is the backend's own. Keys are
never part of a name: they come from the vendor's usual environment variable or from `.env` in the working folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from .. import registry
from ..contracts.models import Backend
from ..errors import RecipeError

__all__ = ["identity_named", "look_up", "open_model", "require_backend", "split_name"]


def split_name(text: str) -> tuple[str, str]:
    """Return the backend's name and what is left for it.

    >>> split_name("openai:gpt-5-mini"), split_name("http://127.0.0.1:8000/v1#m"), split_name("embedded")
    (('openai', 'gpt-5-mini'), ('endpoint', 'http://127.0.0.1:8000/v1#m'), ('embedded', ''))
    """
    if text.startswith(("http://", "https://")):
        return "endpoint", text
    name, _, rest = text.strip().partition(":")
    return name, rest


def require_backend(text: str) -> Callable[[str], Backend]:
    """Return what makes the backend that the name describes, nothing is opened. Errors: RecipeError if it is none."""
    name, _ = split_name(text)
    if not name:
        raise RecipeError("the model has no name", where="model", hint="e.g. embedded, openai:gpt-5-mini, echo")
    kind: Callable[[str], Backend] = registry.find("model", name)
    return kind


def identity_named(text: str) -> str:
    """Return the identity of the model that the name describes, as far as it is known without opening it.

    >>> identity_named("embedded"), identity_named("openai:gpt-5-mini")
    ('embedded:smollm2-135m', 'openai:gpt-5-mini')

    Errors: RecipeError if there is no such backend.
    """
    name, rest = split_name(text)
    return f"{name}:{rest or getattr(require_backend(text), 'usual', '')}"


def open_model(text: str) -> Backend:
    """Return the backend that the name describes, ready to be asked.

    Errors: RecipeError if the name is none; MissingError if an extra is not installed; KeyRefused if there is no key.
    """
    return require_backend(text)(split_name(text)[1])


def look_up(variable: str, folder: Path | None = None) -> str | None:
    """Return an environment variable, or its line in `.env`; None if it is in neither, or empty.

    folder : where `.env` lies; the working folder if None.
    """
    if value := os.environ.get(variable, "").strip():
        return value
    return _read_env((folder or Path.cwd()) / ".env").get(variable) or None


def _read_env(path: Path) -> dict[str, str]:
    """Return the assignments in a `.env` file: `NAME=value`, `export NAME="value"`, `# remarks`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            found[name.strip()] = value[1:-1] if quoted else value.split(" #")[0].strip()
    return found
