"""The table of synonyms: everyday words first, then what `bench/_synonyms.py` derived from WordNet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

__all__ = ["PARTICLES", "synonyms"]

_PARTICLES = (
    "up out off on in over down away back through around along into onto upon by about across forth apart to for"
)
PARTICLES = frozenset(_PARTICLES.split())
"""Words that, right after a verb, may make another verb of it ("call off")."""


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return word form -> (part of speech: n, v, a or r; the forms that may stand in its place)."""
    table: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name in ("synonyms.tsv", "everyday.tsv"):  # the later one decides
        text = files(__package__).joinpath(name).read_text(encoding="utf-8")
        for line in text.splitlines():
            if line and not line.startswith("#"):
                form, part, others = line.split("\t")
                table[form] = (part, tuple(other for other in others.split(",") if other != form))
    return {form: entry for form, entry in table.items() if entry[1]}
