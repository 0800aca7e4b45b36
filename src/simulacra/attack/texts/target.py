"""The target: a Python function from texts to labels or scores, asked in batches, with a hard limit on texts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

from ...errors import RecipeError
from ..records.outcome import Outcome
from ..records.target import CallsSpent, RecordTarget
from .answers import Said, read_answer

__all__ = ["TextStyle", "TextTarget"]

TextStyle = Literal["texts", "text", "polars", "pandas"]
"""How it is called: with a list of texts, with one text, or with a frame that has the texts in a column."""
_BATCH = 64


class TextTarget(RecordTarget):
    """A classifier of texts. To the record engine it is a function of one field, the text.

    field : the name of that field, and of the column of a frame. style : how it is called; None: one text if its
    parameter is annotated `str` or named as one text is, else a list. classes : the order of classes in a row of
    numbers; None: `classes_` of the object it belongs to, if that has one. closed : whether these are all that it may
    answer. budget : how many texts it is asked about, at most; `calls` counts them.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        field: str = "text",
        style: TextStyle | None = None,
        classes: Sequence[str] | None = None,
        closed: bool = True,
        budget: int = 10_000,
    ) -> None:
        if style is not None and style not in get_args(TextStyle):
            raise RecipeError(f"there is no style {style!r}", hint=f"styles are {', '.join(get_args(TextStyle))}")
        super().__init__(function, [field], style=style or _style_of(function), budget=budget)
        own = getattr(getattr(function, "__self__", None), "classes_", ())
        self.field, self.classes = field, tuple(str(one) for one in (own if classes is None else classes))
        self.closed = closed

    def ask(self, texts: Sequence[str]) -> list[Outcome]:
        """Return what is said of each text: an outcome whose value is a `Said`, or an error.

        Errors: CallsSpent when the texts that may be asked about are used up.
        """
        found: list[Outcome] = []
        for start in range(0, len(texts), _BATCH):
            found += self._known(list(texts[start : start + _BATCH]))
        return found

    def call(self, record: Mapping[str, Any]) -> Outcome:
        """Return the plain answer to a record of one text: its label, or its score."""
        return plain(self.ask([record[self.field]])[0])

    def call_many(self, records: Sequence[Mapping[str, Any]]) -> Outcome:
        """Return the plain answers to a batch, in one call; nothing is remembered of it."""
        outcome = self._together([record[self.field] for record in records])
        if not outcome.ok:
            return outcome
        read = [plain(self._read(value)) for value in outcome.value]
        wrong = next((one for one in read if not one.ok), None)
        return wrong or Outcome([one.value for one in read])

    def _known(self, texts: list[str]) -> list[Outcome]:
        """Return the answers from the journal if they stand there, else ask and write them down."""
        entry, number = {"texts": texts}, self.calls
        known = self.journal.recall(number, entry) if self.journal is not None else None
        if known is not None:
            cost, told = known[0].value
            self._spend(cost)
            return [_decode(one) for one in told]
        found = self._fresh(texts)
        if self.journal is not None:
            content = [self.calls - number, [_encode(one) for one in found]]
            self.journal.note(number, entry, Outcome(content))
        return found

    def _fresh(self, texts: list[str]) -> list[Outcome]:
        if not self.batched:
            return [self._read_outcome(self._one(text)) for text in texts]
        whole = self._together(texts)
        if whole.ok and len(whole.value) == len(texts):
            return [self._read(value) for value in whole.value]
        if len(texts) > 1:
            return [self._fresh([text])[0] for text in texts]
        told = f"{len(whole.value)} answers to one text" if whole.ok else ""
        return [Outcome(None, "ValueError", told, "", ("ValueError",)) if whole.ok else whole]

    def _together(self, texts: list[str]) -> Outcome:
        if self.calls + len(texts) > self.budget:
            raise CallsSpent
        outcome = super().call_many([{self.field: text} for text in texts])
        self._count(max(len(texts) - 1, 0))
        return outcome

    def _one(self, text: str) -> Outcome:
        return self._guarded(lambda: self.function(text))

    def _spend(self, texts: int) -> None:
        if self.calls + texts > self.budget:
            raise CallsSpent
        self._count(texts)

    def _frame(self, records: Sequence[Mapping[str, Any]]) -> Any:
        if self.style == "texts":
            return [record[self.field] for record in records]
        return super()._frame(records)

    def _read_outcome(self, outcome: Outcome) -> Outcome:
        return self._read(outcome.value) if outcome.ok else outcome

    def _read(self, value: Any) -> Outcome:
        try:
            return Outcome(read_answer(value, self.classes))
        except (TypeError, ValueError, OverflowError) as error:
            return Outcome(None, "wrong answer", str(error), "", ("wrong answer",))


def plain(outcome: Outcome) -> Outcome:
    """Return the outcome with its answer as a label or a number."""
    if not outcome.ok:
        return outcome
    said: Said = outcome.value
    return Outcome(said.label if said.label is not None else next(iter(said.scores.values())))


def _style_of(function: Callable[..., Any]) -> TextStyle:
    try:
        first = next(iter(inspect.signature(function).parameters.values()))
    except (TypeError, ValueError, StopIteration):
        return "texts"
    noted = str(first.annotation)
    if "DataFrame" in noted:
        return "polars" if "polars" in noted or "pl." in noted else "pandas"
    alone = first.annotation is str or noted == "str" or first.name in ("text", "message", "sentence", "document")
    return "text" if alone and noted in ("str", "<class 'str'>", str(inspect.Parameter.empty)) else "texts"


def _encode(outcome: Outcome) -> list[Any]:
    if outcome.ok:
        said: Said = outcome.value
        return [said.label, dict(said.scores)]
    return [outcome.error, outcome.message, outcome.place, list(outcome.kinds)]


def _decode(told: list[Any]) -> Outcome:
    if len(told) == 2:
        return Outcome(Said(told[0], told[1]))
    return Outcome(None, told[0], told[1], told[2], tuple(told[3]))
