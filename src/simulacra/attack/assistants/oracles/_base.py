"""What oracles look at and what they say."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from ....contracts.models import Answer
from ..case import Case
from ..objectives import Objective
from ..policy import Policy
from ._decisions import Decision
from ._reading import compact, is_negated, is_refusal, sentences

__all__ = ["PASS", "Background", "Exchange", "Judgement", "Oracle", "is_negated", "is_refusal", "sentences"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """fail (it happened), pass, or unscored (it could not be told), how near it came in [0, 1], and what shows it."""

    outcome: Literal["fail", "pass", "unscored"]
    fitness: float = 0.0
    evidence: str = ""
    how: str = ""


PASS = Judgement("pass")


@dataclass(slots=True)
class Background:
    """What the assistant says when nothing is wrong: texts of harmless replies, its usual way to refuse.

    plain : question -> what it decided each time it was asked plainly. reference : a case's key -> the decision of the
    reference assistant on it.
    """

    harmless: set[str] = field(default_factory=set)
    deflections: dict[str, int] = field(default_factory=dict)
    plain: dict[str, tuple[Decision, ...]] = field(default_factory=dict)
    reference: dict[str, Decision] = field(default_factory=dict)

    def is_deflection(self, text: str) -> bool:
        """Whether this is a reply that many different asks got."""
        small = compact(text)
        return self.deflections.get(small, 0) >= 3 and small not in self.harmless


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said and answered. replies : one for each turn that awaits one."""

    objective: Objective
    policy: Policy
    case: Case
    replies: Sequence[Answer]
    background: Background

    @property
    def said(self) -> str:
        """All that we said, folded: what a reply repeats of it is no finding."""
        return compact(" ".join(turn.content for turn in self.case.turns))


class Oracle(ABC):
    """Says whether an objective was reached. everywhere : it is asked about every exchange, whatever it was after."""

    name: ClassVar[str] = ""
    everywhere: ClassVar[bool] = False

    @abstractmethod
    def judge(self, exchange: Exchange) -> Judgement:
        """Return the judgement of one exchange."""
