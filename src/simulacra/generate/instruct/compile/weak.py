"""A recipe for a small model: lines to continue, one text a call, then the rest of the record asked for by its text.

A model of some hundred million parameters loses a long instruction and fills free text until it is cut off. Measured on
the embedded one: continuing lines of examples it writes whole questions on the topic for a third of the price of a
record under a schema, and answers best in a chat of its own. All that is done about it stands in the recipe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .bank import FEELINGS, FIRST_WORDS, KINDS, OPENERS, TALKS, bank_for
from .facets import domain_of
from .sentence import Asked

__all__ = ["suit_weak_cases", "suit_weak_model", "suit_weak_reader"]

_SHOWN = 5
_KEPT = ("difficulty", "form", "language", "length", "persona")
"""Axes that a small model does not heed: they are not told to it, the first is put into how a question begins."""
_UNHEEDED = ("persona", "length", "style", "tone")
_FEW = {"max_tokens": 45, "min_p": 0.05}
_MANY = {"max_tokens": 90, "min_p": 0.05, "temperature": 0.4, "stop": ["\n"]}

_NO_ANSWER = (
    {"pattern": r"\?\W*$", "reason": "the answer asks back"},
    {
        "pattern": r"(?i)\bI(?:'m| am|'d be| would be) (?:happy|glad) to|\bI must clarify|\bI can(?:'t|not) provide",
        "reason": "the assistant speaks of itself",
    },
)


def suit_weak_model(content: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """Return the draft's entries with what suits a small model; as they were for records that are no plain texts."""
    names = list(content["fields"])
    if "conversation" in names:
        return _talking(content, asked)
    scales = {
        name: entry["schema"] for name, entry in content["fields"].items() if "minimum" in entry.get("schema", {})
    }
    texts = {name: entry for name, entry in content["fields"].items() if name not in scales}
    if not texts or any(entry.get("type", "string") != "string" or len(entry) > 1 for entry in texts.values()):
        return content
    axes = _told(content["axes"], asked)
    first, *others = texts
    domain = domain_of(f"{asked.subject} {asked.item} {asked.instruction}")
    kind = bank_for(first, asked.item, domain)
    setting, examples = KINDS[kind]
    question = kind in ("technical", "question")
    if question:
        axes.pop("form", None)  # how a question begins takes its place
    fields: dict[str, Any] = {}
    begins = {"begins": "{{ opener }}", "cut": "question"} if question else {"cut": "sentence"}
    if question:
        fields["opener"] = _opener(axes, "difficulty", OPENERS)
    elif kind == "review" and asked.subject:
        fields["opener"] = _opener(axes, "sentiment" if "sentiment" in axes else "label", FEELINGS)
        begins["begins"] = f"{{{{ opener }}}} {_plain(asked.subject)}"
    fields[first] = _continued(first, axes, asked, setting) | begins
    fields |= {name: _asked(name, first, asked, content["fields"][name]) for name in others}
    fields |= {name: _drawn(schema, axes) for name, schema in scales.items()}
    return {
        **content,
        "axes": axes,
        "fields": fields,
        "checks": _checks(content["checks"], first, others, asked, question=question),
        "examples": [{"about": about, first: text} for about, text in examples],
        "shown": _SHOWN,
        "temperature": 0.8,
        "parameters": {},
    }


