"""The steps that make post-training rows of a prompt: k answers, then judged, revised by principles, or verified."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ...check.rows._judging import compare_pair, panel_of
from ...contracts.models import Message
from ...contracts.rows import Context, Reject, Row, Step
from ...models.errors import Declined
from ...text.ngrams import compare_form

__all__ = ["Panel", "final_answer", "judged", "path_of", "revised", "verified"]

_FEW_WORDS = 3
_LEAST_NEW = 0.3  # share of a trace's steps that an earlier one must not have, to count as another path


@dataclass(frozen=True, slots=True)
class Panel:
    """Who answers and who judges. answers : (model, temperature) of each; judges : models, () for the first."""

    answers: tuple[tuple[str, float], ...]
    judges: tuple[str, ...] = ()
    max_tokens: int = 512


def judged(panel: Panel, aspects: Sequence[str], margin: float) -> Step:
    """Return the step that keeps the best and the worst of k answers, judged two by two in both orders.

    A row's margin is the better one's mean verdict over the other, 0 to 1; below `margin` the row is refused.
    Source: Cui et al. 2023, UltraFeedback (arXiv 2310.01377); verdicts in pairs instead of scores.
    """

    async def step(row: Row, context: Context) -> Row | Reject:
        found = await _answers(panel, row["prompt"], context)
        distinct = list({text.strip(): (text, model) for text, model in found if text.strip()}.values())
        if len(distinct) < 2:
            return Reject("judge", "the answers are all the same")
        pairs = list(combinations(range(len(distinct)), 2))
        names = panel.judges or (panel.answers[0][0],)
        said = await asyncio.gather(
            *(
                compare_pair(row["prompt"], (distinct[a][0], distinct[b][0]), context.ask, aspects=aspects,
                             panel=panel_of(names, 1))
                for a, b in pairs
            )
        )  # fmt: skip
        wins = [0.0] * len(distinct)
        for (a, b), one in zip(pairs, said, strict=True):
            wins[a] += one.margin
            wins[b] -= one.margin
        best, worst = max(range(len(wins)), key=wins.__getitem__), min(range(len(wins)), key=wins.__getitem__)
        place = pairs.index((min(best, worst), max(best, worst))) if best != worst else 0
        lead = said[place].margin * (1 if best < worst else -1)
        if best == worst or lead < margin:
            return Reject("judge", "no answer is clearly better in both orders")
        told = {"chosen_model": distinct[best][1], "rejected_model": distinct[worst][1]}
        return {**row, "chosen": distinct[best][0], "rejected": distinct[worst][0], "margin": round(lead, 3), **told,
                "rationale": said[place].rationales[0], "_swayed": sum(one.swayed for one in said)}  # fmt: skip

    return step


def revised(panel: Panel, principles: Sequence[str]) -> Step:
    """Return the step that has an answer criticised by each principle and revised; the revision is the chosen one.

    Source: Bai et al. 2022, Constitutional AI (arXiv 2212.08073), section 3.
    """

    async def step(row: Row, context: Context) -> Row | Reject:
        ((first, model), *_) = await _answers(panel, row["prompt"], context)
        text, notes = first, []
        for principle in principles:
            asked = f"Question: {row['prompt']}\n\nAnswer: {text}\n\nPrinciple: {principle}\n\n"
            words = "In which way does the answer not satisfy the principle? Be specific. If it does, say NONE."
            critique = (await _say(asked + words, model, panel, context)).strip()
            notes.append(critique)
            if re.match(r"\W*none\b", critique, re.IGNORECASE):
                continue
            words = (
                f"Critique: {critique}\n\nWrite the answer again so that it satisfies the principle. Only the answer."
            )
            text = (await _say(asked + words, model, panel, context)).strip() or text
        if text.strip() == first.strip():
            return Reject("revise", "nothing was to be revised")
        if _quotes(text, principles):
            return Reject("revise", "the revision quotes a principle")
        told = {"chosen_model": model, "rejected_model": model, "rationale": "\n".join(notes)}
        return {**row, "chosen": text, "rejected": first, "margin": None, **told}

    return step


def verified(panel: Panel, *, traces: bool, keep: int) -> Step:
    """Return the step that keeps reasoning whose final answer is the known one: right against wrong, or traces alone.

    traces : up to `keep` right ones, each by another path, as rows of their own; else a right and a wrong one.
    Source: Zelikman et al. 2022, STaR (arXiv 2203.14465); Yuan et al. 2023, RFT (arXiv 2308.01825).
    """

    async def step(row: Row, context: Context) -> Row | list[Row] | Reject:
        question = f"{row['prompt']}\n\nThink step by step, then end with a line: Answer: ..."
        found = await _answers(panel, question, context)
        known = final_answer(str(row["_known"]))
        right = [one for one in found if final_answer(one[0]) == known]
        wrong = [one for one in found if final_answer(one[0]) != known]
        if not right:
            return Reject("verify", "no answer is the known one")
        if traces:
            paths = _different(right)[:keep]
            return [{**row, "response": text, "model": model, "_right": len(right)} for text, model in paths]
        if not wrong:
            return Reject("verify", "every answer is right: there is no pair")
        told = {"chosen_model": right[0][1], "rejected_model": wrong[0][1]}
        return {**row, "chosen": right[0][0], "rejected": wrong[0][0], "margin": 1.0, **told, "rationale": ""}

    return step


def final_answer(text: str) -> str:
    """Return the final answer of a text: after the last "Answer:" or "####", else its last number, else all of it.

    >>> final_answer("3 + 4 = 7\\nAnswer: 7."), final_answer("so it is 1,250 euros"), final_answer("#### Paris")
    ('7', '1250', 'paris')
    """
    marked = re.findall(r"(?:answer\s*(?:is|:)|####)\s*(.+)", text, re.IGNORECASE)
    last = marked[-1] if marked else text
    numbers = re.findall(r"-?\d[\d,]*(?:\.\d+)?", last)
    if numbers:
        number = str(numbers[-1]).replace(",", "")
        return number.rstrip("0").rstrip(".") if "." in number else number
    return " ".join(re.findall(r"\w+", last.lower()))


def path_of(text: str) -> frozenset[str]:
    """Return the steps of a reasoning: its equations, without spaces; its sentences where it has none.

    >>> sorted(path_of("First 2 + 3 = 5. Then 5 * 2 = 10."))
    ['2+3=5', '5*2=10']
    """
    equations = re.findall(r"[\d.,]+(?:\s*[-+*/x×]\s*[\d.,]+)+\s*=\s*[\d.,]*\d", text)
    if equations:
        return frozenset(re.sub(r"\s+", "", one) for one in equations)
    return frozenset(" ".join(part.lower().split()) for part in re.split(r"[.!?\n]+", text) if part.strip())


def _quotes(text: str, principles: Sequence[str]) -> bool:
    """Say whether a text holds a principle word for word; one of three words or fewer may stand in any text."""
    said = f" {compare_form(text)} "
    return any(len(words) > _FEW_WORDS and f" {' '.join(words)} " in said for words in map(_words, principles))


def _words(text: str) -> list[str]:
    return compare_form(text).split()


def _different(found: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    for text, model in found:
        path = path_of(text)
        if all(len(path - path_of(other)) > _LEAST_NEW * len(path) for other, _ in kept):
            kept.append((text, model))
    return kept


async def _answers(panel: Panel, question: str, context: Context) -> list[tuple[str, str]]:
    """Return the panel's answers with who gave them; one that declines is left out. Declined if all do."""
    asked = [
        context.ask([Message("user", question)], model=model, sample=place, temperature=heat,
                    max_tokens=panel.max_tokens)
        for place, (model, heat) in enumerate(panel.answers)
    ]  # fmt: skip
    found: list[tuple[str, str]] = []
    refused: Declined | None = None
    for (model, _), answer in zip(panel.answers, await asyncio.gather(*asked, return_exceptions=True), strict=True):
        if isinstance(answer, Declined):
            refused = answer
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found.append((answer.text, model))
    if not found and refused is not None:
        raise refused
    return found


async def _say(words: str, model: str, panel: Panel, context: Context) -> Any:
    answer = await context.ask([Message("user", words)], model=model, temperature=0.5, max_tokens=panel.max_tokens)
    return answer.text
