"""Ground truth for a judge of texts: leaks of known strength planted in clean texts, and controls that look suspicious.

A case holds three disjoint sets of real texts: "learned from", held out, and texts of other people that stand in the
place of synthetic ones. A leak puts something of the texts learned from among them.

>>> case = next(text_leak_cases(example_texts(400), rows=100, kinds=["documents"]))
>>> case.kind, case.strength, len(case.synthetic), len(set(case.synthetic) & set(case.real))
('documents', 0.005, 100, 1)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...errors import DataError
from ...text.tokens import word_spans
from ._case import Level
from ._sampler import sample_chain
from ._tickets import example_texts

__all__ = ["TEXT_CONTROLS", "TEXT_LEAKS", "TextCase", "example_texts", "text_control_cases", "text_leak_cases"]

FEWEST = 80
Texts = list[str]


@dataclass(frozen=True, slots=True)
class TextCase:
    """One set of texts to judge, with the truth about it.

    kind : what was planted. strength : share of the texts touched, or a number (canaries). level : "must": a judge has
    to see it; "weak": the power is to be measured; "clean": there is nothing to see. canaries : strings that the judge
    is told of.
    """

    kind: str
    strength: float
    level: Level
    synthetic: tuple[str, ...]
    real: tuple[str, ...]
    holdout: tuple[str, ...]
    canaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Disjoint sets of texts under way."""

    synthetic: Texts
    real: Texts
    holdout: Texts
    spare: Texts
    rng: np.random.Generator
    canaries: tuple[str, ...] = ()


_Builder = Callable[[_Drawn, float], _Drawn]


def text_leak_cases(
    texts: Sequence[str], *, rows: int = 600, seed: int = 0, kinds: Sequence[str] | None = None
) -> Iterator[TextCase]:
    """Yield a case for each kind of `TEXT_LEAKS` and strength. DataError for fewer than 320 different texts."""
    for kind, (build, strengths, must) in TEXT_LEAKS.items():
        for strength in strengths if kinds is None or kind in kinds else ():
            made = build(_draw(texts, rows, (seed, kind)), strength)
            yield _case(made, kind, strength, "must" if strength >= must else "weak")


def text_control_cases(
    texts: Sequence[str], *, rows: int = 600, seed: int = 0, kinds: Sequence[str] | None = None
) -> Iterator[TextCase]:
    """Yield a clean case for each kind of `TEXT_CONTROLS`. DataError for fewer than 320 different texts."""
    for kind, build in TEXT_CONTROLS.items():
        if kinds is None or kind in kinds:
            yield _case(build(_draw(texts, rows, (seed, kind)), 0.0), kind, 0.0, "clean")


