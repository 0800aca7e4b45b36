"""Paraphrase, translation and new texts of a class by any language model of the engine."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ..contracts.models import Call, Message
from ..contracts.rows import Record
from ..models.engine import Engine
from ..models.errors import Declined
from ..models.profile import continue_examples, profile_of
from ..registry import register
from ..seeds import Seeds
from ..store.calls import CallStore
from ..text.ngrams import compare_form
from .editing import Kind, LabelEffect, broken_invariant
from .editing.whole import rewritten

__all__ = ["ModelParaphrase", "ModelTranslator", "ModelWritten", "ask_model"]

_PARAPHRASE = (
    "Say the text below in other words, as another person would write it. Keep its meaning and every number, name, "
    "address, negation and placeholder. Answer with the new text alone.\n\n"
)
_WRITE = (
    "Below stands a text of the kind {label!r}. Write another text of the same kind, about as long and in the same "
    "style, on another matter. Answer with the new text alone.\n\n{text}"
)
_LANGUAGES = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch",
    "pl": "Polish", "pt": "Portuguese", "sv": "Swedish",
}  # fmt: skip


def ask_model(
    model: str,
    prompts: Sequence[str],
    seeds: Sequence[int],
    *,
    temperature: float,
    lines: Sequence[str] = (),
    store: CallStore | None = None,
) -> list[str]:
    """Return what the model says to each prompt, "" where it declines or is cut off.

    lines : for each prompt what a weak model continues in its place, up to the end of the line (`models.profile`).
    store : holds answered calls, which are not asked again; None keeps nothing.
    Errors: those of `models.naming.open_model`; models.errors.Fatal if the run has to end.
    """

    def called(identity: str, place: int) -> Call:
        seed, profile = seeds[place] % 2**31, profile_of(identity)
        if lines and profile.style == "completion":
            parameters = {**profile.parameters, "max_tokens": profile.max_tokens}
            return Call(model, prompt=lines[place], parameters=parameters, seed=seed)
        return Call(model, (Message("user", prompts[place]),), parameters={"temperature": temperature}, seed=seed)

    async def one(engine: Engine, call: Call) -> str:
        try:
            answer = await engine.ask(call)
        except Declined:
            return ""
        return answer.text.strip() if answer.finish == "stop" else ""

    if not prompts:
        return []

    async def all_of_them() -> list[str]:
        async with Engine(store=store) as engine:
            identity = engine.open(model)  # what is missing is told before any work
            calls = [called(identity, place) for place in range(len(prompts))]
            return list(await asyncio.gather(*(one(engine, call) for call in calls)))

    with ThreadPoolExecutor(1) as own:  # a loop of its own, also where one is running already (a notebook)
        return own.submit(asyncio.run, all_of_them()).result()


class _Asking(ABC):
    """A transform that asks a language model about each text; subclasses write `_prompt` and `_made`."""

    name: str
    kind: Kind
    label: LabelEffect = "keeps"
    keeps: frozenset[str] = frozenset()
    cost = 1.0

    def __init__(self, model: str = "embedded", *, temperature: float = 0.8, store: CallStore | None = None) -> None:
        self.model, self.temperature, self.store = model, temperature, store

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None where there is none that fits; see `contracts.rows.Transform`."""
        asked = [record for record in records if record.text.strip()]
        drawn = {record.identity: seeds.child(self.name, record.identity).integer() for record in asked}
        prompts, lines = [self._prompt(record) for record in asked], self._lines(asked)
        said = ask_model(
            self.model, prompts, list(drawn.values()), temperature=self.temperature, lines=lines, store=self.store
        )
        answers = {identity: text for identity, text in zip(drawn, said, strict=True) if text}
        return [
            self._made(record, answers[record.identity], drawn[record.identity]) if record.identity in answers else None
            for record in records
        ]

    @abstractmethod
    def _prompt(self, record: Record) -> str:
        """Return what the model is asked."""

    def _lines(self, records: Sequence[Record]) -> Sequence[str]:
        """Return what a weak model continues for each record, () if it is asked like the others."""
        del records
        return ()

    @abstractmethod
    def _made(self, record: Record, text: str, seed: int) -> Record | None:
        """Return the variant that the answer makes, None to give it up."""


@register("transform")
class ModelParaphrase(_Asking):
    """A text in other words, by a language model.

    model : its name, e.g. "embedded", "openai:gpt-5-mini". temperature : how freely it writes. store : answered calls.
    What loses a number, a name, a negation or an address, or is less than half or more than twice as long, is given up.
    Not handled: whether it means the same beyond that; `checks` asks a student that never saw the source.
    """

    name = "model_paraphrase"
    kind: Kind = "paraphrase"
    keeps = frozenset({"numbers", "entities", "negation", "urls", "code", "answer", "length"})

    def _prompt(self, record: Record) -> str:
        return _PARAPHRASE + record.text

    def _made(self, record: Record, text: str, seed: int) -> Record | None:
        variant = rewritten(record, text, self.name, seed, {"model": self.model})
        return None if variant is None or broken_invariant(record, variant, self.keeps) else variant


@register("transform")
class ModelWritten(_Asking):
    """A new text of the record's class, by a language model that is shown the record.

    model : its name. temperature : how freely it writes. store : answered calls. A weak model continues a list with
    the record in it.
    It keeps nothing of the record, so what it writes has to convince a student that never saw the record (`checks`).
    What repeats the record is given up. Not handled: more than one example in the prompt.
    """

    name = "model_written"
    kind: Kind = "generation"

    def __init__(self, model: str = "embedded", *, temperature: float = 0.9, store: CallStore | None = None) -> None:
        super().__init__(model, temperature=temperature, store=store)

    def _prompt(self, record: Record) -> str:
        return _WRITE.format(label=_kind_of(record), text=record.text)

    def _lines(self, records: Sequence[Record]) -> Sequence[str]:
        setting = "Texts by what they are about."
        return [continue_examples(setting, [(_kind_of(one), one.text)], _kind_of(one)) for one in records]

    def _made(self, record: Record, text: str, seed: int) -> Record | None:
        text = text.strip('" ')
        if not text or compare_form(text) == compare_form(record.text):
            return None
        identity, told = f"{record.identity}~{self.name}-{seed & 0xFFFFFFFF:08x}", {"model": self.model}
        return Record(identity, text, record.label, (), record.fields, (record.identity,), self.name, told, seed)


def _kind_of(record: Record) -> str:
    return "text" if record.label is None else str(record.label)


class ModelTranslator:
    """A `translation.Translator` that asks a language model; at temperature 0, so the same text gives the same words.

    Languages are ISO 639-1 codes; one that is not in the list is asked for by its code. store : answered calls.
    """

    def __init__(self, model: str, *, store: CallStore | None = None) -> None:
        self.name = self.model = model
        self.store = store

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return the texts in the other language, "" where the model gives none."""
        old, new = (_LANGUAGES.get(code, code) for code in (source, target))
        asked = f"Translate the text below from {old} into {new}. Answer with the translation alone.\n\n"
        wanted = [place for place, text in enumerate(texts) if text.strip()]
        prompts = [asked + texts[place] for place in wanted]
        said = ask_model(self.model, prompts, [0] * len(wanted), temperature=0.0, store=self.store)
        found = dict(zip(wanted, said, strict=True))
        return [found.get(place, "") for place in range(len(texts))]
