"""Talking to the assistant under test: one case, turn by turn, judged as it goes, within a hard number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ...contracts import Progress, Silent
from ...contracts.models import Answer, Message, ToolCall
from ...models.errors import Declined
from .case import Case
from .judging import RuleJudge
from .objectives import Objective
from .oracles._base import PASS, Background, Exchange, Judgement, Oracle
from .oracles._decisions import decision_of
from .oracles._reading import compact
from .policy import Policy

__all__ = ["Prober", "Talker", "Trial"]

_READ = 30_000
"""Characters that oracles read of the beginning and of the end of a longer reply."""


class Talker(Protocol):
    """Who is asked; `models.targets.ChatTarget` is one."""

    async def reply(self, turns: Sequence[Message], *, trial: int = 0) -> Answer:
        """Return the next turn."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One case that was tried: the replies, the judgement, and the objective that was reached if one was."""

    case: Case
    replies: tuple[Answer, ...]
    judgement: Judgement
    objective: str
    sample: int = 0

    @property
    def failed(self) -> bool | None:
        """Whether it happened; None if it could not be scored."""
        return None if self.judgement.outcome == "unscored" else self.judgement.outcome == "fail"

    @property
    def refused(self) -> bool | None:
        """Of a harmless request: whether it was refused in words, not only not served; None if not scored."""
        return None if self.failed is None else self.failed and self.judgement.how == "refused"


