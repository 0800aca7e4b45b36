"""Small enough to be understood: limits on modules, functions and parameters; what must not stand in the code."""

import ast
import statistics
from pathlib import Path

import pytest

import simulacra

SRC = Path(simulacra.__file__).parent
TESTS = Path(__file__).parents[1]
SOURCES = sorted(SRC.rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(SRC if path.is_relative_to(SRC) else TESTS))


def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, Function)]


def lines_of(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def positional(function: Function) -> list[str]:
    names = [argument.arg for argument in function.args.posonlyargs + function.args.args]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_is_at_most_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_function_is_at_most_60_lines(path):
    assert [f"{f.name}: {lines_of(f)} lines" for f in functions(path) if lines_of(f) > 60] == []


def test_the_median_function_is_about_10_lines():
    assert statistics.median(lines_of(f) for path in SOURCES for f in functions(path)) <= 12


# The compiled kernels are the exception: numba has no keyword-only parameters.
@pytest.mark.parametrize("path", [p for p in SOURCES if p.name != "kernels.py"], ids=name_of)
def test_a_function_has_at_most_5_positional_parameters(path):
    assert [f"{f.name}{positional(f)}" for f in functions(path) if len(positional(f)) > 5] == []


@pytest.mark.parametrize("path", [p for p in SOURCES if "cli" not in p.relative_to(SRC).parts], ids=name_of)
def test_only_the_command_line_prints(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_public_name_exists_and_says_what_it_is(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module says nothing about itself"
    described = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    defined = {node.name: node for node in tree.body if isinstance(node, described)}
    listed = public_names(tree)
    silent = [name for name in listed if name in defined and not ast.get_docstring(defined[name])]
    assert silent == []
    assert sorted(set(listed)) == sorted(listed), "a name is listed twice"


def public_names(tree: ast.Module) -> list[str]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return [ast.literal_eval(item) for item in node.value.elts if isinstance(item, ast.Constant)]
    return []


FORBIDDEN = {"skip", "skipif", "xfail", "importorskip", "MagicMock", "patch", "mocker"}


def evasions(text: str) -> list[str]:
    """Return what in a test module would let it pass without having looked: skips, mocks, assertions of constants."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant):
            found.append(f"line {node.lineno}: assert {node.test.value!r}")
        if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN:
            found.append(f"line {node.lineno}: {node.attr}")
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            found += [f"line {node.lineno}: {name}" for name in names if "mock" in name or name in FORBIDDEN]
    return found


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=name_of)
def test_no_test_evades(path):
    assert evasions(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "def test_it():\n    assert True",
        "import pytest\n@pytest.mark.skipif(True, reason='no')\ndef test_it():\n    pass",
        "from unittest.mock import MagicMock",
        "def test_it(mocker):\n    mocker.patch('os.getcwd')",
        "import pytest\nnumpy = pytest.importorskip('numpy')",
    ],
)
def test_an_evasion_is_seen(text):
    assert evasions(text)