def _drawn(schema: Mapping[str, Any], axes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field whose number is drawn, since the model would not heed it: high where the row is to be positive."""
    numbers = [str(number) for number in range(schema["minimum"], schema["maximum"] + 1)]
    mood = next((name for name in ("sentiment", "label") if {"positive", "negative"} & set(axes.get(name, ()))), None)
    if mood is None:
        return {"draw": {"integer": [schema["minimum"], schema["maximum"]]}}
    ends = max(1, 2 * len(numbers) // 5)
    known = {"positive": numbers[-ends:], "negative": numbers[:ends]}
    between = numbers[ends:-ends] or numbers
    levels = {level: known.get(level, between) for level in axes[mood]}
    return {"type": "integer", "draw": {"category": levels, "given": mood}}


def _told(axes: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """Return the axes without those that nobody asked for and that the model would not heed: rows must not claim them.

    Those that the sentence lists stay, as columns.
    """
    return {name: levels for name, levels in axes.items() if name not in _UNHEEDED or name in asked.lists}


def _talking(content: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """Return entries for conversations: a script that the model goes on with, line by line."""
    axes = _told(content["axes"], asked)
    told = [_plain(asked.subject or asked.item), *(f"{{{{ {name} }}}}" for name in axes if name not in _KEPT)]
    talk = {"rounds": 2, "user": "Customer", "assistant": "Assistant", "continues": f"{TALKS}\n\n[{', '.join(told)}]"}
    fields = {
        "opener": {"draw": {"category": list(FIRST_WORDS)}, "deliver": False},
        "conversation": {
            "conversation": talk,
            "begins": "{{ opener }}",
            "parameters": {"max_tokens": 50, "min_p": 0.05},
        },
    }
    kept = [one for one in content["checks"] if one != "repetition"]
    checks = [*kept, {"repetition": {"field": "conversation", "size": 4, "at_most": 0.15, "shortest": 6}}]
    return {**content, "axes": axes, "fields": fields, "checks": checks, "temperature": 0.7}


def _opener(axes: Mapping[str, Any], axis: str, known: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return the field that draws how a text begins: by the level of an axis, where its levels are known."""
    levels = list(axes.get(axis, ()))
    if any(level in known for level in levels):
        chosen = {level: list(known.get(level, known[""])) for level in levels}
        return {"draw": {"category": chosen, "given": axis}, "deliver": False}
    return {"draw": {"category": list(known[""])}, "deliver": False}


def _continued(first: str, axes: Mapping[str, Any], asked: Asked, setting: str) -> dict[str, Any]:
    told = [_plain(asked.subject or asked.item)] + [f"{{{{ {name} }}}}" for name in axes if name not in _KEPT]
    lines = f"{{% for one in examples %}}\n{{{{ one.about }}}}: {{{{ one.{first} }}}}\n{{% endfor %}}"
    return {"continues": f"{setting}\n\n{lines}\n{', '.join(told)}:", "parameters": dict(_FEW)}


def _plain(text: str) -> str:
    return text.replace("{", "").replace("}", "")


def _asked(name: str, first: str, asked: Asked, entry: Mapping[str, Any]) -> dict[str, Any]:
    about = _plain(asked.subject) or "what you are asked"
    if name in ("answer", "response", "reply"):
        system = f"You are an expert on {about}, and every question is about {about}."
        system += " You answer in one or two short sentences, without lists."
        return {"prompt": f"{{{{ {first} }}}}", "system": system, "cut": "sentence", "parameters": dict(_MANY)}
    told = str(entry.get("about") or name.replace("_", " "))
    system = f"You write about {about}, in one or two short sentences."
    prompt = f"{first.replace('_', ' ').capitalize()}: {{{{ {first} }}}}\n\nWrite {told} for it, and nothing else."
    return {"prompt": prompt, "system": system, "cut": "sentence", "parameters": dict(_MANY)}


def _checks(old: list[Any], first: str, others: list[str], asked: Asked, *, question: bool) -> list[Any]:
    bounded = {one["length"].get("field") for one in old if isinstance(one, dict) and "length" in one}
    checks: list[Any] = ["refusal", "leftovers"]
    if first not in bounded or question:
        checks.append({"length": {"field": first, "words": [7, 40]}})
    checks += [{"length": {"field": name, "words": [6, 80]}} for name in others if name not in bounded]
    checks += [{"repetition": {"field": name, "size": 3, "at_most": 0.12, "shortest": 6}} for name in (first, *others)]
    checks += [{"format": {"field": name, "of": "sentence"}} for name in others]
    if question:
        checks += [{"regex": {"field": name, "must": "not", **one}} for name in others for one in _NO_ANSWER]
    kept = [one for one in old if one not in ("refusal", "leftovers", "repetition") and one not in checks]
    spoken = [part for one in kept for part in _languages(one)]
    kept = [one for one in kept if not _languages(one)]
    if asked.subject and re.search(r"\w{3}", asked.subject):
        # An answer names the subject of its own accord: it would speak for a question that does not.
        kept.insert(0, {"on_topic": {"field": first if question else [first, *others], "about": asked.subject}})
    return [*spoken, *checks, *kept]


def _languages(check: Any) -> list[Any]:
    """Return a check of the language as one a field: a question is refused before it is answered. [] for other checks.

    They come first: a text in another language fails other checks for that reason alone.
    """
    if not isinstance(check, dict) or "language" not in check:
        return []
    options = check["language"]
    return [{"language": {**options, "field": name}} for name in options["field"]]


_READ = (
    ("Sourdough rests for 12 hours when the kitchen has 16 degrees.", "How long does sourdough rest at 16 degrees?"),
    (
        "Borrowed books can be renewed twice, unless somebody waits for them.",
        "How often can a borrowed book be renewed?",
    ),
    (
        "`git branch --merged` lists branches whose work is in main.",
        "Which command lists the branches that are merged?",
    ),
)


def suit_weak_reader(content: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """Return entries for questions that passages answer; as they were for records of other kinds.

    A small model neither answers from a text nor quotes it, but finds a question to a sentence or two. So the passages
    are short, the model writes the question alone, and the answer and the quote are the passage, word for word.
    """
    if list(content["fields"]) not in (["question"], ["question", "answer"]):
        return content
    shown = "\n\n".join(f"Text: {text}\nQuestion: {question}" for text, question in _READ)
    text = "{{ passage.text | replace('\\n', ' ') }}"
    fields: dict[str, Any] = {
        "passage": {"draw": {"passage_of": "", "words": 30}},
        "question": {
            "continues": f"Texts, each with a question that it answers.\n\n{shown}\n\nText: {text}\nQuestion:",
            "cut": "question",
            "parameters": dict(_FEW),
        },
        "answer": {"template": text},
        "quote": {"template": "{{ passage.text }}"},
    }
    kept = {name: one for name, one in fields.items() if name in content["fields"] or name in ("passage", "quote")}
    axes = {name: levels for name, levels in content["axes"].items() if name in asked.lists}
    near = {"differs": {"fields": ["quote", "question"], "at_most": 0.95, "shares": 1}}
    return {**content, "fields": kept, "axes": axes, "checks": [*content["checks"], near], "temperature": 0.6}


_CASES = (
    ("Borrowed books can be renewed twice, unless somebody waits for them.",
     "I have renewed this book twice already, may I keep it for one more week?"),
    ("Dogs must be kept on a lead in the garden.", "My dog is old and never runs, can he walk freely behind the pond?"),
    ("GET /invoices: list the invoices of a customer", "Please show me all invoices that I got this year."),
)  # fmt: skip


def suit_weak_cases(content: dict[str, Any]) -> dict[str, Any]:
    """Return entries for test cases of a description: the model writes the user's message alone.

    What must come of it, and why, is the rule or operation word for word: a small model can say neither. Scenario and
    persona, which it does not heed, are left out.
    """
    shown = "\n\n".join(f"Rule: {rule}\nMessage: {message}" for rule, message in _CASES)
    asked = {
        "continues": f"Rules, each with a message of somebody who runs into it.\n\n{shown}\n\n"
        "Rule: {{ intent }}\nMessage:",
        "cut": "sentence",
        "parameters": dict(_FEW),
    }
    outcome = {"template": "The answer keeps to this: {{ intent }}"}
    checks = [
        "refusal", "leftovers", "repetition", {"length": {"field": "input", "words": [5, 60]}},
        {"differs": {"fields": ["why", "input"], "at_most": 0.8, "shares": 1}},
        {"near_duplicate": {"field": "input", "threshold": 0.6}},
    ]  # fmt: skip
    fields = {"input": asked, "expected_outcome": outcome, "why": {"template": "{{ intent }}"}}
    axes = {"intent": content["axes"]["intent"]}
    return {"axes": axes, "fields": fields, "checks": checks, "temperature": 0.7}
