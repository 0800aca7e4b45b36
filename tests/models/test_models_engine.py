import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from simulacra.contracts import Silent
from simulacra.contracts.models import Answer, Call, Message, Usage
from simulacra.errors import RecipeError
from simulacra.models.asking import Asker
from simulacra.models.backends.echo import Echo
from simulacra.models.engine import Engine, Retry
from simulacra.models.errors import BudgetSpent, Busy, Declined, Fatal, KeyRefused, StoreFailed
from simulacra.models.schema import as_schema
from simulacra.seeds import Seeds
from simulacra.store.calls import CallStore
from simulacra.testing.clock import run_jumping
from simulacra.testing.server import FakeServer

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}


def asked_by(function):
    """Return an echo model that counts what it was asked."""
    seen: Counter[str] = Counter()

    def count(call: Call):
        seen[call.prompt or call.messages[-1].content] += 1
        return function(call)

    return Echo(count), seen


def test_the_same_call_is_asked_once_in_a_run_and_in_the_next(tmp_path: Path) -> None:
    model, seen = asked_by(lambda call: call.prompt)

    async def run() -> list[Answer]:
        async with Engine(store=CallStore(tmp_path / "run.sqlite")) as engine:
            identity = engine.add(model)
            calls = [Call(identity, prompt=str(number % 5)) for number in range(20)]
            return list(await asyncio.gather(*(engine.ask(call) for call in calls)))

    first, second = asyncio.run(run()), asyncio.run(run())
    assert seen == dict.fromkeys("01234", 1)
    assert [answer.text for answer in first] == [answer.text for answer in second]
    assert all(answer.stored for answer in second)
    assert not any(answer.stored for answer in first)


def test_an_answer_is_on_disk_before_anyone_sees_it(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "run.sqlite")

    async def run() -> None:
        async with Engine(store=store) as engine:
            call = Call(engine.add(Echo()), prompt="x")
            await engine.ask(call)
            other = sqlite3.connect(tmp_path / "run.sqlite")
            keys = [bytes(key).hex() for (key,) in other.execute("SELECT key FROM calls")]
            other.close()
            assert keys == [call.key()]

    asyncio.run(run())


def test_older_rows_go_first() -> None:
    order = []

    def note(call: Call) -> str:
        order.append(int(call.prompt or 0))
        return "x"

    async def run() -> None:
        async with Engine(width=1) as engine:
            identity = engine.add(Echo(note, latency=0.001))
            numbers = [9, 3, 7, 1, 5]
            calls = [engine.ask(Call(identity, prompt=str(number)), priority=number) for number in numbers]
            await asyncio.gather(*calls)

    asyncio.run(run())
    assert order == [9, 1, 3, 5, 7], "the first went out at once, the rest by row"


def test_never_more_at_once_than_the_width_and_room_bounds_what_waits() -> None:
    out, most, begun, most_begun = 0, 0, 0, 0

    async def slow(_: Call) -> str:
        nonlocal out, most
        out += 1
        most = max(most, out)
        await asyncio.sleep(0.001)
        out -= 1
        return "x"

    async def run() -> None:
        nonlocal begun, most_begun
        async with Engine(width=4) as engine, asyncio.TaskGroup() as tasks:
            identity = engine.add(Echo(slow))

            async def row(number: int) -> None:
                nonlocal begun
                await engine.ask(Call(identity, prompt=str(number)), priority=number)
                begun -= 1

            for number in range(100):
                await engine.room()
                begun += 1
                most_begun = max(most_begun, begun)
                tasks.create_task(row(number))

    asyncio.run(run())
    assert most == 4
    assert most_begun <= 4 + 16 + 1


def test_rows_are_let_in_as_many_as_there_is_room_for_and_no_more() -> None:
    async def run() -> tuple[int, int]:
        begun = 0
        async with Engine(width=40) as engine:
            engine.add(Echo(latency=60))

            async def begin() -> None:
                nonlocal begun
                while True:
                    await engine.room()
                    begun += 1

            seen: list[int] = []
            task = asyncio.create_task(begin())
            await asyncio.sleep(0)
            seen.append(begun)
            for _ in range(100):  # none of them asked: they take no room any more
                await asyncio.sleep(0)
            seen.append(begun)
            task.cancel()
            return seen[0], seen[1]

    at_once, later = asyncio.run(run())
    assert at_once == 80, "in one turn of the loop: a busy machine has few of them"
    assert later > 10 * at_once, "who asks nothing keeps nobody out"


