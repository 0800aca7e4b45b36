"""The tests of a classifier: the usual changes that must not matter, and those that a person writes in YAML.

    words: {thing: [film, hotel], good: [good, great]}
    tests:
      - name: plain praise                                MFT: the class of these texts is known
        template: ["I loved this {thing}.", "What a {good} {thing}!"]
        label: positive                                   or a list of labels, or {not: negative}
      - name: praise added                                DIR: a change moves a score
        add: [I loved it.]                                or before, replace: {word: [others]}, negate: true, transform
        score: positive
        moves: up                                         or down, stays, changes (another answer)
      - name: towns do not matter                         INV: a change of one's own changes nothing
        replace: {Bonn: [Aachen, Kiel]}
    skip: [a link added, paraphrase]                      usual changes, by name or by capability

A test with a change and no `template` is tried on the texts of the data.
Source: Ribeiro, Wu, Guestrin and Singh 2020, CheckList.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from ...errors import RecipeError
from ...seeds import Seeds
from .changes import Change, adding, by_transform, negating, replacing, usual_changes

__all__ = ["Moves", "Suite", "TextTest", "make_suite", "read_suite"]

Kind = Literal["INV", "DIR", "MFT"]
Moves = Literal["stays", "up", "down", "changes"]
_MOVES = ("stays", "up", "down", "changes")
_CHANGES = ("add", "before", "replace", "negate", "transform")
_KEYS = ("name", "capability", "template", "label", "score", "moves", "tolerance", *_CHANGES)
_TOLERANCE = 0.05
_MOST_TEXTS = 500
"""Texts that are made of the templates of one test, at most; drawn if there are more."""


@dataclass(frozen=True, slots=True)
class TextTest:
    """One test.

    texts : its own texts, () for those of the data. change : None for a test of expected labels. moves : what the
    change does to the answer. score : the class whose score moves. labels, refused : labels that are right, that are
    wrong. tolerance : how far a score may go the wrong way.
    """

    name: str
    capability: str
    kind: Kind
    change: Change | None = None
    texts: tuple[str, ...] = ()
    moves: Moves = "stays"
    score: str = ""
    labels: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    tolerance: float = _TOLERANCE

    def wish(self) -> str:
        """Return what must hold, in words."""
        if self.kind == "MFT":
            return f"the answer is {' or '.join(self.labels)}" if self.labels else f"not {' nor '.join(self.refused)}"
        moved = {"up": "does not fall", "down": "does not rise"}.get(self.moves)
        if moved:
            return f"the score of {self.score} {moved}"
        return "the answer stays" if self.moves == "stays" else "the answer changes"


@dataclass(frozen=True, slots=True)
class Suite:
    """All tests of a hunt. own : how many of them a person wrote."""

    tests: tuple[TextTest, ...]
    own: int = 0


def read_suite(path: Path) -> Mapping[str, Any]:
    """Return the content of a file of tests. Errors: RecipeError if it is none."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"the tests cannot be read ({error.strerror})", where=str(path)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RecipeError(f"this is no YAML ({str(error).splitlines()[0]})", where=str(path)) from error
    if not isinstance(content, Mapping):
        raise RecipeError("a file of tests is a mapping", where=str(path), hint="write tests: and a list under it")
    return content


def make_suite(content: Mapping[str, Any], seeds: Seeds, *, skip: Sequence[str] = (), where: str = "tests") -> Suite:
    """Return the usual tests and those that a mapping names.

    skip : names or capabilities of usual tests to leave out, beside those the mapping names.
    Errors: RecipeError, with the test it is in, for what is no such test.
    """
    if strange := sorted(set(content) - {"words", "tests", "skip"}):
        raise RecipeError(f"{strange[0]!r} is no entry", where=where, hint="entries are words, tests, skip")
    usual = [TextTest(one.name, one.capability, "INV", one) for one in usual_changes()]
    left = [str(name) for name in (*skip, *_as_list(content.get("skip")))]
    known = {name for one in usual for name in (one.name, one.capability)}
    if strange := [name for name in left if name not in known]:
        hint = f"there are: {', '.join(sorted(known))}"
        raise RecipeError(f"there is no usual test {strange[0]!r} to skip", where=where, hint=hint)
    words = {str(name): [str(one) for one in _as_list(some)] for name, some in (content.get("words") or {}).items()}
    entries = enumerate(_as_list(content.get("tests")), 1)
    own = [_test(one, words, f"{where}, test {place}", seeds) for place, one in entries]
    names = [test.name for test in own]
    if twice := [name for name in names if names.count(name) > 1 or name in known]:
        raise RecipeError(f"there are two tests {twice[0]!r}", where=where, hint="give each a name of its own")
    return Suite((*own, *(test for test in usual if not {test.name, test.capability} & set(left))), len(own))


