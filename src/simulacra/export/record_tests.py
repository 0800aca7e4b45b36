"""Findings about a record function as a file of pytest tests that needs nothing but the function.

A finding is mended when its test passes; the file then stays as a regression test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..attack.records.domain import Domain
from ..attack.records.findings import Finding

__all__ = ["LOAD", "SEVERAL_CALLS", "render_record_tests", "write_home", "write_literal"]

LOAD = """def load():
    module, attribute = TARGET.rsplit(":", 1)
    folder = HOME
    if module.endswith(".py"):
        folder, module = (HOME / module).resolve().parent, Path(module).stem
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    found = importlib.import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found"""
"""How a file of tests loads its target, from whatever folder it is run."""
SEVERAL_CALLS = frozenset(
    {"memory", "batch", "empty batch", "single against batch", "order of rows", "duplicates in a batch"}
)
"""What a test of one call cannot show."""

_HEAD = '''"""Regression tests from findings of `simulacra edgecases`. Each fails until its finding is mended."""

import importlib
import math
import sys
from pathlib import Path

import pytest

{find}
STYLE = {style}
REJECTS = {rejects}
LEVELS = {levels}
DIRECTIONS = {directions}
nan, inf = math.nan, math.inf

FINDINGS = [
{findings}
]


{load}


def call(record):
    function = load()
    if STYLE == "arguments":
        answer = function(**record)
    elif STYLE == "record":
        answer = function(dict(record))
    else:
        frames = importlib.import_module(STYLE)
        answer = list(function(frames.DataFrame({{name: [value] for name, value in record.items()}})))[0]
    return answer.tolist() if hasattr(answer, "tolist") else answer


def is_refusal(error):
    return bool(set(REJECTS) & {{kind.__name__ for kind in type(error).__mro__}})


def place(value):
    value = value[-1] if isinstance(value, (list, tuple)) else value
    return LEVELS.index(value) if LEVELS else value


def is_number(value):
    if isinstance(value, (list, tuple)):
        return all(map(is_number, value))
    return not isinstance(value, float) or math.isfinite(value)


def same(one, other):
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
    return one == other


@pytest.mark.parametrize("finding", FINDINGS, ids=[finding["id"] for finding in FINDINGS])
def test_finding(finding):
    record, partner, oracle = finding["record"], finding["partner"], finding["oracle"]
    load()  # what cannot be imported is no refusal
    if not finding["valid"]:
        with pytest.raises(Exception) as caught:
            call(record)
        if isinstance(caught.value, ImportError):
            raise caught.value
        assert is_refusal(caught.value), f"refused with {{caught.value!r}}"
        return
    if oracle == "memory":
        first = call(record)
        try:
            call(finding["after"])
        except Exception:
            pass  # it may fail as it likes: what it leaves behind is seen in the answer after it
        assert same(first, call(record)), "it remembers the call between"
        return
    if oracle == "input":
        own = dict(record)
        load()(own)
        assert repr(own) == repr(record)
        return
    answer = call(record)
    assert answer is not None
    assert is_number(answer)
    assert not LEVELS or answer in LEVELS
    if oracle == "monotone":
        name = finding["field"]
        assert DIRECTIONS[name] * (place(answer) - place(call(partner))) >= 0
    elif partner is not None:
        assert same(answer, call(partner))
'''


def render_record_tests(name: str, style: str, domain: Domain, findings: Sequence[Finding], *, home: str = ".") -> str:
    """Return the text of the test file; findings about batches and memory, which need more than one call, are left out.

    name : the target as "module:function". style : how it is called. home : the folder from which the target is found,
    relative to that of the test file.
    """
    single = [one for one in findings if one.oracle not in SEVERAL_CALLS or one.after is not None]
    single.sort(key=lambda one: one.oracle != "memory")  # before anything else was asked
    return _HEAD.format(
        find=write_home(name, home),
        load=LOAD,
        style=repr(style),
        rejects=write_literal(list(domain.expect.rejects)),
        levels=write_literal(list(domain.expect.levels)),
        directions=write_literal(dict(domain.expect.monotone)),
        findings="\n".join(f"    {_entry(one)}," for one in single),
    )


def write_home(name: str, home: str) -> str:
    """Return the lines of a file of tests that say which target it has, and where `LOAD` finds it."""
    where = f"(Path(__file__).parent / {write_literal(home)}).resolve()"
    return f"TARGET = {name!r}\nHOME = {where}  # where it was hunted from; change this if the file moves"


def write_literal(value: Any) -> str:
    """Return a plain value as Python source; `nan` and `inf` stand for themselves.

    >>> write_literal({"x": float("nan"), "y": [1, "a"]})
    "{'x': nan, 'y': [1, 'a']}"
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {write_literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(write_literal(one) for one in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return ascii(value)


def _entry(finding: Finding) -> str:
    content = {
        "id": finding.identity, "oracle": finding.oracle, "valid": finding.input == "valid", "told": finding.told,
        "field": finding.field, "record": dict(finding.record),
        "partner": None if finding.partner is None else dict(finding.partner),
        "after": None if finding.after is None else dict(finding.after),
    }  # fmt: skip
    return write_literal(content)
