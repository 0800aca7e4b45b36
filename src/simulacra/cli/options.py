"""Options that several verbs share, so that the same word means the same everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from .verb import Count, Phrase, holdout_share

__all__ = [
    "as_paths",
    "asking",
    "conditions",
    "executing",
    "gates",
    "holdout",
    "learning",
    "out",
    "planning",
    "prices",
    "rows",
    "running",
    "seed",
    "target",
    "workers",
    "writing",
]

F = TypeVar("F", bound=Callable[..., Any])
as_paths: Any = click.Path(path_type=Path)

seed = click.option("--seed", type=Count(0), default=0, show_default=True, help="The same seed gives the same bytes.")
rows = click.option("--rows", type=Count(), help="Rows to make. [default: as many as the source has]")
gates = click.option(
    "--gate",
    "gates",
    type=Phrase("'NAME <= X'"),
    multiple=True,
    help="A bound a score must keep, in place of the default bounds; repeatable.",
)
holdout = click.option(
    "--holdout",
    type=holdout_share,
    metavar="SHARE|FILE",
    default="auto",
    help="Real rows kept out of training to measure against: a share (10%, 0: none), a file, or auto: "
    "a tenth, a fifth of fewer than 200 rows, none of fewer than 50.",
)
workers = click.option(
    "--workers",
    type=Count(),
    metavar="N",
    help="Processes that make rows. [default: 1; with --executor process one a core]",
)
target = click.option("--target", metavar="COLUMN", help="The column that the others predict, to measure utility.")


def out(metavar: str, text: str, **settings: Any) -> Callable[[F], F]:
    """Return the option -o/--out for a file or folder."""
    return click.option("-o", "--out", type=as_paths, metavar=metavar, help=text, **settings)


def learning(command: F) -> F:
    """Add what decides how a table is learned."""
    for option in (
        click.option("--schema", type=as_paths, metavar="FILE", help="A schema.yaml as `inspect -o` writes it."),
        click.option(
            "--quality",
            type=click.Choice(["fast", "best"]),
            default="best",
            show_default=True,
            help="fast: about a second for 30,000 rows; best: closer to the real table.",
        ),
    ):
        command = option(command)
    return command


def conditions(command: F) -> F:
    """Add what every row must satisfy."""
    for option in (
        click.option("--balance", metavar="COLUMN", help="Give each level of a category the same share of the rows."),
        click.option(
            "--given",
            type=Phrase("COLUMN=VALUE"),
            multiple=True,
            help="What every row has: a level, a range 30..40 or 30.., one of several a|b, or missing; repeatable.",
        ),
    ):
        command = option(command)
    return command


def running(command: F) -> F:
    """Add what every run takes that is not part of its recipe."""
    for option in (
        click.option("--preview", type=Count(), metavar="N", help="Show N rows; write nothing."),
        click.option("--dry-run", is_flag=True, help="Say what would be done and what it costs; do nothing."),
        click.option("--fresh", is_flag=True, help="Throw away what another run left in the output folder."),
        workers,
    ):
        command = option(command)
    return command


prices = click.option(
    "--prices",
    type=as_paths,
    metavar="FILE",
    help="Your prices, `NAME: {read: 1, written: 2}`: dollars a million tokens.",
)


def writing(command: F) -> F:
    """Add what every run takes in which models write, and that is not part of its recipe."""
    for option in (
        click.option("--preview", type=Count(), metavar="N", help="Show N rows; write nothing. The model is asked."),
        click.option("--dry-run", is_flag=True, help="Say rows, calls, tokens, money and time; ask nothing."),
        click.option("--fresh", is_flag=True, help="Throw away what another run left in the output folder."),
    ):
        command = option(command)
    return asking(command)


def executing(running: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a run with the executor that it gets. Errors: click.UsageError for workers it has not."""
    executor, count = running.get("executor") or "inline", running.get("workers")
    if count is not None and executor == "inline":
        raise click.UsageError("--workers goes with --executor process here.", click.get_current_context())
    return {**running, "executor": executor}


def planning(running: dict[str, Any]) -> dict[str, Any]:
    """Return those options of a run that its plan depends on."""
    return {name: running.get(name) for name in ("budget", "prices", "width")}


def _allow_code(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del ctx, param
    if value:
        os.environ["SIMULACRA_ALLOW_CODE"] = "1"


def asking(command: F) -> F:
    """Add how models are asked."""
    for option in (
        click.option(
            "--allow-code",
            is_flag=True,
            expose_value=False,
            callback=_allow_code,
            help="Let checks run code that a model wrote; docs/judges.md says what is isolated.",
        ),
        click.option("--budget", type=click.FloatRange(min=0), metavar="DOLLARS", help="Stop before more is spent."),
        prices,
        click.option("--width", type=Count(), metavar="N", help="Calls at once. [default: what the model takes]"),
        click.option("--store", type=as_paths, metavar="FILE", help="Answered calls that several runs share."),
        click.option(
            "--deadline",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="Give a call up after that long, all its requests included. [default: 900]",
        ),
        click.option(
            "--executor",
            type=click.Choice(["inline", "process"]),
            help="process: steps and checks run in --workers processes; the rows are the same. [default: inline]",
        ),
    ):
        command = option(command)
    return command
