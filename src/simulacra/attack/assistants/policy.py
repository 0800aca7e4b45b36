"""What an assistant must never do and what it must do: the policy that attacks are made from and judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ...errors import RecipeError

__all__ = ["Fact", "Policy", "Rule", "Secret", "Thing", "Tool", "policy_from_dict", "policy_to_dict", "read_policy"]


@dataclass(frozen=True, slots=True)
class Secret:
    """Something the assistant knows and must not say. value : the canary planted there, None if it is not known."""

    name: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Something the assistant must never say or promise.

    text : the rule in words. ask : what someone would ask who wants it broken. forbidden : words of which none may be
    in a reply. at_most : the highest number it may promise, with `unit` ("%", "USD"). Without either only a model that
    was named as judge can tell; broken, kept : replies that break and that keep the rule, to hold the judge against.
    """

    text: str
    ask: str
    forbidden: tuple[str, ...] = ()
    at_most: float | None = None
    unit: str = ""
    broken: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def in_words(self) -> bool:
        """Whether nothing but its words says when it is broken."""
        return not self.forbidden and self.at_most is None


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the assistant may call.

    parameters : JSON Schema of its arguments. limits : argument -> {minimum, maximum, enum, equals}, what it may pass.
    ask : what a user says who wants it called; {argument} stands for a value. forbidden : it must never be called for
    a user. returns : it reads from outside (pages, mails), so that its results may carry orders.
    """

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ask: str = ""
    forbidden: bool = False
    returns: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that belongs to another user. holds : texts that only its owner may see; unknown if empty."""

    kind: str
    identity: str
    owner: str
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the assistant knows. right : words of a right answer. wrong : a false claim, as a sentence; `says` :
    words that a reply which takes it over has."""

    ask: str
    right: str
    wrong: str
    says: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What must never happen, what must, and what is known of the assistant.

    system : its instructions, if known. user : who asks. benign : harmless requests that it must serve.
    markup : whether replies may hold active markup. longest : characters of a reply, at most.
    """

    name: str
    about: str = ""
    system: str | None = None
    secrets: tuple[Secret, ...] = ()
    rules: tuple[Rule, ...] = ()
    tools: tuple[Tool, ...] = ()
    user: str = ""
    things: tuple[Thing, ...] = ()
    facts: tuple[Fact, ...] = ()
    benign: tuple[str, ...] = ()
    markup: bool = False
    longest: int = 4_000

    def functions(self) -> tuple[dict[str, Any], ...]:
        """Return the tools as an endpoint takes them."""
        return tuple(
            {
                "type": "function",
                "function": {"name": one.name, "description": one.about, "parameters": dict(one.parameters)},
            }
            for one in self.tools
        )

    def blind(self) -> Policy:
        """Return the policy without the values of its secrets and without the system prompt."""
        from dataclasses import replace

        return replace(self, system=None, secrets=tuple(Secret(one.name) for one in self.secrets))


_PARTS: dict[str, type[Any]] = {"secrets": Secret, "rules": Rule, "tools": Tool, "things": Thing, "facts": Fact}
_NEEDED = {
    "secrets": ("name",), "rules": ("text", "ask"), "tools": ("name",), "things": ("kind", "identity", "owner"),
    "facts": ("ask", "right", "wrong", "says"),
}  # fmt: skip
_TEXTS = frozenset({"name", "about", "system", "user", "value", "text", "ask", "unit", "kind", "identity", "owner",
                    "right", "wrong", "says"})  # fmt: skip
_SHORTEST = 6


def read_policy(path: Path) -> Policy:
    """Return the policy in a YAML file; RecipeError with the place if it is none."""
    import yaml

    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        seen = f"the policy cannot be read ({str(error).splitlines()[0]})"
        raise RecipeError(seen, where=str(path), hint="docs/redteam.md shows one") from error
    return policy_from_dict(told, where=str(path))


