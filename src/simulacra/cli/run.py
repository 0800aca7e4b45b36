"""`simulacra run`: run a recipe again, or one that a person wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .making import make
from .terminal import Terminal
from .verb import verb


@verb("run")
@click.argument("recipe", type=options.as_paths, metavar="RECIPE.YAML")
@options.out("FOLDER", "Folder of the result.")
@options.running
def command(terminal: Terminal, *, recipe: Path, out: Path | None, **running: Any) -> int:
    """Run a recipe.yaml: the same rows, byte for byte.

    \b
    simulacra run out/recipe.yaml -o again/
    """
    from .. import api

    return make(terminal, api.load_recipe(recipe), out, **running)
