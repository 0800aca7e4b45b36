"""Imports go one way: a room knows only the rooms before it, in type-only imports too."""

import ast
from pathlib import Path

import pytest

import simulacra

SRC = Path(simulacra.__file__).parent

# Rooms of one step do not import each other, save for the first and the last.
STEPS = [
    {"errors", "seeds", "registry", "functions"},
    {"data"},
    {"contracts"},
    {"store"},
    {"tables", "text"},
    {"models"},
    {"check"},
    {"measure"},
    {"transform"},
    {"attack"},
    {"generate"},
    {"export"},
    {"recipe"},
    {"run"},
    {"report"},
    {"api"},
    {"testing", "review", "cli"},
]
ORDER = {room: step for step, rooms in enumerate(STEPS) for room in rooms}
FOUNDATION = STEPS[0]


def room_of(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imported_rooms(path: Path, text: str) -> set[str]:
    """Return the rooms of simulacra that a module imports anywhere in it; "" is the package itself."""
    package = ["simulacra", *path.relative_to(SRC).parent.parts]
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{start}.{name.name}" for name in node.names}
    parts = [name.split(".") for name in found if name.split(".")[0] == "simulacra"]
    return {part[1] if len(part) > 1 else "" for part in parts}


def arrows_back(path: Path, text: str) -> list[str]:
    room = room_of(path)
    wrong = []
    for other in sorted(imported_rooms(path, text) - {room}):
        if other not in ORDER:
            wrong.append(f"{room} imports {other or 'the package'!r}, which is no room before it")
        elif ORDER[other] > ORDER[room] or (ORDER[other] == ORDER[room] and room not in FOUNDATION):
            wrong.append(f"{room} imports {other}, which comes after or beside it")
    return wrong


def modules() -> list[Path]:
    return [path for path in sorted(SRC.rglob("*.py")) if path != SRC / "__init__.py"]


def test_every_room_has_its_place():
    assert {room_of(path) for path in modules()} <= set(ORDER)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SRC)))
def test_no_arrow_back(path):
    assert arrows_back(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("data/schema.py", "from ..contracts import Score"),
        ("data/codes/codec.py", "from ...tables.trees import Ensemble"),
        ("tables/trees.py", "from ..text import spans"),
        ("contracts/tables.py", "if TYPE_CHECKING:\n    from ..recipe import Recipe"),
        ("report/page.py", "def late():\n    import simulacra.cli.main"),
        ("measure/shape.py", "from .. import api"),
        ("errors.py", "from simulacra import data"),
        ("recipe.py", "from . import run"),
        ("check/domain.py", "import simulacra"),
    ],
)
def test_an_arrow_back_is_seen(module, text):
    assert arrows_back(SRC / module, text)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("contracts/tables.py", "from ..data.schema import Schema"),
        ("registry.py", "from .errors import RecipeError"),
        ("run/runner.py", "from .. import registry\nfrom .record import RunRecord\nimport polars"),
        ("cli/main.py", "from ..api import run_recipe"),
    ],
)
def test_an_arrow_forward_is_fine(module, text):
    assert arrows_back(SRC / module, text) == []
