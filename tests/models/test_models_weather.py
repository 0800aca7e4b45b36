"""Bad weather: each kind ends in the right class of error, with a plain sentence, and nothing hangs."""

import asyncio
import random
import socket
import threading
from collections.abc import Iterator

import pytest

from simulacra.contracts import Silent
from simulacra.contracts.models import Answer, Call, Capabilities, Message, Usage
from simulacra.models.engine import Engine, Retry
from simulacra.models.errors import (
    Busy,
    Declined,
    Fatal,
    Faulty,
    KeyRefused,
    ModelError,
    ModelUnknown,
    QuotaSpent,
    RequestWrong,
    Unreachable,
)
from simulacra.store.calls import CallStore
from simulacra.testing.clock import run_jumping
from simulacra.testing.server import FakeServer

QUICK = Retry(attempts=3, first=0.01, most=0.02)
HASTY = Retry(attempts=2, first=0.01, most=0.02, timeout=0.2, deadline=0.5)
SCHEMA = {
    "type": "object",
    "properties": {"q": {"type": "string"}, "n": {"type": "integer", "minimum": 1}},
    "required": ["q", "n"],
}


def ask(model: str, *, schema: object = None, store: CallStore | None = None, calls: int = 1) -> list[Answer]:
    async def run() -> list[Answer]:
        hasty = "hang" in model or "busy" in model
        async with Engine(retry=HASTY if hasty else QUICK, store=store) as engine:
            asked = [
                engine.ask(Call(model, (Message("user", f"question {number}"),), schema=schema))  # type: ignore[arg-type]
                for number in range(calls)
            ]
            return list(await asyncio.gather(*asked))

    return asyncio.run(run())


