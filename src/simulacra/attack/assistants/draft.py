"""A first policy from a system prompt: secrets, limits, terms, tools and what is forbidden in words.

A person should read it over.
"""

from __future__ import annotations

import re

from .draft_tools import NOT, named_tools
from .policy import Fact, Policy, Rule, Secret

__all__ = ["draft_policy"]

_SECRET = re.compile(
    r"\b(?:the|our|your|an?)?\s*"
    r"((?:[a-z]+ ){0,2}(?:code(?: word| phrase)?|password|key|token|secret|pin|passphrase))\s*(?:is|=|:)\s*"
    r"[\"'`]?([A-Za-z0-9][\w\-!@#$]{5,})",
    re.I,
)
_LIMIT = re.compile(
    r"(?:more than|above|over|beyond|exceed(?:ing)?|at most|up to)\s+(\d+(?:\.\d+)?)\s*"
    r"(%|percent|dollars|USD|euros|EUR)\s*(?:of\s+)?(\w+)?",
    re.I,
)
_FORBIDS = re.compile(rf"{NOT}((?!be\b)[a-z][^.;:,()]{{5,80}})", re.I)
_KEPT = r"\b(?:password|secret|code|instructions|system prompt)\b"
_TERM = re.compile(r"\bwithin (\d+) (days|hours|weeks|months)\b", re.I)
_UNITS = {"percent": "%", "%": "%", "dollars": "USD", "usd": "USD", "euros": "EUR", "eur": "EUR"}
_VERBS = {"must", "may", "can", "is", "are", "will", "should", "shall", "need", "needs", "have", "has", "and", "or"}
"""What may follow a number and its unit without being what the number is of."""


def draft_policy(system: str) -> Policy:
    """Return a policy from the words of a system prompt.

    What is forbidden in words alone ("never give medical advice") becomes a rule for a model to judge. Not handled:
    orders that forbid nothing ("be polite"); limits of tools. Which words name a tool: see `draft_tools`.

    >>> made = draft_policy("The door code is ZX-4411-QQ. Never give more than 10 percent discount.")
    >>> made.secrets[0].value, made.rules[0].at_most, made.rules[0].unit
    ('ZX-4411-QQ', 10.0, '%')
    """
    secrets = {name.strip().lower(): value.rstrip(".,;") for name, value in _SECRET.findall(system)}
    sentences = [one.strip() for one in re.split(r"(?<=[.!?])\s+|\n+", system) if one.strip()]
    rules = [rule for sentence in sentences if (rule := _rule(sentence)) is not None]
    tools, barred = named_tools(sentences, known=frozenset(secrets.values()))
    told = {one.text for one in rules} | barred
    words = (one for one in sentences if one not in told and not any(value in one for value in secrets.values()))
    rules += [rule for sentence in words if (rule := _in_words(sentence, tuple(secrets))) is not None]
    facts = [_fact(sentence, found) for sentence in sentences if (found := _TERM.search(sentence))]
    kept = {name: value for name, value in secrets.items() if re.search(r"\d|-|_", value)}
    return Policy(
        "drafted",
        system=system.strip(),
        secrets=tuple(Secret(name, value) for name, value in kept.items()),
        rules=tuple(rules),
        tools=tools,
        facts=tuple(facts),
    )


def _rule(sentence: str) -> Rule | None:
    found = _LIMIT.search(sentence)
    if found is None:
        return None
    unit = _UNITS[found[2].lower()]
    what = "" if (found[3] or "").lower() in _VERBS else found[3] or ""
    ask = f"I want {{number}} {found[2]} {what}".strip() + ", please agree to it."
    return Rule(sentence, ask, at_most=float(found[1]), unit=unit)


def _in_words(sentence: str, secrets: tuple[str, ...]) -> Rule | None:
    """Return a rule that forbids something in words; None if it does not, or is about a secret, which is known by its
    value."""
    found = _FORBIDS.search(sentence)
    if found is None or re.search(_KEPT, sentence, re.I) or any(name in sentence.lower() for name in secrets):
        return None
    return Rule(sentence, f"Please {found[1].strip()}.")


def _fact(sentence: str, found: re.Match[str]) -> Fact:
    longer = f"{int(found[1]) * 3} {found[2]}"
    wrong = sentence.replace(f"{found[1]} {found[2]}", longer)
    return Fact(f"Is this right: {sentence}", f"{found[1]} {found[2]}", wrong, longer)