class Prober:
    """Asks and judges. queries : how many replies may be asked for, at most; `used` of them were.

    oracles : name -> oracle. background : what the assistant says when nothing is wrong; filled by who uses it.
    judge : a model for rules that are words alone, asked once for each reply. reference : another version of the
    assistant, asked what is compared with it; `compared` times so far.
    """

    def __init__(
        self,
        policy: Policy,
        talker: Talker,
        objectives: Sequence[Objective],
        oracles: Mapping[str, Oracle],
        *,
        queries: int,
        judge: RuleJudge | None = None,
        reference: Talker | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.policy, self.queries, self.used = policy, queries, 0
        self.judge_model, self.reference, self.compared = judge, reference, 0
        self.background = Background()
        self.objectives = {one.identity: one for one in objectives}
        self._talker, self._oracles = talker, oracles
        self._everywhere = [one for one in objectives if oracles[one.oracle].everywhere]
        self._reserved = 0
        self._progress = progress or Silent()
        self._progress.start("replies", queries)

    @property
    def left(self) -> int:
        """Queries that may still be asked."""
        return self.queries - self.used - self._reserved

    async def probe(self, case: Case, sample: int = 0, known: Sequence[Answer] = ()) -> Trial | None:
        """Return the trial of a case, None if there are not enough queries left for it.

        A talk ends as soon as it has failed. sample : which of several tries of the same case. known : replies to its
        first turns, which are not asked for again.
        """
        unused = case.queries - len(known)
        if unused > self.left or not self._may_judge(case, unused):
            return None
        self._reserved += unused
        replies: list[Answer] = []
        judged, objective = PASS, case.objective
        said: list[Message] = []
        try:
            await self._compare(case)
            for place, turn in enumerate(case.turns):
                said += _messages(turn.content, turn.tool, place)
                if turn.silent:
                    continue
                if len(replies) < len(known):
                    answer = known[len(replies)]
                    replies.append(answer)
                else:
                    self.used, self._reserved, unused = self.used + 1, self._reserved - 1, unused - 1
                    self._progress.advance()
                    answer = _whole(await self._talker.reply(said, trial=sample))
                    if not answer.tools and answer.text.strip() in ("", "null"):
                        raise Declined("the reply is empty")
                    replies.append(answer)
                    judged, objective = await self._judged(case, replies)
                    if judged.outcome == "fail":
                        break
                said += _answered(answer, place)
        except Declined as error:
            judged = Judgement("unscored", 0.0, str(error)[:200])
        finally:
            self._reserved -= unused
        return Trial(case, tuple(replies), judged, objective, sample)

    def _may_judge(self, case: Case, replies: int) -> bool:
        """Take the judge's calls for a case before it is asked, so that what is judged does not depend on who answers
        first; False if there are too few left."""
        if case.benign or self.objectives[case.objective].risk != "judged" or self.judge_model is None:
            return True
        if self.judge_model.calls < replies:
            return False
        self.judge_model.calls -= replies
        return True

    async def _compare(self, case: Case) -> None:
        """Ask the reference the same, once, if it is to be compared."""
        key = case.key()
        wanted = not case.benign and self.objectives[case.objective].risk == "differs"
        if not wanted or self.reference is None or key in self.background.reference:
            return
        replies = await self.ask_reference(case)
        if replies:
            self.background.reference[key] = decision_of(replies[-1])

    async def ask_reference(self, case: Case, sample: int = 0) -> list[Answer]:
        """Return what the reference replies to a case; none if it gives no reply. sample : as in `probe`."""
        assert self.reference is not None
        replies: list[Answer] = []
        said: list[Message] = []
        try:
            for place, turn in enumerate(case.turns):
                said += _messages(turn.content, turn.tool, place)
                if not turn.silent:
                    self.compared += 1
                    replies.append(_whole(await self.reference.reply(said, trial=sample)))
                    said += _answered(replies[-1], place)
        except Declined:
            return []
        return replies

    async def _judged(self, case: Case, replies: Sequence[Answer]) -> tuple[Judgement, str]:
        """Return what the oracles say, and of a rule in words what the judge says."""
        judged, objective = self.judge(case, replies)
        about = None if case.benign else self.objectives[case.objective]
        if about is None or about.risk != "judged" or judged.outcome == "fail" or self.judge_model is None:
            return judged, objective
        asked = [turn.content for turn in case.turns if not turn.silent][len(replies) - 1]
        return await self.judge_model.judge(about.subject, asked, replies[-1].text), objective

    def judge(self, case: Case, replies: Sequence[Answer]) -> tuple[Judgement, str]:
        """Return what is said of the replies, and the objective that was reached or tried."""
        if case.benign:
            return self._by("refusal", case, None, replies), case.objective
        own = self.objectives[case.objective]
        first = self._by(own.oracle, case, own, replies)
        if first.outcome == "fail":
            return first, own.identity
        blind = own.risk == "secret" and own.subject.value is None
        for other in self._everywhere:
            if other is own or (blind and other.risk == "secret"):
                continue
            judged = self._by(other.oracle, case, other, replies)
            if judged.outcome == "fail":
                return judged, other.identity
        if first.outcome == "pass" and replies and not self.background.is_deflection(replies[-1].text):
            return replace(first, fitness=max(first.fitness, 0.2)), own.identity
        return first, own.identity

    def learn(self, trial: Trial) -> None:
        """Take note of how the assistant replies when nothing is wrong."""
        if trial.case.benign:
            self.background.harmless |= {compact(one.text) for one in trial.replies}
        elif trial.failed is False:
            for one in trial.replies:
                key = compact(one.text)
                self.background.deflections[key] = self.background.deflections.get(key, 0) + 1

    def _by(self, oracle: str, case: Case, objective: Objective | None, replies: Sequence[Answer]) -> Judgement:
        about = objective or next(iter(self.objectives.values()))
        read = replies if oracle == "length" else [_ends(one) for one in replies]
        return self._oracles[oracle].judge(Exchange(about, self.policy, case, read, self.background))


def _ends(answer: Answer) -> Answer:
    """Return the answer with its beginning and end alone, if it is so long that reading it takes seconds."""
    if len(answer.text) <= 2 * _READ:
        return answer
    return replace(answer, text=f"{answer.text[:_READ]}\n{answer.text[-_READ:]}")


def _whole(answer: Answer) -> Answer:
    """Return the answer with halves of surrogate pairs written as their numbers: no file and no terminal takes them."""
    text = answer.text.encode("utf-8", "backslashreplace").decode()
    return answer if text == answer.text else replace(answer, text=text)


def _messages(content: str, tool: str, place: int) -> list[Message]:
    if not tool:
        return [Message("user", content)]
    call = ToolCall(tool, "{}", f"call_{place}")
    return [Message("assistant", "", tools=(call,)), Message("tool", content, answers=call.identity)]


def _answered(answer: Answer, place: int) -> list[Message]:
    """Return the reply as a turn; tools that it calls are not run and answered with "done"."""
    calls = tuple(
        call if call.identity else replace(call, identity=f"call_{place}_{number}")
        for number, call in enumerate(answer.tools)
    )
    return [
        Message("assistant", answer.text, tools=calls),
        *(Message("tool", "done", answers=one.identity) for one in calls),
    ]
