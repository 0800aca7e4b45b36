"""Functions that people name."""

import sys

import pytest

from simulacra.errors import RecipeError
from simulacra.functions import forgetting_functions, load_function


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with forgetting_functions():
        yield tmp_path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "names no function"), ("no_such_module:f", "cannot be loaded.*from this folder"),
        ("math:pi", "is no function but a float"), ("math:nothing", "cannot be loaded"),
        ("no_such_file.py:f", "there is no file .*no_such_file.py"),
    ],
)  # fmt: skip
def test_what_names_no_function_is_told(name, message):
    with pytest.raises(RecipeError, match=message):
        load_function(name)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("open('no_weights.bin')", r"its module fails with FileNotFoundError.*no_weights\.bin"),
        ("raise SystemExit(3)", "its module fails with SystemExit: 3"),
        ("def f(:", "invalid syntax"),
        ("import no_such_package", "No module named 'no_such_package'.*Install what it imports"),
    ],
)
@pytest.mark.parametrize("name", ["fails_by_itself:f", "fails_by_itself.py:f"])
def test_a_module_that_fails_by_itself_is_named(folder, name, code, message):
    (folder / "fails_by_itself.py").write_text(code)
    for _ in range(2):  # nothing half made is left
        with pytest.raises(RecipeError, match=message):
            load_function(name)


def test_a_file_is_not_taken_for_another_of_its_name(folder):
    for place in ("old", "new", "math"):
        (folder / place).mkdir()
        (folder / place / "beside.py").write_text("")
    (folder / "old/scoring.py").write_text("def decide(record):\n    return 1\n")
    (folder / "new/scoring.py").write_text("def decide(record):\n    return 2\n")
    (folder / "math/math.py").write_text("def sqrt(record):\n    return 3\n")
    names = (
        "old/scoring.py:decide",
        "new/scoring.py:decide",
        "math/math.py:sqrt",
        "math:sqrt",
        "old/scoring.py:decide",
    )
    assert [load_function(name)(4) for name in names] == [1, 2, 3, 2.0, 1]


@pytest.mark.parametrize("name", ["counts_calls:count", "counts_calls.py:count"])
def test_a_module_is_forgotten_with_what_calls_left_in_it_and_is_read_again(folder, name):
    code = "from dataclasses import dataclass\n\n@dataclass\nclass Seen:\n    calls: int = START\n\nseen = Seen()\n\n"
    code += "def count(record):\n    seen.calls += 1\n    return seen.calls\n"
    (folder / "counts_calls.py").write_text("from __future__ import annotations\nSTART = 0\n" + code)
    with forgetting_functions():
        assert [load_function(name)({}) for _ in range(3)] == [1, 2, 3]
    (folder / "counts_calls.py").write_text("from __future__ import annotations\nSTART = 100\n" + code)
    assert load_function(name)({}) == 101


def test_what_others_imported_stays(folder):
    (folder / "imported_before.py").write_text("def count(record):\n    return 1\n")
    sys.path.insert(0, str(folder))
    import imported_before

    try:
        with forgetting_functions():
            assert load_function("imported_before:count")({}) == 1
        assert sys.modules["imported_before"] is imported_before
    finally:
        del sys.modules["imported_before"]
