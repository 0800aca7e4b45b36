"""The echo model: public, deterministic, scriptable, able to fail on command; for tests, docs and offline recipes.

A script says what it answers:

- nothing: it repeats the last message; if the call has a schema, it makes a valid value from the call's seed
- text: a template with {prompt}, {system}, {sample}, {seed}, and {1}, {2} ... for what a rule's pattern caught
- a mapping or list (as one answer of a list): JSON of that value
- a list: its answers in turn, again from the start (by order of asking, so not the same under concurrency)
- a mapping {"rules": [...]}: the first rule whose `when` (a regular expression, looked for in the last message) fits:
  `say` (as above; a list: one of them, chosen by the call itself), `fail` (see `FAILURES`), `times` (how many first
  attempts of a call fail; without it all do), `share` (of the calls that fail, chosen by the call itself; of 429 and
  500, which pass, of the attempts), `latency` (seconds), `finish`
- a Python function of the call: returns text, a JSON value or an Answer, or raises one of `models.errors`
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ...contracts.models import Answer, Call, Capabilities, Usage
from ...errors import RecipeError
from ...registry import register
from ..errors import Busy, Faulty, KeyRefused, QuotaSpent
from ..filling import fill

__all__ = ["FAILURES", "Echo", "Script"]

Script: TypeAlias = "str | Sequence[Any] | Mapping[str, Any] | Callable[[Call], Any] | None"

FAILURES = ("401", "402", "429", "500", "cut", "hang", "malformed", "refusal")
"""What a rule can make of a call: an error of that HTTP status, half an answer that says `length`, no answer at all,
an answer that is no JSON, or one that refuses."""
_PASSING = ("429", "500")
_RULE = {"when", "say", "fail", "times", "share", "latency", "finish"}


@register("model")
class Echo:
    """Answers from a script; without one it repeats the question. Runs on this machine, costs nothing."""

    name = "echo"

    def __init__(self, script: Script = "", *, label: str = "", latency: float = 0.0, width: int = 64) -> None:
        """`script` : see the module; as text that ends in .yaml, .yml or .json it is a file. `label` : put into the
        identity, so that calls of different scripts are told apart; by default a digest of the script.
        """
        if isinstance(script, str) and script.endswith((".yaml", ".yml", ".json")):
            label, script = label or Path(script).stem, _read(Path(script))
        elif isinstance(script, str) and script:
            script = {"rules": [{"say": script}]}
        self.identity = f"echo:{label + '-' if label else ''}{_digest(script)}".rstrip(":")
        self.capabilities = Capabilities(
            schema=("json_schema",), completions=True, tools=True, seed=True, local=True,
            deterministic=not isinstance(script, Sequence),
        )  # fmt: skip
        self.width = width
        self._rules = _rules(script)
        self._turns = list(script) if isinstance(script, Sequence) and not isinstance(script, str) else []
        self._function = script if callable(script) else None
        self._latency = latency
        self._asked = 0
        self._attempts: dict[str, int] = {}

    async def send(self, call: Call) -> Answer:
        """Answer as the script says."""
        if self._latency:
            await asyncio.sleep(self._latency)
        if self._function is not None:
            said = self._function(call)
            return _answer(await said if asyncio.iscoroutine(said) else said, call)
        if self._turns:
            self._asked += 1
            return _answer(self._turns[(self._asked - 1) % len(self._turns)], call)
        for rule in self._rules:
            if caught := re.search(rule.get("when", ""), _question(call), re.DOTALL):
                return await self._follow(rule, call, caught)
        return _answer(None, call)

    async def close(self) -> None:
        """Nothing to release."""

    async def _follow(self, rule: Mapping[str, Any], call: Call, caught: re.Match[str]) -> Answer:
        if "latency" in rule:
            await asyncio.sleep(float(rule["latency"]))
        chance = random.Random(call.key())
        say = rule.get("say")
        if isinstance(say, list):
            say = chance.choice(say)
        answer = _answer(_render(say, call, caught) if isinstance(say, str) else say, call, rule.get("finish", "stop"))
        if "fail" in rule and self._fails(rule, call):
            return await _fail(str(rule["fail"]), answer)
        return answer

    def _fails(self, rule: Mapping[str, Any], call: Call) -> bool:
        key = call.key()
        attempt = self._attempts[key] = self._attempts.get(key, 0) + 1
        if attempt > int(rule.get("times", attempt)):
            return False
        # A second, independent draw: which of several answers it would have been is another question.
        passing = "times" not in rule and str(rule["fail"]) in _PASSING and attempt > 1
        chance = random.Random(f"fail {key} {attempt}" if passing else f"fail {key}")
        return chance.random() < float(rule.get("share", 1.0))


async def _fail(how: str, answer: Answer) -> Answer:
    if how == "hang":
        await asyncio.Event().wait()
    if how in ("cut", "malformed", "refusal"):
        half = answer.text[: max(1, len(answer.text) // 2)]
        texts = {"cut": (half, "length"), "malformed": (half, "stop"), "refusal": ("I cannot help with that.", how)}
        text, finish = texts[how]
        return Answer(text, finish=finish, usage=answer.usage)
    errors = {
        "401": KeyRefused("the key is not accepted", where="echo", hint="this is what the script asks for"),
        "402": QuotaSpent("the account has no money left", where="echo", hint="this is what the script asks for"),
        "429": Busy("too many requests (429)", where="echo"),
        "500": Faulty("the server failed (500)", where="echo"),
    }
    raise errors[how]


def _answer(said: Any, call: Call, finish: str = "stop") -> Answer:
    if isinstance(said, Answer):
        return said
    if said is None:
        said = _question(call) if call.schema is None else fill(call.schema, random.Random(call.key()))
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    asked = sum(len(turn.content) for turn in call.messages) + len(call.prompt or "")
    return Answer(text, finish=finish, usage=Usage(asked // 4 + 1, len(text) // 4 + 1))


def _question(call: Call) -> str:
    return call.prompt if call.prompt is not None else call.messages[-1].content if call.messages else ""


def _render(template: str, call: Call, caught: re.Match[str]) -> str:
    known = {
        "prompt": _question(call),
        "system": next((turn.content for turn in call.messages if turn.role == "system"), ""),
        "sample": str(call.sample),
        "seed": str(call.seed),
        **{str(place): text or "" for place, text in enumerate((caught.group(), *caught.groups()))},
    }
    # Only known names: JSON in a template keeps its braces.
    return re.sub(r"\{(\w+)\}", lambda name: known.get(name.group(1), name.group()), template)


def _rules(script: Script) -> list[Mapping[str, Any]]:
    if not isinstance(script, Mapping):
        return []
    rules = list(script.get("rules", ()))
    for number, rule in enumerate(rules, 1):
        where = f"echo script, rule {number}"
        if not isinstance(rule, Mapping) or (strange := set(rule) - _RULE):
            seen = f"a rule has no {sorted(strange)[0]!r}" if isinstance(rule, Mapping) else "a rule is a mapping"
            raise RecipeError(seen, where=where, hint=f"it may have {', '.join(sorted(_RULE))}")
        if "fail" in rule and str(rule["fail"]) not in FAILURES:
            raise RecipeError(f"no failure is called {rule['fail']!r}", where=where, hint=", ".join(FAILURES))
        try:
            re.compile(rule.get("when", ""))
        except re.error as error:
            raise RecipeError(f"`when` is no regular expression ({error})", where=where) from error
    if strange := set(script) - {"rules"}:
        seen = f"an echo script has no {sorted(strange)[0]!r}"
        raise RecipeError(seen, where="echo script", hint="it is a list of answers, or has `rules`")
    return rules


def _read(path: Path) -> Script:
    import yaml

    try:
        script = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        seen = f"the script cannot be read ({str(error).splitlines()[0]})"
        raise RecipeError(seen, where=str(path), hint="see the docs on the echo model") from error
    if script is not None and not isinstance(script, str | list | dict):
        raise RecipeError("this is no script", where=str(path), hint="it is a list of answers, or has `rules`")
    if isinstance(script, str):
        return {"rules": [{"say": script}]}
    return script


def _digest(script: Script) -> str:
    if not script:
        return ""
    if callable(script):
        return str(getattr(script, "__name__", "function"))
    content = json.dumps(script, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=4).hexdigest()
