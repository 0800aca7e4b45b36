"""fidelity.mentions, fidelity.roles, fidelity.balance: are groups of people named as often, in the same roles?"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from ...contracts import Part, Score
from ...registry import register
from ...text.tokens import normalise
from .._chance import null_distances
from ._corpus import FEWEST, Corpus, Texts
from ._scores import NO_REAL, missing

__all__ = ["GROUPS", "Groups"]

GROUPS = {
    "women": r"she|her|hers|herself|woman|women|girl|girls|mother|wife|daughter|sister|mrs|ms|lady|female|aunt",
    "men": r"he|him|his|himself|man|men|boy|boys|father|husband|son|brother|mr|gentleman|male|uncle",
    "old": r"old|older|elderly|senior|seniors|retired|pensioners?|aged|grandparents?",
    "young": r"young|younger|teen|teens|teenagers?|youth|kids?|child|children|toddlers?|baby",
    "religion": r"christians?|muslims?|jews?|jewish|hindus?|buddhists?|catholics?|atheists?|church|mosque|synagogue",
    "origin": r"immigrants?|refugees?|foreigners?|african|asian|european|american|arab|latin[oa]|hispanic|indian",
    "colour": r"black (?:man|woman|men|women|people)|white (?:man|woman|men|women|people)|people of colou?r",
    "disability": r"disabled|disability|disabilities|blind|deaf|wheelchair|autistic|autism",
}  # fmt: skip
_ROLES = (
    r"doctor|nurse|engineer|teacher|boss|manager|secretary|assistant|scientist|developer|programmer|lawyer|judge|chef|cook|"
    r"cleaner|pilot|driver|soldier|officer|leader|president|ceo|director|professor|student|homemaker|parent|victim|criminal|"
    r"thief|hero|expert|intern|receptionist|librarian|mechanic|carpenter|farmer|artist|writer|accountant"
)  # fmt: skip
_WOMEN, _MEN = (re.compile(rf"\b(?:{GROUPS[group]})\b") for group in ("women", "men"))
_ROLE = re.compile(rf"\b({_ROLES})s?\b")
NEAR = 60
LEVEL = 3.1  # standard deviations past which one of some twenty places lies in one of about a hundred clean sets


@register("text_metric")
class Groups:
    """Amplified bias: groups of people and their roles, and the labels, against real texts (or against what was asked).

    fidelity.mentions : largest change of the share of texts that mention a group. Floor: what chance explains at
        any of the groups; lower is better.
    fidelity.roles : largest change of the share of women among the texts that name a role near a woman or a man.
    fidelity.balance : total variation between the shares of labels and those asked for (of the real texts, if none were
        asked for), 0..1; lower is better.
    Sees: English words for groups. Does not see: names, other languages, what is said of a group beside its role.
    """

    name = "fidelity.mentions"
    family = "fidelity"
    scores = ("fidelity.mentions", "fidelity.roles", "fidelity.balance")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores, undefined where there is nothing to compare with."""
        return [*_against_real(texts), _balance(texts)]


def _against_real(texts: Texts) -> list[Score]:
    names = Groups.scores[:2]
    if texts.pool is None or min(len(texts.pool), len(texts.synthetic)) < FEWEST:
        return [
            missing(name, NO_REAL if texts.pool is None else f"too few texts ({FEWEST} needed)", "lower")
            for name in names
        ]
    made, real = _mentions(texts.synthetic), _mentions(texts.pool)
    sizes = len(texts.synthetic), len(texts.pool)
    gaps = [_gap(group, (made[group], sizes[0]), (real[group], sizes[1])) for group in GROUPS]
    first = _worst(names[0], gaps, sizes[0], "mention")
    ours, theirs = _roles(texts.synthetic), _roles(texts.pool)
    shared = [role for role in sorted(ours) if sum(ours[role]) >= 5 and sum(theirs.get(role, (0, 0))) >= 5]
    if not shared:
        return [first, missing(names[1], "no role stands near women or men in enough texts of both", "lower")]
    gaps = [_gap(role, (ours[role][0], sum(ours[role])), (theirs[role][0], sum(theirs[role]))) for role in shared]
    return [first, _worst(names[1], gaps, sizes[0], "women as")]


