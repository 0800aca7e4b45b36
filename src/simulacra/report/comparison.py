"""Several synthetic sets judged against the same real rows, side by side: for a terminal, as a page, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from markupsafe import Markup

from ..contracts import FAMILIES, Finding, GateResult, Score, Verdict, worst
from ..run.record import RunRecord
from . import words
from .card import render_markdown
from .charts import draw_interval
from .glossary import FAMILY_QUESTIONS, VERDICTS
from .page import page_template
from .public import Public, make_public

__all__ = ["comparison_rows", "name_sets", "render_comparison", "render_comparison_markdown", "worst_verdict"]

_MOST_SCORES = 14


@dataclass(frozen=True, slots=True)
class _Cell:
    """A score of one set: its gravest gate, and whether no other set is better on it."""

    score: Score | None
    gate: GateResult | None
    best: bool
    svg: Markup


@dataclass(frozen=True, slots=True)
class _Line:
    """A score of all sets."""

    name: str
    cells: tuple[_Cell, ...]


def name_sets(paths: Sequence[Path]) -> list[str]:
    """Return the shortest ends of the paths that tell them apart.

    >>> name_sets([Path("a/data.csv"), Path("b/data.csv")]), name_sets([Path("x/a.csv"), Path("x/b.csv")])
    (['a/data.csv', 'b/data.csv'], ['a.csv', 'b.csv'])
    """
    parts = [path.parts for path in paths]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-depth:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{number}: {'/'.join(part)}" for number, part in enumerate(parts, 1)]


def worst_verdict(records: Sequence[RunRecord]) -> Verdict:
    """Return the gravest verdict of the sets."""
    return worst(record.assessment.verdict for record in records)


def comparison_rows(records: Sequence[RunRecord]) -> list[list[str]]:
    """Return the rows of a table for a terminal, a column a set: verdict, families, then each score that has a bound.

    A score is followed by `x` where it fails its bound, `!` where it warns, and `*` where no other set is better.
    """
    shown = [make_public(record) for record in records]
    bound = [line for line in _lines(shown) if any(cell.gate for cell in line.cells)]
    scores = [[line.name, *map(_told, line.cells)] for line in bound]
    return [*_verdicts(shown), [""] * (1 + len(shown)), *scores]


def _verdicts(shown: Sequence[Public]) -> list[list[str]]:
    """Return the rows that are always told: the verdict and the families."""
    families = [[family, *(_finding(public, family).verdict for public in shown)] for family in FAMILIES]
    return [["verdict", *(public.assessment.verdict for public in shown)], *families]


def _told(cell: _Cell) -> str:
    if cell.score is None or cell.score.value is None:
        return "-"
    mark = {"fail": "x", "warn": "!"}.get(_lost(cell), "")
    return f"{words.write_number(cell.score.value)}{mark}{'*' if cell.best else ''}"


def _lost(cell: _Cell) -> str:
    """Return "fail" or "warn" where the number does not keep its bound, else nothing."""
    if cell.gate is None or cell.score is None or cell.score.value is None:
        return ""
    return cell.gate.verdict if cell.gate.verdict in ("fail", "warn") else ""


def _finding(public: Public, family: str) -> Finding:
    return public.assessment.families.get(family) or Finding("unknown", "It was not judged.")


def _lines(shown: Sequence[Public]) -> list[_Line]:
    """Return the scores that any set has, in the order of the families, those most apart between the sets first."""
    paired = [dict(_by_name(public)) for public in shown]
    names = list(dict.fromkeys(name for scores in paired for name in scores))
    lines = [_line(name, [scores.get(name, (None, None)) for scores in paired]) for name in names]
    return sorted(lines, key=lambda line: (_place(line.name.partition(".")[0]), -_apart(line)))


def _by_name(public: Public) -> list[tuple[str, tuple[Score, GateResult | None]]]:
    pairs = words.order_scores(public.assessment.scores, public.assessment.gates)
    return [(score.name, (score, gate)) for score, gate in pairs]


def _place(family: str) -> int:
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)


def _line(name: str, pairs: Sequence[tuple[Score | None, GateResult | None]]) -> _Line:
    values = [score.value for score, _ in pairs if score is not None and score.value is not None]
    higher = any(score is not None and score.better == "higher" for score, _ in pairs)
    best = max(values) if higher and values else min(values, default=None)
    alone = len(set(values)) > 1
    cells = [
        _Cell(
            score,
            gate,
            alone and score is not None and score.value == best,
            Markup("" if score is None else draw_interval(score, None if gate is None else gate.gate)),
        )
        for score, gate in pairs
    ]
    return _Line(name, tuple(cells))


def _apart(line: _Line) -> float:
    """Return how far the sets are apart on a score, in its noise where that is known."""
    scores = [cell.score for cell in line.cells if cell.score is not None and cell.score.value is not None]
    if len(scores) < 2:
        return 0.0
    values = [score.value or 0.0 for score in scores]
    noise = max(score.noise or 0.0 for score in scores)
    return (max(values) - min(values)) / (noise or max(map(abs, values)) or 1.0)


def render_comparison(records: Sequence[RunRecord], labels: Sequence[str]) -> str:
    """Return one page with a column a set: verdicts and reasons first, then every score with floor and interval.

    As careful as `render_page`: sentences without rare real values, rounded numbers, nothing from outside, no script.
    """
    shown = [make_public(record) for record in records]
    lines = _lines(shown)
    return page_template("comparison.html.jinja").render(
        labels=labels,
        shown=shown,
        version=next((public.facts["version"] for public in shown if "version" in public.facts), ""),
        headline=f"{len(shown)} synthetic sets, side by side",
        source=shown[0].facts.get("source", "real rows"),
        families=[(family, [_finding(public, family) for public in shown]) for family in FAMILIES],
        questions=FAMILY_QUESTIONS,
        words=VERDICTS,
        groups=[
            (family, [line for line in lines if line.name.partition(".")[0] == family])
            for family in dict.fromkeys(line.name.partition(".")[0] for line in lines)
        ],
        risks=[
            (risk, [public.assessment.risks.get(risk) for public in shown])
            for risk in dict.fromkeys(name for public in shown for name in public.assessment.risks)
        ],
    )


def _in_markdown(cell: _Cell) -> str:
    """Return a cell of the Markdown table: words in the place of the terminal's marks, which look like units."""
    if cell.score is None or cell.score.value is None:
        return "-"
    number = words.write_number(cell.score.value)
    return (f"**{number}**" if cell.best else number) + (f" ({verdict})" if (verdict := _lost(cell)) else "")


