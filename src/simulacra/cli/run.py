"""`simulacra run`: run a recipe again, or one that a person wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .distill import run_pairs, run_teaching
from .making import make
from .privatize import run_private
from .terminal import Terminal
from .verb import Count, verb
from .writing import write


@verb("run")
@click.argument("recipe", type=options.as_paths, metavar="RECIPE.YAML")
@options.out("FOLDER", "Folder of the result.")
@click.option("--rows", type=Count(), help="Rows to deliver, in place of the recipe's.")
@click.option("--model", help="Who writes, in place of the recipe's first model.")
@options.asking
@options.running
def command(
    terminal: Terminal, *, recipe: Path, out: Path | None, rows: int | None, model: str | None, **running: Any
) -> int:
    """Run a recipe.yaml: the same rows, byte for byte.

    \b
    simulacra run out/recipe.yaml -o again/
    simulacra run examples/kubernetes.yaml --rows 8 -o out/
    """
    from .. import api

    loaded = api.load_recipe(recipe)
    if rows is not None:
        loaded = loaded.model_copy(update={"rows": rows})
    asking = {name: running.pop(name) for name in ("budget", "prices", "width", "store", "executor", "deadline")}
    if loaded.method == "instruct":
        if model is not None:
            loaded = loaded.model_copy(update={"models": {**loaded.models, next(iter(loaded.models), "writer"): model}})
        return write(terminal, loaded, out, **asking, **running)
    if loaded.method == "private":
        return _private(terminal, loaded, out, model=model, asking=asking, running=running)
    if loaded.method == "preference":
        if model is not None:
            loaded = loaded.model_copy(update={"answers": [model]})
        kept = {name: running[name] for name in ("dry_run", "fresh", "workers")}
        return run_pairs(terminal, loaded, out, **asking, **kept)
    if loaded.method == "distill":
        if model is not None:
            loaded = loaded.model_copy(update={"teacher": model})
        kept = {name: running[name] for name in ("dry_run", "fresh", "workers")}
        return run_teaching(terminal, loaded, out, **asking, **kept)
    if named := [name for name, value in {**asking, "model": model}.items() if value is not None]:
        raise click.UsageError(f"A table asks no model: --{named[0]} is of no use here.", click.get_current_context())
    return make(terminal, loaded, out, **running)


def _private(
    terminal: Terminal,
    loaded: Any,
    out: Path | None,
    *,
    model: str | None,
    asking: dict[str, Any],
    running: dict[str, Any],
) -> int:
    useless = {**asking, "workers": running["workers"]}
    given = {**useless, **({"model": model, "rows": loaded.rows} if loaded.twin is None else {})}
    if named := [name for name, value in given.items() if value is not None]:
        told = "Texts made private take no" if named[0] in useless else "Surrogates ask no model and keep all rows: no"
        raise click.UsageError(f"{told} --{named[0]}.", click.get_current_context())
    if model is not None:
        loaded = loaded.model_copy(update={"twin": model})
    return run_private(terminal, loaded, out, **{name: running[name] for name in ("preview", "dry_run", "fresh")})
