"""What a twin is told of its text: class, topic words that many texts share, length, tone; nothing of one text alone.

Source: Yue et al. 2023 (arXiv 2210.14348) write private text from control codes; here without training, so without its
guarantee of differential privacy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...text.wordlists import LANGUAGES, stop_words
from ...transform.surrogates import find_all, learn_texts

__all__ = ["Attributes", "describe_texts"]

SHARED = 10
"""A topic word stands in at least so many texts (or in one of fifty, in small sets in five)."""
_LENGTHS = (5, 10, 20, 40, 80, 160, 320)
_WORD = re.compile(r"[^\W\d_]{4,}")
_TOPICS = 2
_URGENT = re.compile(r"\b(?:urgent|asap|immediately|at once|right away|dringend|sofort|urgente?)\b|!!", re.IGNORECASE)
_POLITE = re.compile(r"\b(?:please|thank|kindly|bitte|danke|merci|s'il vous|por favor|gracias)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attributes:
    """label : "" if there is none. topics : words that many texts share. words : length, rounded. tone : in a word."""

    label: str
    topics: tuple[str, ...]
    words: int
    tone: str

    def told(self) -> str:
        """Return the attributes in a line, as a model is told them.

        >>> Attributes("lost_card", ("card", "abroad"), 20, "urgent").told()
        'lost card: card, abroad (urgent)'
        """
        parts = " ".join(re.split(r"[_\s]+", self.label)), ", ".join(self.topics)
        about = ": ".join(part for part in parts if part) or "anything"
        return f"{about} ({self.tone})"


def describe_texts(texts: Sequence[str], labels: Sequence[str] | None = None) -> list[Attributes]:
    """Return the attributes of each text; names, numbers and what few texts say are not among them."""
    knowledge = learn_texts(texts)
    stopped = frozenset(word for language in LANGUAGES for word in stop_words(language))
    bags = []
    for text in texts:
        named = find_all(text, knowledge=knowledge)
        found = [
            match for match in _WORD.finditer(text)
            if not any(span.start < match.end() and match.start() < span.end for span in named)
        ]  # fmt: skip
        bags.append(dict.fromkeys(match[0].casefold() for match in found))
    held = Counter(word for bag in bags for word in bag if word not in stopped and word not in knowledge.people)
    least = max(5, min(SHARED, len(texts) // 50))
    shared = {word: count for word, count in held.items() if count >= least and count < 0.5 * len(texts)}
    return [
        Attributes(
            "" if labels is None else str(labels[place]),
            tuple(sorted(sorted(word for word in bag if word in shared), key=lambda word: shared[word])[:_TOPICS]),
            min(_LENGTHS, key=lambda length: abs(length - len(text.split()))),
            _tone(text),
        )
        for place, (text, bag) in enumerate(zip(texts, bags, strict=True))
    ]


def _tone(text: str) -> str:
    if _URGENT.search(text):
        return "urgent"
    if _POLITE.search(text):
        return "polite"
    return "a question" if "?" in text else "plain"
