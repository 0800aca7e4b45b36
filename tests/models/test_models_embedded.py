"""The embedded model with its real weights: the same answer under any load, schemas held to, cut short, closed."""

import asyncio
import json
import subprocess
import sys

import pytest

from simulacra.contracts.models import Answer, Call, Message
from simulacra.errors import MissingError, ModelFileError, RecipeError
from simulacra.models.backends._llama import Llama, Settings
from simulacra.models.backends._spoken import request, seed_of
from simulacra.models.backends.embedded import Embedded
from simulacra.models.backends.gguf import Gguf
from simulacra.models.errors import Declined, RequestRefused
from simulacra.models.naming import open_model
from simulacra.models.weights import locate

SMALL = Settings(slots=4, context=256)
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 20},
        "age": {"type": "integer", "minimum": 1, "maximum": 99},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}


def call(text: str, **rest) -> Call:
    return Call("embedded:smollm2-135m", (Message("user", text),), **rest)


def ask(*calls: Call, at_once: int = 4) -> list[Answer]:
    """Return the answers of a fresh model, so many calls at a time."""

    async def run() -> list[Answer]:
        model, gate = Embedded(settings=SMALL), asyncio.Semaphore(at_once)

        async def one(asked: Call) -> Answer:
            async with gate:
                return await model.send(asked)

        try:
            return await asyncio.gather(*(one(asked) for asked in calls))
        finally:
            await model.close()

    return asyncio.run(run())


def test_the_same_call_has_the_same_answer_alone_and_in_company():
    short = {"max_tokens": 8, "top_logprobs": 2}
    calls = [call(f"Say something about {what}.", parameters=short, seed=3) for what in ("tea", "rain", "a lost card")]
    calls.append(Call(calls[0].model, prompt="Q: Name a fruit.\nA:", parameters=short, seed=3))
    alone, together = ask(*calls, at_once=1), ask(*reversed(calls), at_once=4)[::-1]
    assert alone == together  # the text, the tokens, and every bit of the log probabilities
    assert len({answer.text for answer in alone}) == 4


def test_answers_are_told_as_the_contract_says():
    raw = Call("m", prompt="1, 2, 3, 4,", parameters={"max_tokens": 40, "stop": ["7"], "temperature": 0})
    counted, cut, person = ask(
        raw,
        call("Tell a long story.", parameters={"max_tokens": 5, "logprobs": True}),
        call("Write the record of a person.", schema=PERSON, parameters={"max_tokens": 80}),
    )
    assert counted.text.strip() == "5, 6,"
    assert counted.finish == "stop"
    assert cut.finish == "length"
    assert cut.usage.tokens_out == 5
    assert cut.usage.dollars == 0
    assert len(cut.logprobs) == 5
    assert "".join(token for token, _, _ in cut.logprobs) == cut.text
    assert all(value <= 0 and len(others) == 1 for _, value, others in cut.logprobs)
    record = json.loads(person.text)
    assert set(record) == {"name", "age"}
    assert 1 <= record["age"] <= 99
    assert 2 <= len(record["name"]) <= 20


def test_the_seed_is_of_the_seed_and_the_sample():
    first = call("a", seed=1)
    assert seed_of(first) != seed_of(call("a", seed=2)) != seed_of(call("a", seed=1, sample=1))
    assert seed_of(call("a")) != seed_of(call("b"))  # without a seed, of the whole call
    assert 0 <= seed_of(call("a", seed=2**63)) < 2**32 - 1


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (call("x " * 400), Declined, "too long"),
        (call("x", schema={"type": "frob"}), Declined, "schema cannot be held to"),
        (call("x", parameters={"temprature": 1}), RequestRefused, "no parameter 'temprature'"),
        (call("x", parameters={"temperature": "hot"}), RequestRefused, "must be number"),
        (call("x", tools=({"name": "f"},)), RequestRefused, "calls no tools"),
    ],
)
def test_what_cannot_be_asked_is_told(asked, error, words):
    with pytest.raises(error, match=words):
        ask(asked)


def test_half_a_character_is_no_fault():
    (answer,) = ask(call("x\ud800", parameters={"max_tokens": 2}))
    assert answer.usage.tokens_out == 2


