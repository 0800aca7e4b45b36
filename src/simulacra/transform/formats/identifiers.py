"""Names of several words as programs write them: snake_case, kebab-case, camelCase and so on."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...errors import DataError

__all__ = ["IDENTIFIER_FORMATS"]

Words = tuple[str, ...]


def _split_by(sign: str) -> Callable[[str], Words]:
    def split(text: str) -> Words:
        return _checked(text, tuple(text.lower().split(sign)))

    return split


def _split_humps(text: str) -> Words:
    return _checked(text, tuple(word.lower() for word in re.findall(r"[A-Z][a-z]*|[a-z]+", text)))


def _checked(text: str, words: Words) -> Words:
    if not words or not all(re.fullmatch("[a-z]+", word) for word in words):
        raise DataError(f"{text!r} is no name of words", hint="use the letters a to z")
    return words


def _camel(words: Words) -> str:
    return words[0] + "".join(word.capitalize() for word in words[1:])


IDENTIFIER_FORMATS: dict[str, tuple[Callable[[Words], str], Callable[[str], Words]]] = {
    "snake": ("_".join, _split_by("_")),
    "kebab": ("-".join, _split_by("-")),
    "dotted": (".".join, _split_by(".")),
    "constant": (lambda words: "_".join(words).upper(), _split_by("_")),
    "title": (lambda words: " ".join(word.capitalize() for word in words), _split_by(" ")),
    "sentence": (lambda words: " ".join(words).capitalize(), _split_by(" ")),
    "camel": (_camel, _split_humps),
    "pascal": (lambda words: "".join(word.capitalize() for word in words), _split_humps),
}
"""Name -> (render, parse) of words of the letters a to z."""
