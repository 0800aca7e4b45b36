"""Findings about a text classifier as a file of pytest tests that needs nothing but the classifier."""

from __future__ import annotations

from collections.abc import Sequence

from ..attack.texts.findings import TextFinding
from .record_tests import LOAD, SEVERAL_CALLS, write_home, write_literal

__all__ = ["render_text_tests"]

_HEAD = '''"""Regression tests from findings of `simulacra edgecases --text`. Each fails until its finding is mended."""

import importlib
import math
import sys
from pathlib import Path

import pytest

{find}
STYLE = {style}
COLUMN = {column}
CLASSES = {classes}
STEP = {step}  # bare scores: how far one may move and still be the same answer
nan, inf = math.nan, math.inf

FINDINGS = [
{findings}
]


{load}


def ask(text):
    """Return (label, scores) of one text."""
    function = load()
    if STYLE == "text":
        return read(function(text))
    if STYLE == "texts":
        return read(list(function([text]))[0])
    return read(list(function(importlib.import_module(STYLE).DataFrame({{COLUMN: [text]}})))[0])


def read(value):
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, float):
        scores = {{"score": value}}
    elif isinstance(value, (str, bool, int)):
        return str(value), {{}}
    elif isinstance(value, dict) and "label" in value:
        scores = {{str(value["label"]): value.get("score", 1.0)}}
    elif isinstance(value, dict):
        scores = {{str(name): score for name, score in value.items()}}
    elif isinstance(value[0], dict):
        scores = {{str(one["label"]): one["score"] for one in value}}
    elif isinstance(value[0], str):
        scores = {{value[0]: value[1]}}
    else:
        scores = dict(zip(CLASSES if len(CLASSES) == len(value) else map(str, range(len(value))), value))
    assert all(math.isfinite(score) for score in scores.values()), "a score is no number"
    return None if set(scores) == {{"score"}} else max(scores, key=scores.get), scores


def same(first, second):
    if first[0] is None and second[0] is None:
        return abs(first[1]["score"] - second[1]["score"]) <= STEP
    return first[0] == second[0]


def place(said, name):
    return said[1].get(name, float(said[0] == name))


@pytest.mark.parametrize("finding", FINDINGS, ids=[finding["id"] for finding in FINDINGS])
def test_finding(finding):
    after, moves = ask(finding["text"]), finding["moves"]
    if finding["right"]:
        assert after[0] in finding["right"]
    if finding["wrong"]:
        assert after[0] not in finding["wrong"]
    if finding["before"] is None:
        return
    before = ask(finding["before"])
    if moves in ("stays", "changes"):
        assert same(before, after) == (moves == "stays")
    else:
        moved = place(after, finding["score"]) - place(before, finding["score"])
        assert moved * (1 if moves == "up" else -1) >= -finding["tolerance"]
'''


def render_text_tests(
    name: str,
    style: str,
    findings: Sequence[TextFinding],
    *,
    column: str,
    classes: Sequence[str],
    step: float,
    home: str = ".",
) -> str:
    """Return the text of the test file; findings about batches and memory, which need more than one call, are left out.

    name : the target as "module:function". style : how it is called. classes : names of the numbers in a row. step :
    how far a bare score may move. home : the folder from which the target is found, relative to that of the test file.
    """
    entries = [_entry(one) for one in findings if one.test not in SEVERAL_CALLS]
    return _HEAD.format(
        find=write_home(name, home),
        load=LOAD,
        style=repr(style),
        column=ascii(column),
        classes=write_literal(list(classes)),
        step=repr(step),
        findings="\n".join(f"    {entry}," for entry in entries),
    )


def _entry(one: TextFinding) -> str:
    test = one.source
    content = {
        "id": one.identity, "test": one.test, "told": one.told, "text": one.text, "before": one.before,
        "moves": "stays" if test is None else test.moves, "score": "" if test is None else test.score,
        "right": [] if test is None else list(test.labels), "wrong": [] if test is None else list(test.refused),
        "tolerance": 0.0 if test is None else test.tolerance,
    }  # fmt: skip
    return write_literal(content)
