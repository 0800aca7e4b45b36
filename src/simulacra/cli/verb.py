"""What all verbs share: --json, --quiet, --debug, an environment variable for every option, and option types."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .terminal import Terminal

__all__ = ["Count", "Phrase", "Verb", "holdout_share", "never_over", "verb"]


class Verb(click.Command):
    """A command of simulacra. `--rows` of `sample` also reads SIMULACRA_SAMPLE_ROWS, then SIMULACRA_ROWS."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [
            _switch("--json", "as_json", "Print the result as one JSON document."),
            _switch("--quiet", "quiet", "No progress and no remarks.", "-q"),
            _switch("--debug", "debug", "Show the traceback of an error."),
        ]
        for option in self.params:
            if isinstance(option, click.Option) and option.envvar is None:
                word = max(option.opts, key=len).strip("-").replace("-", "_").upper()
                option.envvar = [f"SIMULACRA_{str(self.name).upper()}_{word}", f"SIMULACRA_{word}"]


def verb(name: str) -> Callable[[Callable[..., Any]], Verb]:
    """Decorator: make a function the command of that name; it gets the `Terminal` first, then its options by name."""

    def make(work: Callable[..., Any]) -> Verb:
        return click.command(name, cls=Verb)(click.pass_obj(work))

    return make


def _switch(flag: str, attribute: str, text: str, *short: str) -> click.Option:
    def keep(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        del param
        setattr(ctx.ensure_object(Terminal), attribute, value)

    # Eager: an error in a later option must already know whether to show its traceback.
    return click.Option([flag, *short], is_flag=True, expose_value=False, is_eager=True, callback=keep, help=text)


class Count(click.types.IntParamType):
    """A whole number of at least `least`; 50_000 is read as 50000."""

    name = "N"

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or fail with what was given and what is wanted."""
        try:
            number = int(value)
        except ValueError:
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        if number < self.least:
            self.fail(f"{number} is too small: give a whole number of at least {self.least}.", param, ctx)
        return number


class Phrase(click.types.StringParamType):
    """Words with spaces in them, such as a gate; in an environment variable several are parted by semicolons."""

    envvar_list_splitter = ";"

    def __init__(self, name: str) -> None:
        self.name = name


def holdout_share(text: str) -> float | str:
    """Return a share of the rows ("10%", "0.1") as a number in [0, 0.5], what is no number as it is: a file.

    >>> holdout_share("10%"), holdout_share("0"), holdout_share("unseen.csv")
    (0.1, 0.0, 'unseen.csv')
    """
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return text
    if not 0 <= share <= 0.5:
        raise click.BadParameter(f"{text!r} is no share from 0 to 0.5: give 10%, 0.1, 0 for none, or a file.")
    return share


def never_over(out: Path | None, *inputs: Path | None) -> None:
    """Raise a BadParameter if the output would be written over one of the inputs."""
    for path in inputs:
        if out is not None and path is not None and out.exists() and path.exists() and out.samefile(path):
            raise click.BadParameter(f"{out} is read by this command and would be overwritten.", param_hint="'--out'")
