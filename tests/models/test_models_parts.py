"""The parts of the engine alone: schemas, slips of syntax, modes, the echo model, names, keys, prices, targets."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra import registry
from simulacra.contracts.models import Answer, Call, Capabilities, Message, ToolCall
from simulacra.errors import RecipeError, SchemaError
from simulacra.models.backends.echo import FAILURES, Echo
from simulacra.models.backends.python import Function
from simulacra.models.engine import Engine, Retry
from simulacra.models.errors import Declined, KeyRefused, ModelError
from simulacra.models.estimate import estimate_calls
from simulacra.models.filling import fill
from simulacra.models.modes import RESPOND, Ladder
from simulacra.models.naming import look_up, open_model
from simulacra.models.prices import Price, Prices, tokens_at_most, tokens_likely
from simulacra.models.schema import as_schema, compile_schema
from simulacra.models.slips import read_json
from simulacra.models.targets import is_local, open_target
from simulacra.store.calls import CallStore
from simulacra.testing.server import FakeServer

BOUNDS = st.integers(-3, 6)
LEAVES = st.one_of(
    st.fixed_dictionaries({"type": st.just("integer")}, optional={"minimum": BOUNDS, "multipleOf": st.integers(1, 3)}),
    st.fixed_dictionaries({"type": st.just("number")}, optional={"maximum": BOUNDS, "exclusiveMinimum": st.just(-9)}),
    st.fixed_dictionaries({"type": st.just("string")}, optional={"minLength": st.integers(0, 9)}),
    st.fixed_dictionaries({"enum": st.lists(st.one_of(st.integers(0, 3), st.booleans()), min_size=1)}),
    st.sampled_from([{"type": ["null", "boolean"]}, {"const": 1}, {"pattern": "^a"}, {"not": {"type": "null"}}, {}]),
)  # fmt: skip
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3)},
            optional={"required": st.lists(st.sampled_from("ab"), unique=True), "additionalProperties": st.booleans()},
        ),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional={"uniqueItems": st.just(True)}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"if": inner, "then": inner, "else": inner}),
    ),
    max_leaves=5,
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 6), st.sampled_from([1.0, 1.5, "", "a", "b"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(schema=SCHEMAS, value=VALUES)
def test_checks_agree_with_the_reference(schema: dict[str, Any], value: Any) -> None:
    assert (compile_schema(schema)(value) is None) == jsonschema.Draft202012Validator(schema).is_valid(value)


def test_a_schema_that_refers_to_itself() -> None:
    tree = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}, "required": ["kids"]}
    check = compile_schema(tree)
    assert check({"kids": [{"kids": []}]}) is None
    assert check({"kids": [{"kids": [{}]}]}) == "kids[0].kids[0]: 'kids' is missing"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"unevaluatedProperties": False}, "'unevaluatedProperties' is not handled"),
        ({"$ref": "#/$defs/none"}, "leads nowhere"),
        ({"$ref": "https://example.org/x"}, "leads nowhere"),
        ({"type": "objekt"}, "not well formed"),
        ({"pattern": "("}, "not well formed"),
        ({"properties": {"a": 3}}, "is no JSON schema"),
    ],
)
def test_a_schema_that_cannot_be_used(schema: dict[str, Any], words: str) -> None:
    with pytest.raises(SchemaError, match=words.replace("$", r"\$")):
        compile_schema(schema)
    with pytest.raises(SchemaError, match="no JSON schema and no pydantic model"):
        as_schema("text")


@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_slips_are_mended_without_loss(value: Any) -> None:
    text = json.dumps({"v": value}, indent=1)
    slipped = text.replace("true", "True").replace("null", "None").replace("\n}", ",\n}")
    assert read_json(text) == ({"v": value}, False)
    assert read_json(f"Sure! Here it is:\n```json\n{slipped}\n```\nDone.")[0] == {"v": value}
    assert read_json("Here it is: " + slipped)[0] == {"v": value}


def test_words_within_strings_stay_and_control_characters_are_taken() -> None:
    assert read_json('{"a": "True, ]", "b": "x\ny",}') == ({"a": "True, ]", "b": "x\ny"}, True)


@pytest.mark.parametrize("text", ['{"a": 1', '{"a": "x', "{'a': 1}", '{"a": NaN}', "", "[" * 9999, '{"a": 1} {"a": 2}'])
def test_what_may_have_lost_something_is_not_mended(text: str) -> None:
    with pytest.raises(ValueError, match=r"no JSON|nested too deeply"):
        read_json(text)


@settings(max_examples=60, deadline=None)
@given(schema=SCHEMAS.filter(lambda schema: not {"not", "if", "pattern"} & set(str(schema).split("'"))))
def test_the_echo_fills_schemas(schema: dict[str, Any]) -> None:
    value = fill(schema, random.Random(1))
    wrong = compile_schema(schema)(value)
    # Alternatives may overlap, a small set may have too few values, a closed object may lack what it requires.
    assert wrong is None or any(word in str(schema) for word in ("oneOf", "uniqueItems", "additionalProperties"))
    assert value == fill(schema, random.Random(1))


def say(model: Echo | Function, prompt: str, **rest: Any) -> Answer:
    return asyncio.run(model.send(Call(model.identity, (Message("user", prompt),), **rest)))


def test_scripts_of_the_echo_model(tmp_path: Path) -> None:
    assert say(Echo(), "hello").text == "hello"
    assert say(Echo("a {prompt} {unknown} {sample}"), "b", sample=3).text == "a b {unknown} 3"
    turns = Echo(["one", {"n": 2}])
    assert [say(turns, "x").text for _ in range(3)] == ["one", '{"n": 2}', "one"]
    rules = {"rules": [{"when": r"(\d+) apples", "say": "you have {1}"}, {"say": ["x", "y"]}]}
    assert say(Echo(rules), "I have 12 apples").text == "you have 12"
    assert {say(Echo(rules), str(number)).text for number in range(30)} == {"x", "y"}
    (tmp_path / "s.yaml").write_text("rules:\n  - when: cat\n    say: {sound: meow}\n")
    loaded = open_model(f"echo:{tmp_path}/s.yaml")
    assert loaded.identity.startswith("echo:s-")
    assert say(loaded, "cat").text == '{"sound": "meow"}'  # type: ignore[arg-type]
    (tmp_path / "t.yaml").write_text("just words")
    assert say(Echo(f"{tmp_path}/t.yaml"), "x").text == "just words"


@pytest.mark.parametrize("how", [how for how in FAILURES if how != "hang"])
def test_the_echo_fails_on_command_and_recovers(how: str) -> None:
    model = Echo({"rules": [{"say": "a whole answer", "fail": how, "times": 1}]})
    try:
        failed = say(model, "x")
    except ModelError as error:
        failed = error
    assert isinstance(failed, ModelError) or failed.text != "a whole answer"
    assert say(model, "x").text == "a whole answer"


def test_a_share_of_passing_failures_is_of_the_attempts_and_of_others_of_the_calls() -> None:
    def failures(how: str, prompt: str) -> list[bool]:
        model, found = Echo({"rules": [{"say": "a whole answer", "fail": how, "share": 0.5}]}), []
        for _ in range(12):
            try:
                found.append(say(model, prompt).text != "a whole answer")
            except ModelError:
                found.append(True)
        return found

    for prompt in "abcdefgh":
        assert set(failures("429", prompt)) == set(failures("500", prompt)) == {True, False}
        assert len(set(failures("malformed", prompt))) == 1
    assert {failures("malformed", prompt)[0] for prompt in "abcdefgh"} == {True, False}


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ({"rules": [{"wen": "x"}]}, "a rule has no 'wen'"),
        ({"rules": ["x"]}, "a rule is a mapping"),
        ({"rules": [{"fail": "418"}]}, "no failure is called '418'"),
        ({"rules": [{"when": "("}]}, "no regular expression"),
        ({"rulez": []}, "an echo script has no 'rulez'"),
        ("nowhere.yaml", "the script cannot be read"),
    ],
)
def test_a_script_that_is_none(script: Any, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        Echo(script)


def test_a_script_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("3")
    with pytest.raises(RecipeError, match="this is no script"):
        Echo(str(tmp_path / "s.yaml"))


def test_modes_step_down_and_are_remembered() -> None:
    found: list[str] = []
    ladder = Ladder(Capabilities(schema=("json_schema", "tools", "json")), found=found.append)
    call = Call("m", (Message("user", "x"),), schema={"type": "array"})
    assert ladder.ask(call, ladder.mode) is call
    assert ladder.down("json_schema")
    assert ladder.down("json_schema"), "another call has already stepped down"
    assert ladder.mode == "tools"
    sent = ladder.ask(call, "tools")
    assert sent.schema is None
    assert sent.tools[0]["parameters"]["required"] == ["value"], "a tool takes an object only"
    answer = Answer("", finish="tools", tools=(ToolCall(RESPOND, '{"value": []}'),))
    assert (ladder.read(answer, "tools").text, ladder.read(answer, "tools").finish) == ('{"value": []}', "stop")
    for _ in range(3):
        ladder.heeded("tools", is_json=False)
    assert ladder.mode == "json"
    assert '{"type":"array"}' in ladder.ask(call, "json").messages[0].content
    assert ladder.down("json")
    assert not ladder.down("prompt")
    assert found == ["tools", "json", "prompt"]
    assert Ladder(Capabilities(schema=("json",)), known="prompt").mode == "prompt"
    raw = ladder.ask(Call("m", prompt="go on", schema={}), "prompt")
    assert raw.prompt is not None
    assert raw.prompt.endswith("go on")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("opnai:x", "[Dd]id you mean 'openai'"),
        (":x", "the model has no name"),
        ("http://", "address is none"),
        ("http://me:pass@127.0.0.1/v1#m", "holds a user, a password or a query"),
        ("http://127.0.0.1/v1?key=abc#m", "holds a user, a password or a query"),
        ("python:nothing", "names no function"),
        ("python:json:nothing", "cannot be loaded"),
        ("python:json:__name__", "is no function"),
    ],
)
def test_a_name_that_names_no_model(name: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words) as caught:
        open_model(name)
    assert "pass@" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_keys_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("# keys\nexport A_KEY='from file'\nB_KEY=bare # remark\nEMPTY=\n")
    assert look_up("A_KEY", tmp_path) == "from file"
    assert look_up("B_KEY", tmp_path) == "bare"
    assert look_up("EMPTY", tmp_path) is None
    monkeypatch.setenv("A_KEY", "from environment")
    assert look_up("A_KEY", tmp_path) == "from environment"
    assert look_up("A_KEY", tmp_path / "nowhere") == "from environment"


@pytest.mark.parametrize(("vendor", "variable"), [("openai", "OPENAI"), ("anthropic", "ANTHROPIC")])
def test_no_key_stands_anywhere(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendor: str, variable: str
) -> None:
    key = "wholly-secret-0123456789"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"{variable}_API_KEY", key)
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}

    def ask(weather: str) -> Any:
        monkeypatch.setenv(f"{variable}_BASE_URL", server.url(weather))

        async def run() -> Any:
            async with Engine(store=CallStore(tmp_path / "run.sqlite"), retry=Retry(attempts=1)) as engine:
                call = Call(f"{vendor}:m", (Message("system", "s"), Message("user", "x")), schema=schema)
                answer = await engine.ask(call)
                return answer, call.key(), engine.report()

        return asyncio.run(run())

    answer, *rest = ask("")
    assert compile_schema(schema)(answer.data) is None
    (tmp_path / "run.sqlite").unlink()
    with pytest.raises(ModelError) as caught:
        ask("always=echo_key")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for text in (repr(rest), str(caught.value), repr(caught.value), repr(caught.value.__context__)):
        assert key not in text
    assert key.encode() not in kept
    monkeypatch.delenv(f"{variable}_API_KEY")
    with pytest.raises(KeyRefused, match=f"{variable}_API_KEY"):
        ask("")


def test_prices_and_estimates(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text("endpoint:m: {read: 1, written: 2}\n")
    assert Prices(tmp_path / "prices.yaml").of("endpoint:m") == Price(1.0, 2.0)
    assert Prices().of("openai:gpt-5-mini-2025-08-07") == Prices().of("openai:gpt-5-mini")
    assert Prices().of("openai:gpt-5-huge") is None
    own = Prices({"openai:gpt-5": {"read": 1, "written": 2}})
    assert (own.is_listed("openai:gpt-5"), own.is_listed("openai:gpt-5-mini"), own.is_listed("m")) == (
        False,
        True,
        False,
    )
    for table, words in (({"m": {"read": "x"}}, "is not one"), ({"m": {"read": -1, "written": 0}}, "is not one")):
        with pytest.raises(RecipeError, match=words):
            Prices(table)
    (tmp_path / "bad.yaml").write_text("- 1")
    with pytest.raises(RecipeError, match="no table of prices"):
        Prices(tmp_path / "bad.yaml")
    with pytest.raises(RecipeError, match="prices cannot be read"):
        Prices(tmp_path / "nowhere.yaml")
    call = Call("endpoint:m", prompt="日本語" * 100)
    assert tokens_likely(call) < tokens_at_most(call) >= 900
    unknown = estimate_calls([call], count=10)
    assert unknown.dollars is None
    assert "price that is not known" in unknown.line()
    assert "free" in estimate_calls([call], count=10, free=["endpoint:m"]).line()
    assert estimate_calls([], count=10).calls == 0


def test_targets_are_functions_endpoints_and_names(server: FakeServer) -> None:
    tool = {"name": "pay", "parameters": {"type": "object", "properties": {"sum": {"type": "integer"}}}}

    def clerk(messages: list[dict[str, str]]) -> Any:
        if messages[-1]["content"] == "break":
            raise ValueError("oh")
        return {"text": "done", "tools": [{"name": "pay", "arguments": {"sum": 3}}]}

    async def run() -> None:
        async with Engine() as engine:
            target = open_target(clerk, engine, system="You are a clerk.", tools=[tool])
            answer = await target.reply([Message("user", "pay")], trial=2)
            assert (answer.text, answer.finish, answer.tools[0].arguments) == ("done", "tools", '{"sum": 3}')
            with pytest.raises(Declined, match="the function raised ValueError: oh"):
                await target.reply("break")
            away = open_target(f"{server.url()}#m", engine)
            assert (await away.reply("hello")).text
            refusing = open_target(f"{server.url('always=refusal')}#r", engine)
            assert (await refusing.reply("x")).finish == "refusal"

    asyncio.run(run())
    here = ("http://localhost/v1", "app.bot:reply", "echo")
    assert [is_local(name) for name in (*here, "http://10.0.0.1/v1", "openai:gpt-5")] == [True] * 3 + [False] * 2
    with pytest.raises(RecipeError, match="address is none"):
        is_local("http://[::1/v1")


def test_every_backend_keeps_the_contract() -> None:
    for name in registry.names("model"):
        kind = registry.find("model", name)
        assert kind.name == name
        assert kind.__doc__
        for method in ("send", "close"):
            assert asyncio.iscoroutinefunction(getattr(kind, method))


def test_a_model_without_completions_says_so() -> None:
    async def run() -> None:
        async with Engine() as engine:
            await engine.ask(Call("anthropic:m", prompt="go on"))

    with pytest.raises(RecipeError, match="cannot continue raw text"):
        asyncio.run(run())