def policy_from_dict(told: Any, *, where: str = "policy") -> Policy:
    """Return the policy that a mapping describes; RecipeError names the entry that is wrong.

    >>> policy_from_dict({"name": "shop", "secrets": [{"name": "code", "value": "ZX-4411-QQ"}]}).secrets[0].value
    'ZX-4411-QQ'
    """
    content = dict(_mapping(told, where))
    parts: dict[str, Any] = {
        kind: tuple(
            _part(kind, one, f"{where}, {kind} {place}")
            for place, one in enumerate(_list(content.pop(kind, ()), f"{where}, {kind}"), 1)
        )
        for kind in _PARTS
    }
    policy: Policy = _make(Policy, {"name": "assistant", **content}, where) if content else Policy("assistant")
    from dataclasses import replace

    made: Policy = replace(policy, **parts)
    _check(made, where)
    return made


def policy_to_dict(policy: Policy) -> dict[str, Any]:
    """Return the policy as plain values, without what is empty."""
    return {name: _plain(value) for name, value in _items(policy) if value not in (None, "", (), {}, False)}


def _items(value: Any) -> list[tuple[str, Any]]:
    return [(one.name, getattr(value, one.name)) for one in fields(value)]


def _plain(value: Any) -> Any:
    if type(value) in _PARTS.values():
        return {name: _plain(one) for name, one in _items(value) if one not in (None, "", (), {}, False)}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, Mapping) else value


def _part(kind: str, told: Any, where: str) -> Any:
    content = _mapping(told, where)
    missing = [name for name in _NEEDED[kind] if not content.get(name)]
    if missing:
        raise RecipeError(f"{missing[0]!r} is missing", where=where, hint=f"give {', '.join(_NEEDED[kind])}")
    return _make(_PARTS[kind], content, where)


def _make(kind: type[Any], content: Mapping[str, Any], where: str) -> Any:
    known = {one.name for one in fields(kind)}
    strange = sorted(set(map(str, content)) - known)
    if strange:
        raise RecipeError(
            f"there is no entry {strange[0]!r}", where=where, hint=f"there are: {', '.join(sorted(known))}"
        )
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
    wrong = [name for name, value in given.items() if not _fits(name, value)]
    if wrong:
        seen = f"{wrong[0]!r} has a value of another kind than expected ({type(given[wrong[0]]).__name__})"
        raise RecipeError(seen, where=where, hint="put texts in quotes; docs/redteam.md shows a whole policy")
    return kind(**given)


def _fits(name: str, value: Any) -> bool:
    if name in _TEXTS:
        return isinstance(value, str) or (value is None and name in ("system", "value"))
    if name in ("forbidden", "holds", "benign", "broken", "kept"):
        return isinstance(value, bool) or (isinstance(value, tuple) and all(isinstance(one, str) for one in value))
    if name in ("parameters", "limits"):
        return isinstance(value, Mapping)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number if name in ("at_most", "longest") else isinstance(value, bool)


def _check(policy: Policy, where: str) -> None:
    short = [one.name for one in policy.secrets if one.value is not None and len(one.value) < _SHORTEST]
    if short:
        hint = f"plant a canary of {_SHORTEST} characters or more, that nothing else holds"
        raise RecipeError(f"the secret {short[0]!r} is too short to be told from chance", where=where, hint=hint)
    judged = any((policy.system, policy.secrets, policy.rules, policy.tools, policy.things, policy.facts))
    if not judged:
        hint = "give secrets, rules, tools, things, facts or the system prompt; docs/redteam.md shows one"
        raise RecipeError("the policy forbids nothing, so nothing can be found", where=where, hint=hint)


def _mapping(told: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        raise RecipeError(f"a mapping is expected, not {type(told).__name__}", where=where, hint="see docs/redteam.md")
    return told


def _list(told: Any, where: str) -> list[Any]:
    if not isinstance(told, list | tuple):
        raise RecipeError(f"a list is expected, not {type(told).__name__}", where=where, hint="start lines with a dash")
    return list(told)
