"""The pages point at what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
SOURCES = sorted((ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_placeholder_is_left(page: Path) -> None:
    assert re.findall(r"^[A-Z]+(?:_[A-Z]+)+$|TBD|XXX|\?\?\?", page.read_text(), re.MULTILINE) == []


def test_pages_and_benches_that_are_named_exist() -> None:
    texts = {path: path.read_text() for path in [*PAGES, *SOURCES]}
    named = {name for text in texts.values() for name in re.findall(r"\b(?:docs|bench)/[a-z_]+\.(?:md|py)\b", text)}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
