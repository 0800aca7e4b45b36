"""What operators have in common: a name, a place in the order, and pure functions of a case and its generator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, TypeVar

import numpy as np

from ..case import Case, Turn
from ..pursuit import Pursuit

__all__ = ["STAGES", "Adaptive", "Frame", "Operator", "Script", "pick"]

STAGES = ("language", "format", "frame", "payload", "carrier", "script", "written")
"""The order in which operators of one case are applied: words first, then what hides them, then what brings them;
what a model writes stands alone."""

T = TypeVar("T")


def pick(options: Sequence[T], rng: np.random.Generator) -> T:
    """Return one of the options, each as likely."""
    return options[int(rng.integers(len(options)))]


class Operator(ABC):
    """A pure, seeded function from case to case.

    style : the family it counts to in the report. stage : see `STAGES`; a case has at most one operator of a stage.
    technique : its MITRE ATLAS id. cost : queries it adds. risks : what it is for, empty for all. adaptive : a model
    writes for it, so that it is there only if one is named. family : operators of one family that do the same for one
    objective have one cause. demands : it asks for something itself, so that it is not harmless on a harmless request.
    """

    name: ClassVar[str] = ""
    style: ClassVar[str] = ""
    stage: ClassVar[str] = "frame"
    technique: ClassVar[str] = "AML.T0054"
    language: ClassVar[str] = "en"
    cost: ClassVar[int] = 0
    risks: ClassVar[frozenset[str]] = frozenset()
    adaptive: ClassVar[bool] = False
    family: ClassVar[str] = ""
    demands: ClassVar[bool] = False

    def apply(self, case: Case, rng: np.random.Generator) -> Case:
        """Return the changed case, with this operator noted in it."""
        made = self.change(case, rng)
        language = self.language if self.language != "en" else case.language
        return replace(made, operators=(*case.operators, self.name), style=self.style, language=language)

    @abstractmethod
    def change(self, case: Case, rng: np.random.Generator) -> Case:
        """Return the changed case."""

    @property
    def is_harmless(self) -> bool:
        """Whether what it makes of a harmless request is harmless too."""
        return not self.demands and not self.adaptive

    def fits(self, risk: str) -> bool:
        """Whether it makes sense for that risk."""
        return not self.risks or risk in self.risks


class Frame(Operator):
    """Puts words around the ask; {ask} is the ask as it stands."""

    wordings: ClassVar[tuple[str, ...]] = ()

    def change(self, case: Case, rng: np.random.Generator) -> Case:
        """Return the case with one of the wordings around its text."""
        words = pick(self.wordings, rng)
        return case.say(words.replace("{ask}", case.text).replace("{about}", case.about).replace("{owner}", case.owner))


class Script(Operator):
    """Says other turns before the ask, each answered."""

    stage = "script"
    style = "script"
    before: ClassVar[tuple[tuple[str, ...], ...]] = ()

    def change(self, case: Case, rng: np.random.Generator) -> Case:
        """Return the case with one of the series of turns before it."""
        lines = pick(self.before, rng)
        named = [line.replace("{about}", case.about or "this").replace("{owner}", case.owner) for line in lines]
        return case.after(*(Turn(line) for line in named))


class Adaptive(Operator):
    """Chases an objective: a model writes, sees what came of it, and writes again.

    As a function of case and generator it says again what was written for the case's objective so far, so that what
    was found can be said in other words; nothing written, nothing changed.
    """

    style = "written"
    stage = "written"
    adaptive = True

    def __init__(self) -> None:
        self._written: dict[str, list[tuple[Turn, ...]]] = {}

    @abstractmethod
    async def pursue(self, pursuit: Pursuit) -> None:
        """Write and try until it failed, or the pursuit has no query or call left."""

    def remember(self, case: Case) -> None:
        """Keep what was said, to be said again."""
        self._written.setdefault(case.objective, []).append(case.turns)

    def change(self, case: Case, rng: np.random.Generator) -> Case:
        """Return the case with turns that were written for its objective."""
        known = self._written.get(case.objective)
        if not known:
            return case
        turns = pick(known, rng)
        return replace(case, turns=turns, at=len(turns) - 1)
