"""The same answer again and again: what a model says by chance, it does not say twice."""

from __future__ import annotations

import asyncio
import re
from collections import Counter

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ._row import Alone, as_text, value_at

__all__ = ["Consistency"]


@register("row_check")
class Consistency(Alone):
    """Rejects an answer that most of k fresh answers to its question contradict.

    question, answer : fields. samples : k. at_least : share of the samples that must give the row's answer. pattern :
    regular expression whose first group (or whole match) is the answer proper, the last such place in a text; by
    default the last number, else the whole text without case and punctuation. model : role or name; the first if empty.
    Source: Wang et al. 2022, Self-Consistency (arXiv 2203.11171). Not handled: the same said in other words.
    """

    name = "consistency"

    def __init__(
        self,
        question: str,
        answer: str,
        *,
        samples: int = 5,
        at_least: float = 0.5,
        pattern: str = "",
        model: str = "",
        temperature: float = 0.8,
    ) -> None:
        self._question, self._answer, self._samples, self._least = question, answer, samples, at_least
        self._model, self._heat = model or None, temperature
        if samples < 2:
            raise RecipeError("one sample agrees with itself", where="check consistency", hint="samples: 5")
        try:
            self._pattern = re.compile(pattern) if pattern else None
        except re.error as error:
            hint = "e.g. pattern: 'answer is (\\S+)'"
            raise RecipeError(
                f"{pattern!r} is no expression ({error})", where="check consistency", hint=hint
            ) from error

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return how many samples said the same."""
        question, answer = (as_text(value_at(row, name) or "") for name in (self._question, self._answer))
        asked = [
            context.ask(question, model=self._model, sample=place + 1, temperature=self._heat)
            for place in range(self._samples)
        ]
        said = Counter(self.core(one.text) for one in await asyncio.gather(*asked))
        same = said[self.core(answer)]
        row["_consistency"] = {"same": same, "of": self._samples, "said": dict(said.most_common(3))}
        if same / self._samples >= self._least:
            return None
        return f"{same} of {self._samples} fresh answers say the same"

    def core(self, text: str) -> str:
        """Return the answer proper of a text."""
        if self._pattern is not None:
            found = list(self._pattern.finditer(text))
            if not found:
                return ""
            return " ".join((found[-1].group(1) if self._pattern.groups else found[-1].group()).lower().split())
        numbers = re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)
        if numbers:
            return str(numbers[-1]).replace(",", "")
        return " ".join(re.findall(r"\w+", text.lower()))