def _test(entry: Any, words: Mapping[str, list[str]], where: str, seeds: Seeds) -> TextTest:
    if not isinstance(entry, Mapping) or not entry.get("name"):
        raise RecipeError("a test is a mapping with a name", where=where)
    name = str(entry["name"])
    if strange := sorted(set(map(str, entry)) - set(_KEYS)):
        raise RecipeError(f"{strange[0]!r} is no entry of a test", where=where, hint=f"entries are {', '.join(_KEYS)}")
    texts = _filled(_as_list(entry.get("template")), words, where, seeds.child("template", name))
    capability = str(entry.get("capability", "your own"))
    change = _change(entry, name, capability, where)
    if change is None:
        labels, refused = _labels(entry, where)
        if not texts:
            raise RecipeError(f"{name!r} has neither a template nor a change", where=where, hint=_hint())
        return TextTest(name, capability, "MFT", None, texts, labels=labels, refused=refused)
    moves: Any = str(entry.get("moves", "stays"))
    if moves not in _MOVES:
        raise RecipeError(f"{name!r} moves {moves!r}", where=where, hint=f"moves is one of {', '.join(_MOVES)}")
    if moves in ("up", "down") and "score" not in entry:
        raise RecipeError(f"{name!r} does not say which score moves {moves}", where=where, hint="add score: LABEL")
    kind: Kind = "INV" if moves == "stays" else "DIR"
    tolerance = float(entry.get("tolerance", _TOLERANCE))
    score = str(entry.get("score", ""))
    return TextTest(name, capability, kind, change, texts, moves, score, tolerance=tolerance)


def _hint() -> str:
    return f"write template and label, or one of {', '.join(_CHANGES)}"


def _change(entry: Mapping[str, Any], name: str, capability: str, where: str) -> Change | None:
    given = [key for key in _CHANGES if entry.get(key)]
    if len(given) > 1:
        raise RecipeError(f"{name!r} has two changes, {given[0]} and {given[1]}", where=where, hint="write two tests")
    if not given:
        return None
    key, value = given[0], entry[given[0]]
    if key in ("add", "before"):
        return adding(name, capability, [str(one) for one in _as_list(value)], before=key == "before")
    if key == "replace":
        if not isinstance(value, Mapping):
            raise RecipeError(f"{name!r} replaces {value!r}", where=where, hint="write replace: {word: [others]}")
        return replacing(name, capability, {str(k): [str(one) for one in _as_list(v)] for k, v in value.items()})
    return negating(name, capability) if key == "negate" else by_transform(name, capability, str(value))


def _labels(entry: Mapping[str, Any], where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    told = entry.get("label")
    if isinstance(told, Mapping) and set(told) == {"not"}:
        return (), tuple(str(one) for one in _as_list(told["not"]))
    labels = tuple(str(one) for one in _as_list(told))
    if not labels or isinstance(told, Mapping):
        raise RecipeError(f"{entry['name']!r} does not say the label of its texts", where=where, hint=_hint())
    return labels, ()


def _filled(templates: Sequence[Any], words: Mapping[str, list[str]], where: str, seeds: Seeds) -> tuple[str, ...]:
    """Return the texts that templates stand for; a sample if there are very many."""
    found: list[str] = []
    for template in map(str, templates):
        try:
            names = list(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(template) if name))
        except ValueError as error:
            raise RecipeError(f"{template!r} is no template ({error})", where=where) from error
        if strange := [name for name in names if name not in words]:
            hint = f"add {strange[0]}: [...] under words"
            raise RecipeError(f"{template!r} needs words for {strange[0]!r}", where=where, hint=hint)
        combinations = itertools.product(*(words[name] for name in names))
        some = itertools.islice(combinations, 20 * _MOST_TEXTS)
        found += [template.format(**dict(zip(names, chosen, strict=True))) for chosen in some]
    found = list(dict.fromkeys(found))
    places = sorted(seeds.rng().permutation(len(found))[:_MOST_TEXTS].tolist())
    return tuple(found[place] for place in places)


def _as_list(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