def test_one_of_two_who_wait_for_a_call_may_leave() -> None:
    async def run() -> tuple[list[object], list[object]]:
        async with Engine() as engine:
            call = Call(engine.add(Echo("{prompt}", latency=0.02)), prompt="x")
            tasks = [asyncio.create_task(engine.ask(call)) for _ in range(3)]
            await asyncio.sleep(0.005)
            tasks[0].cancel()
            good = await asyncio.gather(*tasks, return_exceptions=True)
            bad = Call(engine.add(Echo({"rules": [{"fail": "401", "latency": 0.02}]})), prompt="x")
            return good, await asyncio.gather(engine.ask(bad), engine.ask(bad), return_exceptions=True)

    (left, *stayed), (first, second) = asyncio.run(run())
    assert isinstance(left, asyncio.CancelledError)
    assert [answer.text for answer in stayed] == ["x", "x"]
    assert isinstance(first, KeyRefused)
    assert isinstance(second, KeyRefused)
    assert first is not second, "each has its own: a traceback is added where it is raised"


def test_who_stops_waiting_does_not_lose_what_is_paid() -> None:
    store = CallStore(":memory:")

    async def run() -> None:
        async with Engine(store=store) as engine:
            call = Call(engine.add(Echo(latency=0.02)), prompt="x")
            task = asyncio.create_task(engine.ask(call))
            await asyncio.sleep(0.005)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert len(store) == 1


def test_a_schema_is_filled_a_bad_answer_repaired_and_all_of_it_kept() -> None:
    store = CallStore(":memory:")
    said = {1: '{"n": 0}', 3: '{"n": 3,}'}

    async def run() -> tuple[Answer, str]:
        async with Engine(store=store) as engine:
            identity = engine.add(Echo(lambda call: said[len(call.messages)]))
            answer = await engine.ask(Call(identity, (Message("user", "n?"),), schema=SCHEMA))
            return answer, engine.report().line()

    answer, line = asyncio.run(run())
    assert (answer.data, answer.repaired) == ({"n": 3}, True)
    assert len(store) == 2
    assert "1 malformed" in line
    again, line = asyncio.run(run())
    assert (again.data, again.stored) == ({"n": 3}, True)
    assert "0 calls" in line


def test_an_answer_that_is_cut_off_is_asked_for_with_more_room_once() -> None:
    rooms = []

    def cut(call: Call) -> Answer:
        rooms.append(call.parameters.get("max_tokens"))
        return Answer('{"n": 1}', finish="length" if len(rooms) == 1 else "stop")

    async def run() -> Answer:
        async with Engine() as engine:
            call = Call(engine.add(Echo(cut)), prompt="x", schema=SCHEMA, parameters={"max_tokens": 50})
            return await engine.ask(call)

    assert asyncio.run(run()).data == {"n": 1}
    assert rooms == [50, 100]


def test_resamples_are_bounded_and_end_in_a_reason() -> None:
    model, seen = asked_by(lambda _: "no JSON at all")

    async def run() -> None:
        async with Engine() as engine:
            await engine.ask(Call(engine.add(model), prompt="x", schema=SCHEMA))

    with pytest.raises(Declined, match="no answer that satisfies the schema: this is no JSON"):
        asyncio.run(run())
    assert sum(seen.values()) <= 4


def priced(budget: float, *, store: CallStore | None = None, count: int = 100) -> tuple[float, int, str]:
    """Return what was spent, how many were answered, and how it ended; each answer costs 0.01 dollars."""
    usage = Usage(0, 1000)

    async def run() -> tuple[float, int, str]:
        end = ""
        async with Engine(budget=budget, store=store, prices={"echo:p": {"read": 0, "written": 10}}) as engine:
            model = Echo(lambda call: Answer(call.prompt or "", usage=usage))
            model.identity = "echo:p"
            identity = engine.add(model)
            calls = [Call(identity, prompt=str(number), parameters={"max_tokens": 1000}) for number in range(count)]
            results = await asyncio.gather(*map(engine.ask, calls), return_exceptions=True)
            for one in results:
                if isinstance(one, BudgetSpent):
                    end = str(one)
            return engine.report().total.dollars, sum(isinstance(one, Answer) for one in results), end

    return asyncio.run(run())


def test_a_budget_is_used_up_and_never_exceeded() -> None:
    spent, answered, end = priced(0.255)
    assert spent == pytest.approx(0.25)
    assert answered == 25
    assert "the budget of 0.255 dollars would be exceeded: 0.2500 are spent" in end
    assert "Raise --budget to go on" in end


def test_a_budget_counts_what_earlier_runs_spent() -> None:
    store = CallStore(":memory:")
    assert priced(0.10, store=store)[1] == 10
    spent, answered, end = priced(0.15, store=store)
    assert (round(spent, 6), answered) == (0.05, 15)
    assert "0.1000 of it in earlier runs" in end