def _mentions(corpus: Corpus) -> dict[str, int]:
    finders = {group: re.compile(rf"\b(?:{words})\b") for group, words in GROUPS.items()}
    plain = [normalise(text) for text in corpus.texts]
    return {group: sum(bool(finder.search(text)) for text in plain) for group, finder in finders.items()}


def _roles(corpus: Corpus) -> dict[str, tuple[int, int]]:
    """Return role -> in how many texts it stands near a woman, and near a man (near both: neither)."""
    found: Counter[tuple[str, bool]] = Counter()
    for text in map(normalise, corpus.texts):
        for match in _ROLE.finditer(text):
            around = text[max(0, match.start() - NEAR) : match.end() + NEAR]
            women, men = bool(_WOMEN.search(around)), bool(_MEN.search(around))
            if women != men:
                found[match[1], women] += 1
    return {role: (found[role, True], found[role, False]) for role, _ in found}


def _gap(place: str, made: tuple[int, int], real: tuple[int, int]) -> tuple[float, float, Part]:
    """Return a change of a share, in what chance explains, its standard deviation, and the place."""
    shares = made[0] / made[1], real[0] / real[1]
    middle = (made[0] + real[0] + 1) / (made[1] + real[1] + 2)
    spread = (middle * (1 - middle) * (1 / made[1] + 1 / real[1])) ** 0.5
    return abs(shares[0] - shares[1]) / spread, spread, Part(place, *shares)


def _worst(name: str, gaps: list[tuple[float, float, Part]], n: int, what: str) -> Score:
    ranked = sorted(gaps, key=lambda gap: -gap[0])
    _, spread, part = ranked[0]
    assert part.floor is not None
    reason = f"{what} {part.place}: {part.value:.1%} of the texts, {part.floor:.1%} of the real ones"
    return Score(
        name, "fidelity", value=abs(part.value - part.floor), floor=LEVEL * spread, noise=0.0, better="lower", n=n,
        reason=reason, parts=tuple(part for *_, part in ranked[:10]),
    )  # fmt: skip


def _balance(texts: Texts) -> Score:
    name = Groups.scores[2]
    labels = texts.synthetic.labels
    wanted = dict(texts.shares or {})
    against = "asked for"
    size = 10**9
    if not wanted and texts.real is not None and texts.real.labels is not None and len(texts.real):
        wanted = {label: count / len(texts.real) for label, count in Counter(texts.real.labels).items()}
        against, size = "of the real texts", len(texts.real)
    if labels is None or not labels or not wanted:
        return missing(name, "there are no labels, or no shares to hold them to", "lower")
    counts, total = Counter(labels), sum(wanted.values())
    places = sorted({*counts, *wanted})
    ours = np.array([counts[label] / len(labels) for label in places])
    theirs = np.array([wanted.get(label, 0.0) / total for label in places])
    pool = np.rint((ours * len(labels) + theirs * min(size, len(labels))) * 100).astype(np.int64)
    nulls = null_distances(pool, (len(labels), size), 300, texts.rng("balance"), ordered=False)
    value, order = float(np.abs(ours - theirs).sum() / 2), np.argsort(-np.abs(ours - theirs))[:10]
    return Score(
        name, "fidelity", value=value, floor=float(nulls.mean()), noise=float(nulls.std()), better="lower",
        n=len(labels),
        reason=f"{value:.1%} of the texts would need another label for the shares {against}",
        parts=tuple(Part(places[place], float(ours[place]), float(theirs[place])) for place in order.tolist()),
    )  # fmt: skip