def render_comparison_markdown(records: Sequence[RunRecord], labels: Sequence[str]) -> str:
    """Return short Markdown for a pull request: of one set its verdict, of several a table and each verdict below."""
    shown = [make_public(record) for record in records]
    told = [render_markdown(public.assessment) for public in shown]
    if len(told) == 1:
        return told[0]
    names = [label.replace("|", "\\|").replace("`", "ʼ") for label in labels]
    head = ["| | " + " | ".join(f"`{name}`" for name in names) + " |", "| --- |" + " --- |" * len(names)]
    broken = [line for line in _lines(shown) if any(map(_lost, line.cells))]
    broken.sort(key=lambda line: not line.name.startswith("privacy."))
    scores = [[line.name, *map(_in_markdown, line.cells)] for line in broken]
    if (more := len(scores) - _MOST_SCORES) > 1:
        scores = [*scores[:_MOST_SCORES], [f"and {more} more scores", *["see below"] * len(names)]]
    table = [f"| {' | '.join(row)} |" for row in _verdicts(shown) + scores]
    parts = [
        f"<details><summary>{escape(name)}</summary>\n\n{text}\n</details>"
        for name, text in zip(names, told, strict=True)
    ]
    return (
        "\n\n".join(
            [
                "\n".join([*head, *table]),
                "Scores are those that some set does not keep; **best** of the sets in bold.",
                *parts,
            ]
        )
        + "\n"
    )
