"""The engine: every call to a language model goes through it, whoever answers.

It asks what is not in the store, as wide as each model takes it, oldest row first; it retries, keeps to limits and
budget, writes each answer down before anyone sees it, and never waits without saying for what.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Self

from ..contracts.models import Answer, Backend, Call
from ..contracts.tables import Progress, Silent
from ..errors import RecipeError
from ..store.calls import CallStore
from ._lane import Job, Lane, Retry
from ._ledger import Ledger
from ._promise import Promise
from ._watch import Watch
from .errors import BudgetSpent, Declined, Fatal
from .limits import Limits
from .modes import Ladder
from .naming import open_model
from .prices import Prices, PriceTable, Purse
from .schema import Check, compile_schema
from .structured import ask_for_data
from .tally import EngineReport

__all__ = ["Engine", "Paid", "Retry"]

_AHEAD = 16  # rows, at least, that wait behind those whose calls are out: a free place is filled at once
_CHECKS = 256
Paid = Callable[[str, str, Answer], None]
"""Hears of a call's key, who was asked (its identity), and the answer."""


class Engine:
    """Asks language models; an asynchronous context manager.

    store : where answered calls live; None keeps nothing.
    width : calls at once, for every model or by model; each backend's own default where it is not given.
    budget : dollars that may be spent over this store, earlier runs included. Needs a price for every model asked.
    limits : requests and tokens a minute, by model; what a server announces or shows is found by itself.
    prices : a table of one's own, see `prices.Prices`. progress : hears how it goes, every `every` seconds.

    >>> from simulacra.models.backends.echo import Echo
    >>> async def hello():
    ...     async with Engine() as engine:
    ...         model = engine.add(Echo("hello {prompt}"))
    ...         return (await engine.ask(Call(model, prompt="world"))).text
    >>> asyncio.run(hello())
    'hello world'
    """

    def __init__(
        self,
        *,
        store: CallStore | None = None,
        width: int | Mapping[str, int] | None = None,
        budget: float | None = None,
        limits: Limits | Mapping[str, Limits] | None = None,
        retry: Retry | None = None,
        prices: Prices | PriceTable | None = None,
        progress: Progress | None = None,
        every: float = 10.0,
    ) -> None:
        self._store, self._width, self._limits = store, width, limits
        self._retry = retry or Retry()
        self._prices = prices if isinstance(prices, Prices) else Prices(prices)
        before = sum(usage.dollars for usage in store.spent().values()) if store is not None else 0.0
        self._purse = Purse(budget, before)
        self._ledger = Ledger(store, self._fail)
        self._lanes: dict[str, Lane] = {}
        self._names: dict[str, str] = {}
        self._asking: dict[str, Promise] = {}
        self._checks: dict[int, tuple[Mapping[str, Any], Check]] = {}
        self._rooms: deque[asyncio.Future[None]] = deque()
        self._asks = self._begun = 0
        self._fatal: Fatal | None = None
        self._started = time.monotonic()
        self._watch = Watch(self._lanes, self.report, Silent() if progress is None else progress, every)

    async def __aenter__(self) -> Self:
        self._started = time.monotonic()
        self._watch.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # What is out is paid for: it gets a moment to come back and be stored, even when the run ends in an error.
        await self.close(grace=60.0 if kind is None else 3.0)

    async def close(self, grace: float = 60.0) -> None:
        """Wait for what is out, write it down, release the models; safe to call twice."""
        self._watch.stop()
        lanes = list(self._lanes.values())
        await asyncio.gather(*(lane.finish(grace) for lane in lanes))
        self._ledger.flush()
        if self._fatal is None:
            self._fail(Fatal("the engine is closed", hint="ask inside of `async with Engine(...)`"))

    def open(self, name: str) -> str:
        """Return the identity of the model with that name (`openai:gpt-5-mini`, a URL, ...), ready to be asked.

        Errors: those of `naming.open_model`; RecipeError if the budget needs a price that is not known.
        """
        if name in self._lanes:
            return name
        if name not in self._names:
            self._names[name] = self.add(open_model(name), name=name)
        return self._names[name]

    def add(self, backend: Backend, *, name: str = "") -> str:
        """Take a backend that was made by hand; return its identity."""
        identity = backend.identity
        if identity in self._lanes:
            if self._lanes[identity].backend != backend:
                seen = f"two models of one run are called {identity!r}"
                raise RecipeError(seen, where="model", hint="answers are found by that name: rename one of them")
            return identity
        price = self._prices.of(identity)
        if price is None and self._purse.budget is not None and not backend.capabilities.local:
            hint = "give one with --prices FILE (dollars for a million tokens read and written), or no budget"
            raise RecipeError(
                f"no price is known for {identity!r}, so no budget can be kept", where="budget", hint=hint
            )
        known = self._store.mode(identity) if self._store is not None else None
        self._lanes[identity] = Lane(
            backend=backend,
            width=_of(self._width, identity, name) or backend.width,
            ledger=self._ledger,
            purse=self._purse,
            price=price,
            retry=self._retry,
            ladder=Ladder(backend.capabilities, known=known, found=self._remember(identity)),
            fail=self._fail,
            settled=self._settled,
            limits=_of(self._limits, identity, name),
        )
        return identity

    async def ask(
        self,
        call: Call,
        *,
        priority: int = 0,
        key: str | None = None,
        refusals: bool = False,
        paid: Paid | None = None,
    ) -> Answer:
        """Return the answer, from the store if it was paid for before.

        call : its `model` is a name or an identity. priority : the lower goes first; give the row's number.
        key : the call's key, if it is known already. refusals : an answer that refuses is an answer, not Declined.
        paid : told of every answer that it took, of repairs and further samples too, with its key.
        With a schema the answer's `data` satisfies it. Without one an answer with finish "length" is returned as such.

        Errors: Declined if this call gets no usable answer; Fatal if the run has to end.
        """
        identity = self.open(call.model)
        if identity != call.model:
            call, key = replace(call, model=identity), None
        lane = self._lanes[identity]
        if call.prompt is not None and not lane.backend.capabilities.completions:
            hint = "ask it with messages (leave out complete=True)"
            raise RecipeError("this model cannot continue raw text", where=identity, hint=hint)
        key = key or call.key()
        self._asks += 1
        try:
            if call.schema is None:
                answer = await self._once(call, lane, priority, key)
                if paid is not None:
                    paid(key, identity, answer)
                if answer.finish == "refusal" and not refusals:
                    lane.tally.declined += 1
                    raise Declined("the model refused", where=identity)
                return answer
            return await self._ask_for_data(call, lane, priority, key, paid=paid)
        finally:
            self._asks -= 1
            self._make_room()

    async def room(self) -> None:
        """Return when another row may be begun: there is a free place, or soon will be. Keeps memory bounded.

        Errors: Fatal if the run has to end.
        """
        if self._fatal is not None:
            raise copy.copy(self._fatal)
        if self._has_room():
            self._begin()
            return
        waiter = asyncio.get_running_loop().create_future()
        self._rooms.append(waiter)
        await waiter

    def report(self) -> EngineReport:
        """Return what was asked, answered and spent so far."""
        tallies = {identity: lane.tally for identity, lane in self._lanes.items()}
        return EngineReport(copy.deepcopy(tallies), time.monotonic() - self._started)

    def narrate(self, status: Callable[[], str]) -> None:
        """Let what `status` says stand before the calls whenever the engine says how it goes."""
        self._watch.status = status

    @property
    def width(self) -> int:
        """How many calls may be out at once, over all models that are open."""
        return sum(lane.width for lane in self._lanes.values())

    @property
    def rows_at_once(self) -> int:
        """How many rows to have under way so that no place stays empty while answers are written down and checked."""
        width = self.width
        return width + max(width, _AHEAD)

    @property
    def fatal(self) -> Fatal | None:
        """Why the run has to end, if it has to."""
        return self._fatal

    async def _ask_for_data(self, call: Call, lane: Lane, priority: int, key: str, *, paid: Paid | None) -> Answer:
        def bad(answer: Answer) -> None:
            if not answer.stored:
                lane.tally.malformed += 1

        async def once(turn: Call) -> Answer:
            own = key if turn is call else turn.key()
            answer = await self._once(turn, lane, priority, own)
            if paid is not None:
                paid(own, call.model, answer)
            if not answer.stored:
                lane.ladder.heeded(lane.ladder.mode, is_json=answer.text.lstrip()[:1] in ("{", "[", '"'))
            return answer

        try:
            answer = await ask_for_data(call, once, self._check(call.schema or {}), bad=bad)
        except Declined:
            lane.tally.declined += 1
            raise
        lane.tally.repaired += answer.repaired and not answer.stored
        return answer

    async def _once(self, call: Call, lane: Lane, priority: int, key: str) -> Answer:
        if self._fatal is not None:
            raise copy.copy(self._fatal)
        promise = self._asking.get(key)
        if promise is None:
            if self._store is not None and (stored := self._store.get(key)) is not None:
                lane.tally.stored += 1
                return stored
            promise = self._asking[key] = Promise(partial(self._asking.pop, key, None))
            lane.submit(Job(call, key, priority, promise))
        # Who stops waiting does not stop the call: it is paid for, and others may wait for it.
        return await promise.wait()

    def _check(self, schema: Mapping[str, Any]) -> Check:
        found = self._checks.get(id(schema))
        if found is None:
            if len(self._checks) >= _CHECKS:
                self._checks.clear()
            # The schema is kept beside its check, so its id stays its own.
            found = self._checks[id(schema)] = (schema, compile_schema(schema))
        return found[1]

    def _remember(self, identity: str) -> Callable[[str], None]:
        def found(mode: str) -> None:
            if self._store is not None:
                self._store.put_mode(identity, mode)

        return found

    def _has_room(self) -> bool:
        wanted = self.rows_at_once
        # A call that rests before its next attempt leaves its place to another row, but not without bound.
        resting = sum(lane.resting for lane in self._lanes.values())
        return self._asks + self._begun - min(resting, wanted) < wanted

    def _make_room(self) -> None:
        while self._rooms and self._has_room():
            waiter = self._rooms.popleft()
            if not waiter.done():
                self._begin()
                waiter.set_result(None)

    def _begin(self) -> None:
        # A row that is let in asks two turns of the loop later: until then it is counted here.
        if not self._begun:
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._have_begun)
        self._begun += 1

    def _have_begun(self) -> None:
        self._begun = 0
        self._make_room()

    def _settled(self) -> None:
        self._make_room()
        for lane in self._lanes.values():
            lane.pump()

    def _fail(self, error: Fatal) -> None:
        if self._fatal is not None:
            return
        self._fatal = error
        for lane in self._lanes.values():
            lane.end(error)
        for waiter in self._rooms:
            if not waiter.done():
                waiter.set_exception(copy.copy(error))
        self._rooms.clear()
        if isinstance(error, BudgetSpent):
            self._watch.say(error.seen)


def _of(value: Any, identity: str, name: str) -> Any:
    """Return what holds for a model of a setting that is one for all, or a mapping by identity or name."""
    if isinstance(value, Mapping):
        return value.get(identity, value.get(name))
    return value