def end(model: str, *, schema: object = None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        ask(model, schema=schema)
    return caught.value


@pytest.mark.parametrize(
    ("weather", "kind", "exit_code", "words"),
    [
        ("always=401", KeyRefused, 3, "the key is not accepted"),
        ("always=403", KeyRefused, 3, "the key is not accepted"),
        ("always=402", QuotaSpent, 3, "no money or quota"),
        ("always=quota", QuotaSpent, 3, "no money or quota"),
        ("always=404", ModelUnknown, 2, "no such model or address"),
        ("always=302", ModelUnknown, 2, "no such model or address"),
        ("always=413", Declined, 1, "too long for the model"),
        ("always=context", Declined, 1, "too long for the model"),
        ("always=418", RequestWrong, 2, "does not take the request"),
        ("busy=1", Unreachable, 3, "too many requests"),
        ("always=500", Unreachable, 3, "the server failed"),
        ("always=hang", Unreachable, 3, "no answer within"),
        ("always=half", Unreachable, 3, "the connection broke"),
        ("always=drop", Unreachable, 3, "the connection broke"),
        ("always=html", Unreachable, 3, "text/html, not JSON"),
        ("always=huge", Unreachable, 3, "larger than 16 MB"),
        ("always=latin1", Unreachable, 3, "not UTF-8"),
        ("always=nojson", Unreachable, 3, "no JSON, or half of it"),
        ("always=list", Unreachable, 3, "no answer of a model"),
        ("always=empty", Unreachable, 3, "no choices"),
        ("always=refusal", Declined, 1, "the model refused"),
        ("nonsense=1", ModelUnknown, 2, "a weather has no 'nonsense'"),
    ],
)
def test_each_weather_has_its_class_and_its_sentence(
    server: FakeServer, weather: str, kind: type[ModelError], exit_code: int, words: str
) -> None:
    error = end(f"{server.url(weather)}#m")
    assert type(error) is kind
    assert error.exit_code == exit_code
    assert words in str(error)
    assert "Traceback" not in str(error)


def test_what_ends_a_run_says_how_it_goes_on(server: FakeServer) -> None:
    assert "run the same command again and it goes on" in str(end(f"{server.url('always=500')}#m"))


@pytest.mark.parametrize(
    ("weather", "words"),
    [("always=length", "cut off at"), ("always=wrongdata", "'q' is missing"), ("always=refusal", "the model refused")],
)
def test_a_schema_that_the_model_does_not_fill_rejects_the_row(server: FakeServer, weather: str, words: str) -> None:
    store = CallStore(":memory:")
    with pytest.raises(Declined, match=words):
        ask(f"{server.url(weather)}#m", schema=SCHEMA, store=store)
    paid = len(store)
    assert paid >= 1
    with pytest.raises(Declined, match=words):
        ask(f"{server.url('always=402')}#m", schema=SCHEMA, store=store)
    assert len(store) == paid, "what was paid for is kept, and a second run pays nothing to fail the same way"


def test_an_answer_that_was_cut_off_without_a_schema_says_so(server: FakeServer) -> None:
    assert ask(f"{server.url('always=length')}#m")[0].finish == "length"


def test_a_server_that_takes_no_schema_gets_it_in_words(server: FakeServer) -> None:
    answers = ask(f"{server.url('always=noschema')}#m", schema=SCHEMA, calls=5)
    assert [answer.data for answer in answers] == [{"q": "in words", "n": 1}] * 5


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = end(f"http://127.0.0.1:{port}/v1#m")
    assert type(error) is Unreachable
    assert f"no connection to http://127.0.0.1:{port}/v1" in str(error)


def test_no_such_path(server: FakeServer) -> None:
    assert isinstance(end(f"http://127.0.0.1:{server.port}/wrong/path#m"), ModelUnknown)


def test_a_server_without_tls_where_it_is_asked_for(plain_talker: int) -> None:
    error = end(f"https://127.0.0.1:{plain_talker}/v1#m")
    assert type(error) is Unreachable
    assert "no safe connection" in str(error)


@pytest.fixture
def plain_talker() -> Iterator[int]:
    """A server that answers every connection with a line that is no TLS."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        listener.settimeout(0.05)
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    stop.set()
    thread.join()
    listener.close()


def test_a_call_that_fails_while_others_are_answered_is_declined_alone() -> None:
    from simulacra.models.backends.echo import Echo

    async def run() -> tuple[object, ...]:
        async with Engine(retry=QUICK) as engine:
            model = engine.add(Echo({"rules": [{"when": "poison", "fail": "500"}, {"latency": 0.005}]}))
            asked = [engine.ask(Call(model, prompt=text)) for text in ["poison", *map(str, range(80))]]
            return tuple(await asyncio.gather(*asked, return_exceptions=True))

    first, *others = asyncio.run(run())
    assert isinstance(first, Declined)
    assert "no usable answer after 3 requests" in first.reason
    assert all(isinstance(one, Answer) for one in others)


class Stormy:
    """10 % refused for the rate, 5 % of faults; calls with "large" in them are refused always."""

    name, identity, width = "stormy", "stormy:m", 64
    capabilities = Capabilities(completions=True, local=True)

    def __init__(self) -> None:
        self.chance, self.asked = random.Random(5), list[str]()

    async def send(self, call: Call) -> Answer:
        self.asked.append(call.prompt or "")
        drawn = self.chance.random()
        if drawn < 0.1 or "large" in self.asked[-1]:
            await asyncio.sleep(0.003)
            raise Busy("too many requests (429)", where="stormy")
        await asyncio.sleep(0.1 if drawn < 0.15 else 0.2)
        if drawn < 0.15:
            raise Faulty("the server failed (500)", where="stormy")
        return Answer("yes", usage=Usage(1, 1))

    async def close(self) -> None:
        """Nothing to release."""


def weather(prompts: list[str]) -> tuple[list[object], list[float], Stormy]:
    """Return what became of the prompts and when, in simulated seconds."""
    server, times = Stormy(), list[float]()

    async def run() -> list[object]:
        async with Engine() as engine:
            model = engine.add(server)
            engine._lanes[model]._jitter = random.Random(1)

            async def ask(place: int) -> object:
                try:
                    return await engine.ask(Call(model, prompt=prompts[place]), priority=place)
                except Declined as declined:
                    return declined
                finally:
                    times.append(asyncio.get_running_loop().time())

            return list(await asyncio.gather(*map(ask, range(len(prompts)))))

    return run_jumping(run()), sorted(times), server


def test_stray_failures_cost_little_more_than_themselves() -> None:
    # An attempt takes .1 * 3 ms + .05 * 100 ms + .85 * 200 ms, a row 1 / .85 of that, and 64 go at once.
    rows = 2000
    ideal = rows * (0.1 * 0.003 + 0.05 * 0.1 + 0.85 * 0.2) / 0.85 / 64
    answers, times, server = weather([str(number) for number in range(rows)])
    assert all(isinstance(one, Answer) for one in answers)
    assert len(server.asked) < 1.25 * rows
    assert times[int(0.95 * rows)] < ideal
    assert times[-1] < 1.2 * ideal  # with the last ones' pauses


def test_a_call_that_is_always_refused_for_the_rate_is_declined_alone() -> None:
    prompts = ["too large", *map(str, range(3000)), "large, too"]
    answers, times, server = weather(prompts)
    assert [isinstance(one, Declined) for one in answers] == [True, *[False] * 3000, True]
    assert "It may be larger than the limit allows" in str(answers[0])
    assert max(server.asked.count(prompts[0]), server.asked.count(prompts[-1])) <= 12
    assert times[-1] < 120


@pytest.mark.parametrize(("deadline", "seconds"), [(900.0, 300), (60.0, 60)])
def test_a_rate_limit_that_lets_nobody_in_is_named_and_ends(deadline: float, seconds: float) -> None:
    notes: list[str] = []

    class Told(Silent):
        def note(self, text: str) -> None:
            notes.append(text)

    async def run() -> float:
        loop = asyncio.get_running_loop()
        async with Engine(retry=Retry(deadline=deadline), progress=Told()) as engine:
            model = engine.add(Stormy())
            with pytest.raises(Unreachable, match="nothing was answered") as told:
                await engine.ask(Call(model, prompt="too large"))
            assert "Look at the server, the address and the account's limits" in str(told.value)
            return loop.time()

    assert seconds - 46 <= run_jumping(run()) <= seconds + 1
    assert any("1 backing off, refused last: too many requests (429)" in note for note in notes)


def test_a_backend_with_a_bug_ends_the_run_instead_of_hanging() -> None:
    from simulacra.models.backends.echo import Echo

    def broken(_: Call) -> str:
        raise ZeroDivisionError("oh")

    async def run() -> None:
        async with Engine() as engine:
            await engine.ask(Call(engine.add(Echo(broken)), prompt="x"))

    with pytest.raises(Fatal, match=r"backend failed \(ZeroDivisionError: oh"):
        asyncio.run(run())


def test_a_stray_error_costs_its_own_call_alone(server: FakeServer) -> None:
    weather = "busy=.1,faults=.05"
    patient = Retry(attempts=8, first=0.01, most=0.1)

    async def run() -> int:
        async with Engine(retry=patient) as engine:
            model = engine.open(f"{server.url(weather)}#m")
            asked = [engine.ask(Call(model, prompt=str(number)), priority=number) for number in range(200)]
            return len(await asyncio.gather(*asked))

    assert asyncio.run(run()) == 200
    ledger = server.ledger(weather)
    assert ledger["busy"] > 5
    assert ledger["faults"] > 2
    assert ledger["answered"] == 200
    assert set(ledger["paid"].values()) == {1}


def test_a_faulty_says_what_it_may_have_cost() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(Faulty("x", where="m", charged=True, after=2.0)))
    assert (error.seen, error.charged, error.after) == ("x", True, 2.0)
