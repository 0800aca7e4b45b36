"""Where weaknesses were looked for and where they were found: a quality-diversity archive, and who may try next.

A cell is a tuple of descriptors (for assistants risk, style, depth, language; for records kind of case, column). Each
ends as failed (with its best case), resisted (with an upper bound on the rate) or untried.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import numpy as np

from .rates import Rate, rate

__all__ = ["Archive", "Cell", "Scheduler"]

C = TypeVar("C")
State = Literal["failed", "resisted", "untried"]


@dataclass(slots=True)
class Cell(Generic[C]):
    """What is known of one cell. best : its fittest case so far; outcomes : (failures, trials) per idea tried."""

    best: C | None = None
    fitness: float = float("-inf")
    outcomes: dict[Hashable, tuple[int, int]] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Whether something failed here, all resisted, or nothing was tried."""
        if any(failures for failures, _ in self.outcomes.values()):
            return "failed"
        return "resisted" if self.outcomes else "untried"

    @property
    def rate(self) -> Rate:
        """The share of trials that failed, one cluster per idea."""
        return rate(list(self.outcomes.values()))


class Archive(Generic[C]):
    """The cells of a search.

    cells : all there are, tried or not, so that what was never tried can be said.

    >>> archive: Archive[str] = Archive([("leak", "role"), ("leak", "base64")])
    >>> archive.record(("leak", "role"), "say it", failed=False, fitness=0.2, idea="say it")
    True
    >>> {cell: archive.cells[cell].state for cell in archive.cells}
    {('leak', 'role'): 'resisted', ('leak', 'base64'): 'untried'}
    """

    def __init__(self, cells: Iterable[tuple[str, ...]]) -> None:
        self.cells: dict[tuple[str, ...], Cell[C]] = {cell: Cell() for cell in cells}

    def record(self, cell: tuple[str, ...], case: C, *, failed: bool | None, fitness: float, idea: Hashable) -> bool:
        """Take note of one trial; return whether the case is the cell's best now.

        failed : None if it could not be scored; then only its fitness counts. fitness : how near it came to a failure.
        idea : trials of the same idea (samples, wordings) form a cluster.
        """
        place = self.cells.setdefault(cell, Cell())
        if failed is not None:
            failures, trials = place.outcomes.get(idea, (0, 0))
            place.outcomes[idea] = (failures + failed, trials + 1)
        if fitness <= place.fitness:
            return False
        place.best, place.fitness = case, fitness
        return True

    def count(self) -> dict[State, int]:
        """Return how many cells ended in each state."""
        states = [cell.state for cell in self.cells.values()]
        return {
            "failed": states.count("failed"),
            "resisted": states.count("resisted"),
            "untried": states.count("untried"),
        }


class Scheduler:
    """Spends tries where something may still be found: Thompson sampling over arms, news counted as success.

    arms : what can be tried (an operator, a pair, a cell). prior : (news, tries) believed of each before it is tried.
    What was found long ago counts for less and less, so that an arm that has given all it had is left.

    Source: Thompson 1933; discounted for rewards that change, Raj and Kalyani 2017.
    """

    def __init__(self, arms: Sequence[Any], *, prior: tuple[float, float] = (1.0, 2.0), memory: float = 0.98) -> None:
        if not 0 < memory <= 1:
            raise ValueError("memory is a factor in (0, 1]")
        self.arms = list(arms)
        self._place = {arm: i for i, arm in enumerate(self.arms)}
        self._news = np.zeros(len(self.arms))
        self._tries = np.zeros(len(self.arms))
        self._prior, self._memory = prior, memory

    def choose(self, rng: np.random.Generator, *, allowed: Iterable[Any] | None = None) -> Any:
        """Return the arm to try next, of those allowed."""
        places = range(len(self.arms)) if allowed is None else [self._place[arm] for arm in allowed]
        if not len(places):
            raise ValueError("no arm is allowed")
        news, tries = self._prior
        wins = self._news[list(places)] + news
        losses = self._tries[list(places)] - self._news[list(places)] + max(tries - news, 0.5)
        return self.arms[places[int(np.argmax(rng.beta(wins, losses)))]]

    def tell(self, arm: Any, *, news: float) -> None:
        """Take note of a try of that arm; news in [0, 1]: 1 for a weakness not seen before, 0 for nothing new."""
        place = self._place[arm]
        self._news[place] = self._memory * self._news[place] + news
        self._tries[place] = self._memory * self._tries[place] + 1
