"""Paraphrase, translation and new texts of a class by any language model of the engine."""

from __future__ import annotations

import asyncio
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


@register("transform")
class ModelParaphrase:
    """A text in other words, by a language model.

    model : its name, e.g. "embedded", "openai:gpt-5-mini". temperature : how freely it writes. store : answered calls.
    What loses a number, a name, a negation or an address, or is less than half or more than twice as long, is given up.
    Not handled: whether it means the same beyond that; `checks` asks a student that never saw the source.
    """

    name = "model_paraphrase"
    kind: Kind = "paraphrase"
    label: LabelEffect = "keeps"
    keeps = frozenset({"numbers", "entities", "negation", "urls", "code", "answer", "length"})
    cost = 1.0

    def __init__(self, model: str = "embedded", *, temperature: float = 0.8, store: CallStore | None = None) -> None:
        self.model, self.temperature, self.store = model, temperature, store

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None where it would not keep what it must; see `contracts.rows.Transform`."""
        asked = [record for record in records if record.text.strip()]
        drawn = {record.identity: seeds.child(self.name, record.identity).integer() for record in asked}
        prompts = [_PARAPHRASE + record.text for record in asked]
        said = ask_model(self.model, prompts, list(drawn.values()), temperature=self.temperature, store=self.store)
        answers = dict(zip(drawn, said, strict=True))
        return [self._fit(record, answers.get(record.identity, ""), drawn) for record in records]

    def _fit(self, record: Record, text: str, drawn: dict[str, int]) -> Record | None:
        if not text:
            return None
        variant = rewritten(record, text, self.name, drawn[record.identity], {"model": self.model})
        return None if variant is None or broken_invariant(record, variant, self.keeps) else variant


@register("transform")
class ModelWritten:
    """A new text of the record's class, by a language model that is shown the record.

    model : its name. temperature : how freely it writes. store : answered calls. A weak model continues a list with
    the record in it.
    It keeps nothing of the record, so what it writes has to convince a student that never saw the record (`checks`).
    What repeats the record is given up. Not handled: more than one example in the prompt.
    """

    name = "model_written"
    kind: Kind = "generation"
    label: LabelEffect = "keeps"
    keeps: frozenset[str] = frozenset()
    cost = 1.0

    def __init__(self, model: str = "embedded", *, temperature: float = 0.9, store: CallStore | None = None) -> None:
        self.model, self.temperature, self.store = model, temperature, store

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None where nothing new comes; see `contracts.rows.Transform`."""
        asked = [record for record in records if record.text.strip()]
        drawn = {record.identity: seeds.child(self.name, record.identity).integer() for record in asked}
        kinds = [str(record.label if record.label is not None else "text") for record in asked]
        pairs = list(zip(kinds, asked, strict=True))
        prompts = [_WRITE.format(label=kind, text=record.text) for kind, record in pairs]
        lines = [continue_examples("Texts by what they are about.", [(kind, one.text)], kind) for kind, one in pairs]
        said = ask_model(
            self.model, prompts, list(drawn.values()), temperature=self.temperature, lines=lines, store=self.store
        )
        answers = dict(zip(drawn, said, strict=True))
        return [self._made(record, answers.get(record.identity, "").strip('" '), drawn) for record in records]

    def _made(self, record: Record, text: str, drawn: dict[str, int]) -> Record | None:
        if not text or compare_form(text) == compare_form(record.text):
            return None
        seed = drawn[record.identity]
        told = {"model": self.model}
        identity = f"{record.identity}~{self.name}-{seed & 0xFFFFFFFF:08x}"
        return Record(
            identity, text, record.label, (), record.fields, (record.identity,), self.name, told, seed
        )  # fmt: skip


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
