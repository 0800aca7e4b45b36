"""Rules that no row can keep together: a < b and b < a; x <= 3 and x >= 5.

Bounds on one column and on the difference of two are edges of a graph, x - y <= c; a cycle whose bounds sum to less
than zero (or to zero with a strict sign in it) has no solution.
Source: Bellman-Ford on difference constraints (Cormen et al., Introduction to Algorithms, 24.4).
Of rules on where a column has a value, two are compared that name the same condition.
Not handled: comparisons of three or more columns or with factors; texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import SchemaError
from .constraints import Comparison, Constraint, Term

__all__ = ["refuse_contradictions"]

_ZERO = ("", "")
Node = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Edge:
    """head - tail <= bound, or < where strict; from the constraint `source`."""

    tail: Node
    head: Node
    bound: float
    strict: bool
    source: str


def refuse_contradictions(constraints: Iterable[Constraint], where: str = "") -> None:
    """Raise SchemaError that names the constraints which cannot hold together."""
    constraints = tuple(constraints)
    _refuse_presences([rule for rule in constraints if rule.kind == "presence"], where)
    edges = [edge for rule in constraints for comparison in rule.comparisons for edge in _edges(comparison, str(rule))]
    cycle = _impossible_cycle(edges)
    if not cycle:
        return
    _refuse(list(dict.fromkeys(edge.source for edge in cycle)), where)


def _refuse_presences(rules: list[Constraint], where: str) -> None:
    """Raise SchemaError for two rules of which one asks for a value where the other allows none."""
    asked: dict[tuple[str, ...], tuple[bool, str]] = {}
    for rule in rules:
        for condition, missing in rule.presence.implied().items():
            known, name = asked.setdefault((rule.presence.column, *condition), (missing, str(rule)))
            if known != missing:
                _refuse([name, str(rule)], where)


def _refuse(names: list[str], where: str) -> None:
    told = " and ".join(repr(name) for name in names)
    seen = (
        f"the constraints {told} cannot hold together" if len(names) > 1 else f"no row can keep the constraint {told}"
    )
    raise SchemaError(seen, where=where, hint="drop or correct one of them")


def _edges(comparison: Comparison, source: str) -> Iterator[_Edge]:
    columns = [term for term in comparison.terms if not term.quoted]
    literals = [term for term in comparison.terms if term.quoted]
    if comparison.sign == "!=" or any(_time(term) is None for term in literals):
        return
    constant = comparison.number + comparison.micros + sum(term.factor * (_time(term) or 0.0) for term in literals)
    signs = [(1.0, comparison.sign == "<")]
    if comparison.sign == "=":
        signs = [(1.0, False), (-1.0, False)]
    for sign, strict in signs:
        factors = [sign * term.factor for term in columns]
        if len(columns) == 1:
            size, node = abs(factors[0]), (columns[0].name, columns[0].part)
            tail, head = (_ZERO, node) if factors[0] > 0 else (node, _ZERO)
            yield _Edge(tail, head, -sign * constant / size, strict, source)
        elif len(columns) == 2 and factors[0] == -factors[1]:
            plus, minus = columns if factors[0] > 0 else columns[::-1]
            bound = -sign * constant / abs(factors[0])
            yield _Edge((minus.name, minus.part), (plus.name, plus.part), bound, strict, source)


def _time(term: Term) -> float | None:
    try:
        return datetime.fromisoformat(term.name).replace(tzinfo=UTC).timestamp() * 1e6
    except ValueError:
        return None


def _impossible_cycle(edges: list[_Edge]) -> list[_Edge]:
    """Return the edges of a cycle that allows no values, [] if there is none."""
    nodes = {edge.tail for edge in edges} | {edge.head for edge in edges}
    reach = dict.fromkeys(nodes, (0.0, 0))
    via: dict[Node, _Edge] = {}
    changed: Node | None = None
    for _ in range(len(nodes) + 1):
        changed = None
        for edge in edges:
            length, stricts = reach[edge.tail]
            new = (length + edge.bound, stricts - edge.strict)
            old = reach[edge.head]
            slack = 1e-9 * max(1.0, abs(old[0]), abs(new[0]))
            if new[0] < old[0] - slack or (new[0] <= old[0] + slack and new[1] < old[1]):
                reach[edge.head], via[edge.head], changed = new, edge, edge.head
        if changed is None:
            return []
    assert changed is not None
    node = changed
    for _ in nodes:
        node = via[node].tail
    cycle = [via[node]]
    while cycle[-1].tail != node:
        cycle.append(via[cycle[-1].tail])
    return cycle[::-1]