def test_a_budget_needs_a_price_and_must_be_one() -> None:
    async def run() -> None:
        async with Engine(budget=1.0) as engine:
            engine.open("openai:unheard-of")

    with pytest.raises(RecipeError, match="no price is known for 'openai:unheard-of'"):
        asyncio.run(run())
    with pytest.raises(RecipeError, match="a budget of -1 is none"):
        Engine(budget=-1)


def test_a_bad_key_stops_at_once_and_keeps_what_was_answered() -> None:
    store = CallStore(":memory:")
    asked = 0

    def refuse(call: Call) -> str:
        nonlocal asked
        asked += 1
        if call.prompt == "5":
            raise KeyRefused("the key is not accepted", where="echo")
        return "x"

    async def run() -> list[object]:
        async with Engine(store=store, width=2) as engine:
            identity = engine.add(Echo(refuse, latency=0.001))
            calls = [engine.ask(Call(identity, prompt=str(number)), priority=number) for number in range(200)]
            results = await asyncio.gather(*calls, return_exceptions=True)
            with pytest.raises(KeyRefused):
                await engine.room()
            return list(results)

    results = asyncio.run(run())
    assert asked < 12
    assert len(store) == sum(isinstance(one, Answer) for one in results) >= 5
    assert {type(one) for one in results} == {Answer, KeyRefused}


def test_a_store_that_cannot_be_written_ends_the_run_before_anyone_sees_the_answer(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "run.sqlite")
    store._db.execute("PRAGMA max_page_count = 20")  # a disk that is full

    async def run() -> None:
        async with Engine(store=store) as engine:
            identity = engine.add(Echo())
            for number in range(50):
                await engine.ask(Call(identity, prompt=os.urandom(2000).hex() + str(number)))

    with pytest.raises(StoreFailed, match="disk is full") as caught:
        asyncio.run(run())
    assert caught.value.exit_code == 2
    assert "goes on where it stopped" in str(caught.value)


def test_rows_that_stand_still_in_their_steps_are_told_too() -> None:
    notes: list[str] = []

    class Told(Silent):
        def note(self, text: str) -> None:
            notes.append(text)

    async def run() -> None:
        async with Engine(progress=Told(), every=60) as engine:
            await asyncio.sleep(200)
            assert notes == []  # nothing is under way
            engine.narrate(lambda: "3 of 9 rows")
            await asyncio.sleep(200)

    run_jumping(run())
    assert notes[-1].startswith("3 of 9 rows; ")
    assert notes[-1].endswith("no call is out: steps and checks are at work")


def test_the_watchdog_names_what_is_stuck() -> None:
    class Notes(list):
        def start(self, *_: object) -> None: ...
        def advance(self, *_: object) -> None: ...
        def note(self, text: str) -> None:
            self.append(text)

    notes = Notes()

    async def run() -> None:
        async with Engine(progress=notes, every=0.02, retry=Retry(attempts=1, timeout=0.15)) as engine:
            await engine.ask(Call(engine.add(Echo({"rules": [{"fail": "hang"}]}, label="mute")), prompt="x"))

    with pytest.raises(Fatal, match=r"no answer within 0.15 s"):
        asyncio.run(run())
    assert any("waiting for echo:mute" in note and "1 sent" in note for note in notes)


def test_a_display_that_shows_a_status_is_told_of_rows_calls_and_money() -> None:
    class Shown(list):
        def start(self, *_: object) -> None: ...
        def advance(self, *_: object) -> None: ...
        def note(self, text: str) -> None:
            raise AssertionError(f"a status is no remark: {text}")

        def status(self, text: str) -> None:
            self.append(text)

    shown = Shown()

    async def run() -> None:
        echo = Echo({"rules": [{"latency": 0.05, "say": "yes"}]})
        prices = {echo.identity: {"read": 1e5, "written": 1e5}}
        async with Engine(progress=shown, every=0.01, prices=prices) as engine:
            engine.narrate(lambda: "3 of 9 rows")
            model = engine.add(echo)
            for number in range(3):
                await engine.ask(Call(model, prompt=str(number)))

    asyncio.run(run())
    last = shown[-1]
    assert last.startswith("3 of 9 rows; ")
    assert all(word in last for word in (" calls, ", " a second", " tokens", " dollars"))


def test_two_models_of_one_name_are_refused_and_a_closed_engine_too() -> None:
    async def run() -> None:
        async with Engine() as engine:
            engine.open("http://127.0.0.1:1/v1#m")
            with pytest.raises(RecipeError, match="two models of one run are called 'endpoint:m'"):
                engine.open("http://127.0.0.1:2/v1#m")
            identity = engine.add(Echo())
        with pytest.raises(Fatal, match=r"[Tt]he engine is closed"):
            await engine.ask(Call(identity, prompt="x"))

    asyncio.run(run())


