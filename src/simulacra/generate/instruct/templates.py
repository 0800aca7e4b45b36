"""Templates of recipes: Jinja in its sandbox, so that a recipe from a stranger cannot do more than write text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ...errors import RecipeError

__all__ = ["TemplateFault", "holds", "names_in", "render"]

_MOST = 200_000
"""Characters that a template may write: a loop in it cannot fill the memory."""
_FALSE = ("", "false", "none", "0", "no", "[]", "{}")


class TemplateFault(RecipeError):
    """A template cannot be filled in for a row."""


_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_environment.globals.clear()  # no lipsum, no cycler; range is enough
_environment.globals["range"] = range


def render(template: str, row: Mapping[str, Any]) -> str:
    """Return the template's text for a row; its fields are the names.

    Errors: TemplateFault for what the template does not find, may not do, or writes too much of.

    >>> render("{{ name|upper }} in {{ places|join(' or ') }}", {"name": "ann", "places": ["Bonn", "Ulm"]})
    'ANN in Bonn or Ulm'
    """
    parts, length = [], 0
    try:
        for part in _parse(template).generate(row):
            parts.append(part)
            length += len(part)
            if length > _MOST:
                raise TemplateFault(f"a template writes more than {_MOST:,} characters", hint="look at its loops")
    except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as error:
        raise TemplateFault(
            f"a template cannot be filled in ({error})", hint="see `simulacra instruct --preview`"
        ) from error
    return "".join(parts).strip()


def holds(condition: str, row: Mapping[str, Any]) -> bool:
    """Return whether a condition is true of a row: a Jinja expression, bare or in double braces.

    >>> holds("level == 'hard'", {"level": "hard"}), holds("{{ n > 3 }}", {"n": 2}), holds("", {})
    (True, False, True)
    """
    text = condition.strip()
    if not text:
        return True
    whole = text if "{{" in text or "{%" in text else f"{{{{ {text} }}}}"
    return render(whole, row).lower() not in _FALSE


def names_in(template: str) -> set[str]:
    """Return the names that a template reads; RecipeError if it is no template."""
    try:
        return meta.find_undeclared_variables(_environment.parse(template)) - {"range"}
    except TemplateError as error:
        raise RecipeError(f"this is no template ({error})", hint="see docs/instruct.md") from error


@lru_cache(maxsize=512)
def _parse(template: str) -> Template:
    return _environment.from_string(template)