def test_a_cancelled_call_frees_its_slot_and_the_model_can_be_closed_and_asked_again():
    async def run() -> tuple[str, int]:
        model = Embedded(settings=Settings(slots=1, context=512))
        endless = call("Tell a long story.", parameters={"max_tokens": 480, "ignore_eos": True})
        task = asyncio.create_task(model.send(endless))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The one slot is free again: this would otherwise wait for 480 tokens.
        answer = await asyncio.wait_for(model.send(call("Hi", parameters={"max_tokens": 2})), 60)
        await model.close()
        await model.close()
        again = await model.send(call("Hi", parameters={"max_tokens": 2}))
        await model.close()
        return answer.text, again.text == answer.text

    text, same = asyncio.run(run())
    assert text
    assert same


def test_a_program_that_ends_while_the_model_writes_does_not_hang():
    code = (
        "import asyncio\n"
        "from simulacra.contracts.models import Call\n"
        "from simulacra.models.naming import open_model\n"
        "async def main():\n"
        "    model = open_model('embedded')\n"
        "    call = Call(model.identity, prompt='Once', parameters={'max_tokens': 900, 'ignore_eos': True})\n"
        "    asyncio.create_task(model.send(call))\n"
        "    await asyncio.sleep(1.5)\n"
        "asyncio.run(main())\n"
        "import sys; print('LOADED', *sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=True)
    loaded = set(done.stdout.split("LOADED", 1)[1].split())
    assert "xllamacpp" in loaded
    assert loaded.isdisjoint({"numpy", "polars", "pydantic", "aiohttp"})


def test_a_users_own_file_is_named_by_its_content(tmp_path):
    (path,) = locate("smollm2-135m")
    linked = tmp_path / "mine.gguf"
    linked.symlink_to(path)
    first, second = Gguf(str(path)), open_model(f"gguf:{linked}")
    assert first.identity.rsplit("-", 1)[1] == second.identity.rsplit("-", 1)[1]
    assert second.identity.startswith("gguf:mine-")
    assert str(tmp_path) not in second.identity
    said = asyncio.run(second.send(Call("m", prompt="1, 2, 3,", parameters={"max_tokens": 3, "temperature": 0})))
    asyncio.run(second.close())
    assert "4" in said.text


def test_what_is_no_model_is_told(tmp_path):
    with pytest.raises(RecipeError, match="has no path"):
        Gguf("")
    with pytest.raises(ModelFileError, match="cannot be read"):
        Gguf(str(tmp_path / "none.gguf"))
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(ModelFileError, match="no GGUF file"):
        Gguf(str(tmp_path / "text.gguf"))
    (tmp_path / "half.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelFileError, match="cannot load this model"):
        Llama(lambda: tmp_path / "half.gguf", SMALL).load()
    with pytest.raises(RecipeError, match="no embedded model is called 'gpt'"):
        Embedded("gpt")


def test_missing_weights_are_told_with_the_line_that_installs_them(tmp_path, monkeypatch):
    monkeypatch.setenv("SIMULACRA_HOME", str(tmp_path))
    model = Embedded()
    with pytest.raises(MissingError, match="simulacra models install smollm2-135m"):
        asyncio.run(model.send(call("x")))


def test_a_missing_extra_is_told_with_the_line_that_installs_it(tmp_path):
    # An importable name that is not there: a package of that name whose import fails as an absent one's does.
    (tmp_path / "xllamacpp.py").write_text("raise ModuleNotFoundError('No module named xllamacpp', name='xllamacpp')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom simulacra.models.backends._llama import _library\n"
    code += "try: _library()\nexcept Exception as error: print(type(error).__name__, error, error.exit_code)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("MissingError")
    assert "pip install 'simulacra[local]'" in done.stdout


def test_only_samplers_that_are_asked_for_are_run():
    assert request(call("x"))["samplers"] == ["min_p", "temperature"]
    assert request(call("x", parameters={"top_p": 0.9, "repeat_penalty": 1.1}))["samplers"] == [
        "penalties", "top_p", "temperature"
    ]  # fmt: skip


def test_the_served_face_asks_for_its_key_and_a_taken_port_is_told():
    import socket
    import urllib.error
    import urllib.request

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(RecipeError, match="cannot be had"):
            Embedded(settings=SMALL).llama.serve(port=taken.getsockname()[1])
    model = Embedded(settings=Settings(slots=1, context=256))
    address = model.llama.serve(key="open sesame")
    body = json.dumps({"prompt": "1, 2, 3,", "max_tokens": 3, "temperature": 0}).encode()

    def post(key: str) -> dict:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{address}/completions", body, headers)) as answer:
            return json.load(answer)

    assert "4" in post("open sesame")["choices"][0]["text"]
    with pytest.raises(urllib.error.HTTPError, match="401"):
        post("guess")
    asyncio.run(model.close())