def test_a_slow_model_does_not_hold_up_a_fast_one() -> None:
    async def run() -> None:
        async with Engine(width=2) as engine:
            slow, fast = engine.add(Echo("s", latency=5.0)), engine.add(Echo("f"))
            waiting = [asyncio.create_task(engine.ask(Call(slow, prompt=str(number)))) for number in range(10)]
            await asyncio.sleep(0)
            answers = await asyncio.gather(*(engine.ask(Call(fast, prompt=str(number))) for number in range(50)))
            assert len(answers) == 50
            assert not any(task.done() for task in waiting)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            await engine.close(grace=0)

    asyncio.run(run())


def test_retry_after_is_honoured() -> None:
    times = []

    def busy(_: Call) -> str:
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            raise Busy("too many requests (429)", after=0.15)
        return "x"

    async def run() -> None:
        async with Engine(retry=Retry(first=0.001)) as engine:
            await engine.ask(Call(engine.add(Echo(busy)), prompt="x"))

    asyncio.run(run())
    assert times[1] - times[0] >= 0.15


def test_a_row_asks_by_role_with_its_own_seed() -> None:
    async def run() -> None:
        async with Engine() as engine:
            teacher, judge = engine.add(Echo("t {seed}")), engine.add(Echo("j {system}"))
            models = {"teacher": teacher, "judge": judge}
            rows = [Asker(engine, Seeds(1, ("row", str(number))), models) for number in range(2)]
            first, second = [(await row.ask("same words")).text for row in rows]
            assert first != second, "two rows, two questions"
            assert (await rows[0].ask("x", model="judge", system="be strict")).text == "j be strict"
            calls = [row.call("x", temperature=0) for row in rows]
            assert calls[0].key() == calls[1].key(), "without chance they are one question"
            assert rows[0].keys == [rows[0].call("same words").key(), rows[0].keys[1]]
            with pytest.raises(RecipeError, match="only text can be continued"):
                rows[0].call([Message("user", "x")], complete=True)
            with pytest.raises(RecipeError, match="no model was named"):
                Asker(engine, Seeds(1)).call("x")

    asyncio.run(run())


def test_a_pydantic_model_is_a_schema() -> None:
    from pydantic import BaseModel, Field

    class Item(BaseModel):
        name: str = Field(min_length=3)
        sizes: list[int] = Field(min_length=1, max_length=3)

    async def run() -> object:
        async with Engine() as engine:
            row = Asker(engine, Seeds(3), {"m": engine.add(Echo())})
            return (await row.ask("an item", schema=Item)).data

    assert Item.model_validate(asyncio.run(run()))
    assert as_schema(Item) is as_schema(Item), "made once: its check is compiled once"


CHILD = """
import asyncio, sys
from simulacra.contracts.models import Call
from simulacra.models.engine import Engine
from simulacra.store.calls import CallStore

async def main(path, url):
    async with Engine(store=CallStore(path), width=16) as engine:
        model = engine.open(url)
        async def row(number):
            await engine.ask(Call(model, prompt=f"row {number}"), priority=number)
            print(number, flush=True)
        async with asyncio.TaskGroup() as tasks:
            for number in range(120):
                await engine.room()
                tasks.create_task(row(number))

asyncio.run(main(*sys.argv[1:]))
assert not {"polars", "numpy", "pydantic"} & set(sys.modules), "the engine needs no frame library"
"""


def test_what_was_delivered_before_a_kill_is_not_asked_again(server: FakeServer, tmp_path: Path) -> None:
    weather = "latency=fixed:.03,tokens=8"
    command = [sys.executable, "-c", CHILD, str(tmp_path / "run.sqlite"), f"{server.url(weather)}#m"]
    delivered: list[str] = []
    for kill_after in (20, 60, None):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for line in child.stdout:
            delivered.append(line.strip())
            if kill_after is not None and len(delivered) >= kill_after:
                child.send_signal(signal.SIGKILL)
                break
        child.wait()
        child.stdout.close()
    assert child.returncode == 0
    paid = server.ledger(weather)["paid"]
    assert len(paid) == 120
    twice = sum(count - 1 for count in paid.values())
    assert twice <= 2 * 16, "only what was in flight at a kill may be paid again"
    store = CallStore(tmp_path / "run.sqlite")
    assert len(store) == 120
    assert json.dumps(store.question(next(store.keys())))
    store.close()
