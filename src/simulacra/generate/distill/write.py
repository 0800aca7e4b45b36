"""The step in which the teacher writes a text of a class: lines to continue for the weak, a chat for the able."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from ...contracts.models import Answer, Message
from ...contracts.rows import Context, Record, Row, Step
from ...models.profile import Profile, continue_examples
from .lesson import Lesson

__all__ = ["Scorer", "Try", "Writing", "begin_text", "make_writer"]

OPENERS = 0.5
_HOTTEST = 1.2
_WARMER = 0.08
SCHEMA: Mapping[str, Any] = {
    "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], "additionalProperties": False
}  # fmt: skip
_ANGLES = (
    "a short one", "a longer one", "an unusual case", "in plain words", "by somebody in a hurry", "by somebody careful",
    "with a concrete detail", "as a question, if that fits", "about something rare", "by a beginner",
)  # fmt: skip


class Try(Protocol):
    """What is known of an attempt when its row begins."""

    @property
    def slot(self) -> int:
        """The slot to be filled."""

    @property
    def retry(self) -> int:
        """0 for the first try."""


class Scorer(Protocol):
    """Says how likely each class is for a text."""

    def score(self, text: str) -> Mapping[str, float]:
        """Return label -> probability."""


class Writing:
    """How texts are written.

    openers : the share of texts that a model of lines begins with the first words of a seed of the class: they hold it
    to the class, and to the way people begin.
    text, label : names of the columns. best_of : texts written for a row, of which the likeliest of its class is kept;
    more than 1 needs a scorer. temperature : of the first try.
    """

    __slots__ = ("best_of", "label", "openers", "scorer", "temperature", "text")

    def __init__(
        self,
        text: str,
        label: str,
        *,
        temperature: float = 0.8,
        best_of: int = 1,
        scorer: Scorer | None = None,
        openers: float = OPENERS,
    ) -> None:
        self.text, self.label, self.temperature, self.openers = text, label, temperature, openers
        self.best_of, self.scorer = (best_of if scorer is not None else 1), scorer


def begin_text(lesson: Lesson, writing: Writing, attempt: Try) -> Row:
    """Return the row an attempt begins with: its class, in turn, and in the background what the lineage tells."""
    label = lesson.labels[attempt.slot % len(lesson.labels)]
    cell = {writing.label: label}
    return {writing.text: "", **cell, "_cell": cell, "_slot": attempt.slot, "_retry": attempt.retry, "_parents": []}


def make_writer(lesson: Lesson, profile: Profile, writing: Writing) -> Step:
    """Return the step that fills a row's text, by the form of question that suits the model."""
    form = _lines if profile.style == "completion" else _chat
    most = max(profile.examples, 3), max(profile.others, 2)

    async def write(row: Row, context: Context) -> Row:
        label = row[writing.label]
        shown = lesson.draw(label, *most, context.seeds.child("shown").rng())
        opener = _opener(shown, label, writing.openers, context) if form is _lines else ""
        asked = form(lesson, label, shown, context)
        if opener:
            asked["prompt"] = f"{asked['prompt']} {opener}"
        heat = min(_HOTTEST, writing.temperature + _WARMER * row["_retry"])
        asked |= {**profile.parameters, "temperature": round(heat, 3), "max_tokens": profile.max_tokens}
        answers = await asyncio.gather(*(context.ask(**asked, sample=place) for place in range(writing.best_of)))
        texts = [_clean(answer, opener) for answer in answers]
        found = {"_parents": [record.identity for record in shown], "_written": len(texts)}
        return {**row, **found, writing.text: _best(texts, label, writing.scorer)}

    return write


def _lines(lesson: Lesson, label: str, shown: list[Record], context: Context) -> dict[str, Any]:
    del context
    examples = [(lesson.names[str(record.label)], record.text) for record in shown]
    return {"prompt": continue_examples(lesson.setting, examples, lesson.names[label]), "complete": True}


def _chat(lesson: Lesson, label: str, shown: list[Record], context: Context) -> dict[str, Any]:
    rng = context.seeds.child("angle").rng()
    lines = "\n".join(f"- {lesson.names[str(record.label)]}: {' '.join(record.text.split())}" for record in shown)
    known = ", ".join(lesson.names[other] for other in lesson.labels)
    text = (
        f"{lesson.setting}\nThe classes are: {known}.\nExamples:\n{lines}\n\nWrite one new text of the class "
        f"{lesson.names[label]!r}, {_ANGLES[int(rng.integers(len(_ANGLES)))]}. It must clearly belong to this class "
        "and to no other, sound like the people who wrote the examples, and share no sentence with them."
    )
    return {"prompt": [Message("user", text)], "schema": SCHEMA}


def _opener(shown: list[Record], label: str, share: float, context: Context) -> str:
    """Return the first word or two of an example of the class, "" for a text that begins as the model likes."""
    rng = context.seeds.child("opener").rng()
    own = [record.text.split() for record in shown if record.label == label]
    if not own or rng.random() >= share:
        return ""
    words = own[int(rng.integers(len(own)))]
    return " ".join(words[: 1 + int(rng.integers(2))]) if len(words) > 3 else ""


def _clean(answer: Answer, opener: str) -> str:
    text = answer.data["text"] if isinstance(answer.data, Mapping) else opener + answer.text
    text = " ".join(str(text).split())
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == '"' else text


def _best(texts: list[str], label: str, scorer: Scorer | None) -> str:
    if scorer is None or len(texts) == 1:
        return texts[0]
    return max(texts, key=lambda text: scorer.score(text).get(label, 0.0) if text else -1.0)
