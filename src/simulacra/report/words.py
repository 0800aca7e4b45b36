"""What the report says: headline, the three sentences of why, numbers and bounds, what protects whom."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from ..contracts import FAMILIES, Assessment, Gate, GateResult, Score, Verdict
from .disclosure import K, significant
from .glossary import name_score
from .public import Public

__all__ = [
    "explain",
    "families_in_order",
    "headline",
    "listed",
    "name_amount",
    "order_scores",
    "protections",
    "say_bound",
    "sentence",
    "standfirst",
    "write_amount",
    "write_number",
]

_MOST_NAMES = 12
_SMALL = 0.01
_SEVERITY = {"fail": 0, "unknown": 1, "warn": 2, "pass": 3}
_STATES = {"pass": "holds", "warn": "warns", "fail": "fails", "unknown": "is unknown"}
_PRIVATE = {"surrogates": "what was put where", "twins": "what the model was told of each text"}
"""What the folder private/ holds, by method; of a table it is the nearest real rows."""
_MANY_STATES = {"pass": "hold", "warn": "warn", "fail": "fail", "unknown": "are unknown"}


def sentence(text: str) -> str:
    """Return text with a capital first and a full stop last, no percent sign alone on a line.

    >>> sentence("two columns differ")
    'Two columns differ.'
    """
    text = text.strip().replace(" %", "\u00a0%")
    return f"{text[:1].upper()}{text[1:]}{'' if text[-1] in '.!?…' else '.'}" if text else ""


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence.

    >>> listed(["fidelity", "utility", "privacy"])
    'fidelity, utility and privacy'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def write_number(value: float | None) -> str:
    """Return a number of a score as it is printed: three digits, a true minus sign, a dash for none.

    >>> write_number(0.97), write_number(-12345.0), write_number(None), write_number(0.0004), write_number(3.0)
    ('0.970', '−12,300', '–', '0.0004', '3')
    >>> write_number(1e-30)
    '0'
    """
    if value is None:
        return "–"
    rounded = significant(value)
    if rounded == int(rounded):
        text = f"{rounded:,.0f}"
    elif abs(rounded) < _SMALL:
        text = f"{rounded:.10f}".rstrip("0").rstrip(".")
    else:
        text = f"{rounded:,.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}"
    return text.replace("-", "−")


def headline(public: Public) -> str:
    """Return the first line of the page: what was made, or judged."""
    rows = f"{public.synthetic_rows:,} synthetic row{'' if public.synthetic_rows == 1 else 's'}"
    source = public.facts.get("source")
    if not _made_here(public):
        return f"{rows}, judged against {source}" if source else f"{rows}, judged against real ones"
    return f"{rows}, made from {source}" if source else rows


def standfirst(public: Public) -> str:
    """Return the line below the headline: from how many rows, with how many columns, by which method."""
    columns = f"{len(public.schema)} column{'' if len(public.schema) == 1 else 's'}"
    if not _made_here(public):
        against = "" if public.real_rows is None else f", compared with {public.real_rows:,} real rows"
        return f"{columns}{against}{_held_out(public)}."
    method, quality = public.facts.get("method", ""), public.facts.get("quality", "")
    how = f" by the method “{method}”" + (f", quality “{quality}”" if quality else "") if method else ""
    learned = "" if public.real_rows is None else f", learned from {public.real_rows:,} real rows"
    return f"{columns}{learned}{how}{_held_out(public)}."


def _made_here(public: Public) -> bool:
    """Return whether a run made these rows: it left a recipe, or made texts of a frame private, which leaves none."""
    return bool(public.recipe) or public.facts.get("method") in _PRIVATE


def _held_out(public: Public) -> str:
    if public.holdout_rows is None:
        return "; no real rows were held out to judge it by"
    return f"; {public.holdout_rows:,} more real rows were held out to judge it by"


def families_in_order(assessment: Assessment) -> list[str]:
    """Return the names of the families in the order of the house, unknown ones last; a privacy that failed is first."""
    known = [name for name in FAMILIES if name in assessment.families]
    if "privacy" in known and assessment.families["privacy"].verdict == "fail":
        known = ["privacy", *(name for name in known if name != "privacy")]
    return known + [name for name in assessment.families if name not in FAMILIES]


def explain(assessment: Assessment) -> list[str]:
    """Return up to three sentences that say why the verdict is what it is."""
    names = sorted(families_in_order(assessment), key=lambda name: _SEVERITY[assessment.families[name].verdict])
    told = [_summarise(assessment)] if names else ["Nothing was measured, so nothing can be said for these rows."]
    if names:
        # Where nothing is amiss, the question that is asked first is the one about people.
        calm = assessment.families[names[0]].verdict == "pass"
        told.append(_of_family("privacy" if calm and "privacy" in names else names[0], assessment))
    return [*told, _of_gates(assessment)]


def _of_family(name: str, assessment: Assessment) -> str:
    return sentence(f"{name}: {assessment.families[name].why}")


def _summarise(assessment: Assessment) -> str:
    groups: dict[Verdict, list[str]] = {}
    for name in families_in_order(assessment):
        groups.setdefault(assessment.families[name].verdict, []).append(name)
    if list(groups) == ["pass"]:
        return sentence(f"all {len(groups['pass'])} families of measures hold: {listed(groups['pass'])}")
    states = [
        f"{listed(names)} {(_STATES if len(names) == 1 else _MANY_STATES)[verdict]}"
        for verdict, names in sorted(groups.items(), key=lambda item: _SEVERITY[item[0]])
    ]
    return sentence("; ".join(states))


def _of_gates(assessment: Assessment) -> str:
    gates = assessment.gates
    if not gates:
        return f"No bound was set beforehand; measures taken: {len(assessment.scores)}."
    counts = Counter(result.verdict for result in gates)
    kept = counts["pass"] + counts["warn"]
    told = f"{kept} of {len(gates)} bounds set beforehand were kept"
    if kept == len(gates):
        told = f"All {kept} bounds set beforehand were kept" if kept > 1 else "The bound set beforehand was kept"
    told += f", {counts['warn']} with a warning" if counts["warn"] else ""
    told += f"; {counts['unknown']} could not be judged" if counts["unknown"] else ""
    if counts["fail"]:
        lost = [name_score(result.gate.metric) for result in gates if result.verdict == "fail"]
        told += f"; {counts['fail']} not: {', '.join(lost[:3])}{' ...' if len(lost) > 3 else ''}"
    return sentence(told)


def say_bound(gate: Gate, bound: float | None) -> str:
    """Return a bound of a gate as one reads it: "at most 0.002 above the floor", "not below the floor"."""
    if bound is None:
        return "–"
    size = f"{abs(bound):,.6g}"
    if not gate.of_floor:
        return f"{'at least' if gate.side == 'at_least' else 'at most'} {'−' if bound < 0 else ''}{size}"
    if bound == 0:
        return "not below the floor" if gate.side == "at_least" else "not above the floor"
    # "At least -0.02 from the floor" reads the wrong way round: what is allowed is a shortfall of at most 0.02.
    generous = (gate.side == "at_least") == (bound < 0)
    return f"{'at most' if generous else 'at least'} {size} {'above' if bound > 0 else 'below'} the floor"


def name_amount(name: str) -> str:
    """Return the title of one line of the cost.

    >>> name_amount("cpu_seconds"), name_amount("rows_made")
    ('CPU time', 'Rows made')
    """
    known = {
        "cpu_seconds": "CPU time", "wall_seconds": "Time on the clock", "dollars": "Dollars, by the table of prices"
    }  # fmt: skip
    return known.get(name) or name.replace("_", " ").capitalize()


def write_amount(amount: float | None, name: str) -> str:
    """Return one line of the cost with its unit.

    >>> write_amount(93.4, "cpu_seconds"), write_amount(50000.0, "rows_made")
    ('93.4 s', '50,000')
    """
    if name.endswith("_seconds"):
        return f"{write_number(amount)} s"
    return "–" if amount is None else f"{amount:,.0f}" if amount == int(amount) else write_number(amount)


def protections(public: Public) -> tuple[list[str], list[str]]:
    """Return what protects the people in the real data, and what does not: sentences for the page and the card."""
    does, does_not = [], []
    method, epsilon = public.facts.get("method", ""), public.facts.get("epsilon")
    if epsilon:
        does.append(f"It was fitted with differential privacy, epsilon {epsilon}: a bound for everybody.")
    elif _made_here(public):
        does_not.append(
            "No formal guarantee: no privacy budget (epsilon) was kept, so no theorem bounds what these rows give away."
        )
    else:
        does_not.append(
            "No formal guarantee: how these rows were made is not known here, so nothing is claimed for it."
        )
    if _made_here(public):
        does += _replaced(public)
    if public.holdout_rows:
        does.append(
            f"Privacy was measured against {public.holdout_rows:,} real rows that the generator never saw: "
            "any likeness beyond that to strangers counts against it."
        )
        does_not.append("A passed test is no proof: it sees the attacks it tries, as far as this many rows allow.")
    else:
        does_not.append(
            "No real rows were held out, so likeness to real people is not told from chance: privacy cannot pass here."
        )
    does.append(
        f"This page shows no real row: shares behind fewer than {K} real rows are left out, the others rounded, and "
        "scales end short of the extremes."
    )
    if _made_here(public):
        holds = _PRIVATE.get(method, "the nearest real rows")
        does_not.append(
            f"The folder private/ is for the owner of the real data alone: it holds {holds}. Do not pass it on."
        )
    return does, does_not


def _replaced(public: Public) -> list[str]:
    """Return what was made up; a run that passes other columns on as they are says itself where it replaced values."""
    if where := public.facts.get("replaced_in"):
        return [f"Personal values that were found were replaced by made-up ones in {where}."]
    personal = [column.name for column in public.schema if column.personal]
    keys = [column.name for column in public.schema if column.kind == "identifier" and not column.personal]
    told = []
    if personal:
        told.append(f"Personal values were replaced by made-up ones in {_some(personal)}.")
    if keys:
        told.append(f"Keys were made new, never copied, in {_some(keys)}.")
    return told


def _some(names: list[str]) -> str:
    return listed(names) if len(names) <= _MOST_NAMES else f"{', '.join(names[:_MOST_NAMES])} and others"


def order_scores(scores: Iterable[Score], gates: Iterable[GateResult]) -> list[tuple[Score, GateResult | None]]:
    """Return scores with the gravest gate on each, worst first: by its verdict, then by distance from the floor."""
    graves: dict[str, GateResult] = {}
    for result in gates:
        held = graves.get(result.gate.metric)
        if held is None or _SEVERITY[result.verdict] < _SEVERITY[held.verdict]:
            graves[result.gate.metric] = result
    paired = [(score, graves.get(score.name)) for score in scores]
    return sorted(paired, key=lambda pair: (_SEVERITY[pair[1].verdict] if pair[1] else 2.5, -_excess(pair[0])))


def _excess(score: Score) -> float:
    """Return how much worse than its floor a score is, in its noise where that is known."""
    if score.value is None or score.floor is None:
        return 0.0
    worse = score.value - score.floor if score.better == "lower" else score.floor - score.value
    return worse / score.noise if score.noise else worse / max(abs(score.floor), 1e-9)
