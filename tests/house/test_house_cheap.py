"""What costs nothing must stay so: the import, and the help."""

import os
import subprocess
import sys

import pytest

HEAVY = ("numpy", "polars", "pydantic", "rich", "numba", "sklearn", "pandas", "yaml", "jinja2", "mimesis")


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh Python has loaded after running the code."""
    script = f"{code}\nimport sys; print('LOADED', *{{name.split('.')[0] for name in sys.modules}})"
    # A coverage or debugging hook of the outer process must not load things in the inner one.
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=clean)
    return set(done.stdout.split("LOADED", 1)[1].split())


def test_importing_simulacra_loads_no_other_package():
    loaded = loaded_by("import simulacra; dir(simulacra)")
    assert "simulacra" in loaded
    assert loaded.isdisjoint({*HEAVY, "click"})


@pytest.mark.parametrize(
    "words", [["--help"], ["synthesize", "--help"], ["--version"], ["synthesize", "x", "--rows", "0"]]
)
def test_the_help_loads_click_and_nothing_heavy(words):
    loaded = loaded_by(f"from simulacra.cli.main import run_command; run_command({words!r})")
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_a_heavy_import_would_be_seen():
    assert "yaml" in loaded_by("import yaml")
