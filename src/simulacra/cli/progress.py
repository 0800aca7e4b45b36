"""Two ways to show how far long work has come; each is a `contracts.Progress` with a `close`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

__all__ = ["Bar", "Lines"]


class Lines:
    """Plain lines on stderr, for logs: "learning columns 5/15" when a stage ends, every ten seconds before.

    Parameters
    ----------
    every : seconds between two lines of one stage.
    """

    def __init__(self, every: float = 10.0) -> None:
        self._every = every
        self._stage, self._done, self._total, self._told, self._next = "", 0, 0, 0, 0.0

    def start(self, stage: str, total: int) -> None:
        """Begin a stage; the one before it is told with what it reached."""
        self.close()
        self._stage, self._done, self._total, self._told = stage, 0, total, 0
        self._next = time.monotonic() + self._every

    def advance(self, steps: int = 1) -> None:
        """Some steps are done; a line if the stage is complete or the last line is ten seconds ago."""
        self._done += steps
        if self._done >= self._total > 0 or time.monotonic() >= self._next:
            self._line()

    def note(self, text: str) -> None:
        """Print the remark."""
        click.echo(text, err=True)

    def close(self) -> None:
        """Tell how far the last stage came, if its last line did not."""
        if self._stage and self._done > self._told:
            self._line()
        self._stage = ""

    def _line(self) -> None:
        if self._done > self._told:
            # A last batch has a few spare rows; more than asked for is not further than done.
            click.echo(f"{self._stage} {min(self._done, self._total):,}/{self._total:,}", err=True)
        self._told, self._next = self._done, time.monotonic() + self._every


class Bar:
    """A progress bar on stderr, a line a stage, and a status under it. rich is imported when the first stage begins."""

    def __init__(self) -> None:
        self._rich: RichProgress | None = None
        self._task: TaskID | None = None
        self._status = ""

    def start(self, stage: str, total: int) -> None:
        """Begin a stage; the one before it is complete."""
        rich = self._begin()
        self._status = ""
        if self._task is not None:
            rich.stop_task(self._task)
        self._task = rich.add_task(stage, total=total)

    def advance(self, steps: int = 1) -> None:
        """Move the bar."""
        if self._rich is not None and self._task is not None:
            self._rich.advance(self._task, steps)

    def note(self, text: str) -> None:
        """Print the remark above the bar."""
        self._begin().console.print(text, markup=False, highlight=False)

    def status(self, text: str) -> None:
        """Show how it goes under the bar, in place of what stood there."""
        self._status = text

    def close(self) -> None:
        """Give the terminal back."""
        self._status = ""
        if self._rich is not None:
            self._rich.stop()

    def _begin(self) -> RichProgress:
        if self._rich is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
            from rich.text import Text

            bar = self

            class Shown(Progress):
                def get_renderables(self) -> Iterable[RenderableType]:
                    yield self.make_tasks_table(self.tasks)
                    if bar._status:
                        yield Text(bar._status, style="dim")

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._rich = Shown(*columns, console=Console(stderr=True), refresh_per_second=4)
            self._rich.start()
        return self._rich