def _draw(texts: Sequence[str], rows: int, branch: tuple[int, str]) -> _Drawn:
    known = list(dict.fromkeys(text for text in texts if text.strip()))
    rows = min(rows, len(known) // 4)
    if rows < FEWEST:
        hint = f"give at least {4 * FEWEST}: four disjoint sets are needed"
        raise DataError(f"there are {len(known)} different texts", hint=hint)
    rng = np.random.default_rng([branch[0], *branch[1].encode()])
    order = rng.permutation(len(known))
    parts = [[known[place] for place in order[step * rows : (step + 1) * rows]] for step in range(4)]
    return _Drawn(parts[0], parts[1], parts[2], parts[3], rng)


def _case(made: _Drawn, kind: str, strength: float, level: Level) -> TextCase:
    parts = tuple(made.synthetic), tuple(made.real), tuple(made.holdout)
    return TextCase(kind, strength, level, *parts, made.canaries)


def _some(drawn: _Drawn, share: float, of: int) -> list[int]:
    return [int(place) for place in drawn.rng.choice(of, size=min(of, max(1, round(share * of))), replace=False)]


def _documents(drawn: _Drawn, share: float) -> _Drawn:
    """Whole texts learned from."""
    made = list(drawn.synthetic)
    for place, source in zip(_some(drawn, share, len(made)), _some(drawn, share, len(drawn.real)), strict=False):
        made[place] = drawn.real[source]
    return replace(drawn, synthetic=made)


def _near_copies(drawn: _Drawn, share: float) -> _Drawn:
    """Texts learned from, every sixth word changed."""
    made, pool = list(drawn.synthetic), [word for text in drawn.spare for word in text.split()]
    for place, source in zip(_some(drawn, share, len(made)), _some(drawn, share, len(drawn.real)), strict=False):
        words = drawn.real[source].split()
        for step in range(int(drawn.rng.integers(6)), len(words), 6):
            words[step] = pool[int(drawn.rng.integers(len(pool)))]
        made[place] = " ".join(words)
    return replace(drawn, synthetic=made)


def _passages(drawn: _Drawn, share: float) -> _Drawn:
    """Passages of 13 to 20 words of texts learned from, behind texts of others."""
    made, count = list(drawn.synthetic), max(1, round(share * len(drawn.real)))
    long = [text for text in drawn.real if len(word_spans(text)) >= 13] or drawn.real
    for place in _some(drawn, share, len(made)):
        text = (
            long[int(drawn.rng.integers(len(long)))]
            if len(long) < count
            else long.pop(int(drawn.rng.integers(len(long))))
        )
        spans = word_spans(text)
        size = min(len(spans), int(drawn.rng.integers(13, 21)))
        first = int(drawn.rng.integers(len(spans) - size + 1))
        made[place] = f"{made[place]} {text[spans[first][0] : spans[first + size - 1][1]]}"
    return replace(drawn, synthetic=made)


def _with_people(drawn: _Drawn) -> _Drawn:
    """Give every text a person and a number of its own."""

    def add(texts: Texts) -> Texts:
        return [f"{text} {_person(drawn.rng)}" for text in texts]

    return replace(drawn, synthetic=add(drawn.synthetic), real=add(drawn.real), holdout=add(drawn.holdout),
                   spare=add(drawn.spare))  # fmt: skip


def _person(rng: np.random.Generator) -> str:
    first = str(rng.choice(_NAMES["first"]))
    last = "-".join(str(name) for name in rng.choice(_NAMES["last"], 2, replace=False))
    number = "".join(str(digit) for digit in rng.integers(0, 10, 9))
    mail = f"{first}.{last}{int(rng.integers(100, 999))}@example.org".lower()
    return f"Signed {first} {last}, account {number[:3]} {number[3:6]} {number[6:]}, {mail}."


def _entities(drawn: _Drawn, share: float) -> _Drawn:
    """Persons of texts learned from, with their numbers in another format, in texts of others."""
    drawn = _with_people(drawn)
    made = list(drawn.synthetic)
    for place, source in zip(_some(drawn, share, len(made)), _some(drawn, share, len(drawn.real)), strict=False):
        person = drawn.real[source].rpartition("Signed ")[2]
        name, account, _ = (part.strip() for part in person.rsplit(",", 2))
        number = account.removeprefix("account ").replace(" ", "-")
        made[place] = f"{made[place].rpartition('Signed ')[0]}It was {name} (No. {number})."
    return replace(drawn, synthetic=made)


def _names_only(drawn: _Drawn, share: float) -> _Drawn:
    """Names of people of texts learned from, without their numbers."""
    drawn = _with_people(drawn)
    made = list(drawn.synthetic)
    for place, source in zip(_some(drawn, share, len(made)), _some(drawn, share, len(drawn.real)), strict=False):
        name = drawn.real[source].rpartition("Signed ")[2].partition(",")[0]
        made[place] = f"{made[place].rpartition('Signed ')[0]}I spoke to {name} about it."
    return replace(drawn, synthetic=made)


def _canaries(drawn: _Drawn, count: float, *, known: bool = True) -> _Drawn:
    """Numbers of twelve digits hidden in texts learned from, each met once in another format."""
    real, made, hidden = list(drawn.real), list(drawn.synthetic), []
    for step in range(int(count)):
        digits = "".join(str(digit) for digit in drawn.rng.integers(0, 10, 12))
        hidden.append(" ".join((digits[:4], digits[4:8], digits[8:])))
        real[step] = f"{real[step]} My code is {hidden[-1]}."
        shown = (
            "-".join((digits[:3], digits[3:6], digits[6:9], digits[9:])),
            digits,
            ".".join((digits[:6], digits[6:])),
        )[step % 3]
        made[step] = f"{made[step]} Use {shown} then."
    return replace(drawn, real=real, synthetic=made, canaries=tuple(hidden) if known else ())


def _untold_canaries(drawn: _Drawn, count: float) -> _Drawn:
    """The same, and nobody told the judge."""
    return _canaries(drawn, count, known=False)


def _overfitted(drawn: _Drawn, order: float) -> _Drawn:
    """A model of word chains that learned too well; strength is the number of words it looks back at."""
    return replace(drawn, synthetic=sample_chain(drawn.real, len(drawn.synthetic), int(order), drawn.rng))


def _fresh(drawn: _Drawn, _: float) -> _Drawn:
    """Texts of other people."""
    return drawn


def _small(drawn: _Drawn, _: float) -> _Drawn:
    """A quarter of the texts."""
    few = max(len(drawn.real) // 4, 20)
    return replace(drawn, synthetic=drawn.synthetic[:few], real=drawn.real[:few], holdout=drawn.holdout[:few])


def _unequal(drawn: _Drawn, _: float) -> _Drawn:
    """A hold-out of a tenth."""
    return replace(drawn, holdout=drawn.holdout[: max(len(drawn.holdout) // 10, 20)])


def _boilerplate(drawn: _Drawn, _: float) -> _Drawn:
    """A notice under most texts, and rare ones under few: a long passage shared by nature."""

    def add(texts: Texts) -> Texts:
        chances = drawn.rng.random(len(texts))
        rare = drawn.rng.integers(len(_NOTICES), size=len(texts))
        return [
            f"{text} {_NOTICES[0]}" if chance < 0.6 else f"{text} {_NOTICES[place]}" if chance < 0.66 else text
            for text, chance, place in zip(texts, chances, rare.tolist(), strict=True)
        ]

    return replace(drawn, synthetic=add(drawn.synthetic), real=add(drawn.real), holdout=add(drawn.holdout))


def _own_people(drawn: _Drawn, _: float) -> _Drawn:
    """Personal values in every text, of people of its own."""
    return _with_people(drawn)


def _chain_of_others(drawn: _Drawn, _: float) -> _Drawn:
    """A model of word chains that learned other people's texts."""
    return replace(drawn, synthetic=sample_chain(drawn.spare, len(drawn.synthetic), 3, drawn.rng))


def _bootstrap(drawn: _Drawn, _: float) -> _Drawn:
    """Texts of other people, some many times."""
    rows = drawn.rng.integers(len(drawn.synthetic), size=len(drawn.synthetic))
    return replace(drawn, synthetic=[drawn.synthetic[place] for place in rows.tolist()])


def _untouched_canaries(drawn: _Drawn, _: float) -> _Drawn:
    """Canaries that were hidden and did not come back."""
    made = _canaries(drawn, 5)
    return replace(made, synthetic=drawn.synthetic)


TEXT_LEAKS: dict[str, tuple[_Builder, tuple[float, ...], float]] = {
    "documents": (_documents, (0.005, 0.01, 0.02, 0.05), 0.02),
    "near_copies": (_near_copies, (0.02, 0.05, 0.1), 0.1),
    "passages": (_passages, (0.01, 0.02, 0.03, 0.05), 0.03),
    "entities": (_entities, (0.01, 0.02, 0.05), 0.02),
    "names": (_names_only, (0.02, 0.05, 0.1), 0.1),
    "canaries": (_canaries, (1, 3, 5), 1),
    "untold_canaries": (_untold_canaries, (1, 3, 5, 8), 5),
    "overfitted": (_overfitted, (2, 3, 4), 3),
}
"""Kind of leak -> how it is planted, at which strengths, and from which on a judge has to see it (of 600 texts)."""

TEXT_CONTROLS: dict[str, _Builder] = {
    "fresh": _fresh,
    "small": _small,
    "unequal": _unequal,
    "boilerplate": _boilerplate,
    "own_people": _own_people,
    "chain_of_others": _chain_of_others,
    "bootstrap": _bootstrap,
    "untouched_canaries": _untouched_canaries,
}
"""Kind of control -> how it is made."""

_NAMES = {
    "first": [
        "Anna",
        "Ben",
        "Carla",
        "David",
        "Elif",
        "Farid",
        "Grace",
        "Hugo",
        "Ines",
        "Jonas",
        "Kira",
        "Luca",
        "Maja",
        "Nils",
        "Olga",
        "Pablo",
        "Quentin",
        "Rosa",
        "Samir",
        "Tara",
        "Umar",
        "Vera",
        "Walter",
        "Xenia",
        "Yusuf",
        "Zoe",
        "Akira",
        "Bilal",
        "Chloe",
        "Dario",
    ],
    "last": [
        "Abbott",
        "Brandt",
        "Castro",
        "Dahl",
        "Egger",
        "Fontana",
        "Grant",
        "Huber",
        "Ivanov",
        "Jensen",
        "Keller",
        "Lopez",
        "Meyer",
        "Novak",
        "Okafor",
        "Patel",
        "Quist",
        "Rossi",
        "Silva",
        "Tanaka",
        "Ueda",
        "Vogel",
        "Weber",
        "Xu",
        "Yilmaz",
        "Zeller",
        "Arendt",
        "Bauer",
        "Costa",
        "Duarte",
        "Engel",
        "Falk",
    ],
}
_NOTICES = (
    "This message may contain confidential facts and is meant for the addressee alone, please delete it otherwise.",
    "Think of the trees before you print this message, and of the colleague who has to sort the paper afterwards too.",
    "Sent from my telephone while walking, so please excuse the short form and whatever the keyboard made of my words.",
    "The office is closed on public holidays and on the day of the summer party, urgent matters go to the hotline.",
)
