"""The pictures of the report: bars of one column, associations of all columns, the interval of one score.

Real rows are always a grey area, synthetic rows a coloured line or a narrow bar: form tells them
apart, not colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..contracts import Gate, Score
from ..measure.gates import ALLOWANCE
from .disclosure import K
from .margins import OTHERS, Bar, Margin
from .svg import element, number, picture, shorten

__all__ = ["draw_bins", "draw_detection", "draw_heatmap", "draw_interval", "draw_levels", "find_bound"]

_WIDTH = 336.0
_PLOT_HEIGHT = 132.0
_TAIL_GAP = 5.0
_HOVER_CELLS = 20
_CLASSES = 8
_ROW, _NAMES, _FIGURES = 21.0, 126.0, 98.0
_LABEL_WIDTH = 120.0


def draw_bins(margin: Margin) -> str:
    """Return the histogram of a column: real rows as grey bars, synthetic rows as a line over them, tails set apart."""
    top = max([bar.real or 0.0 for bar in margin.bars] + [bar.synthetic for bar in margin.bars]) or 1.0
    grid = _grid_share(top)
    slot = (_WIDTH - 2 * _TAIL_GAP) / len(margin.bars)
    lefts = [
        place * slot + _TAIL_GAP * ((place > 0) + (place == len(margin.bars) - 1)) for place in range(len(margin.bars))
    ]

    def height(share: float) -> float:
        return 14 + (_PLOT_HEIGHT - 14) * (1 - share / top)

    line, label = _grid_line(height(grid), grid)
    parts = [line]
    for bar, left in zip(margin.bars, lefts, strict=True):
        parts.append(_bin(bar, left, slot, height(bar.real or 0.0)))
    parts.append(_step_line(lefts, slot, [height(bar.synthetic) for bar in margin.bars]))
    parts.append(element("line", x1=0, x2=_WIDTH, y1=_PLOT_HEIGHT, y2=_PLOT_HEIGHT, class_="axis"))
    parts += [label, *_ticks(margin.edges, lefts)]
    return picture(
        parts,
        size=(_WIDTH, _PLOT_HEIGHT + 18),
        title=f"Distribution of {margin.name}",
        description=_tell(margin),
        class_="chart",
    )


def _bin(bar: Bar, left: float, slot: float, top: float) -> str:
    hover = element("title", escape(_hover(bar)))
    target = element("rect", x=left, y=0, width=slot, height=_PLOT_HEIGHT, class_="hover")
    area = element("rect", x=left + 0.5, y=top, width=max(slot - 1, 0.5), height=_PLOT_HEIGHT - top, class_="real")
    return element("g", hover, area if bar.real else "", target)


def _hover(bar: Bar) -> str:
    real = f"fewer than {K} rows" if bar.suppressed else "none" if bar.real is None else f"{bar.real:.1%}"
    return f"{bar.label}: real {real}, synthetic {bar.synthetic:.1%}"


def _step_line(lefts: Sequence[float], slot: float, heights: Sequence[float]) -> str:
    """Return the line over the bins; the open tails stand apart from it."""
    runs = [(0, 1), (1, len(lefts) - 1), (len(lefts) - 1, len(lefts))]
    path = []
    for start, end in runs:
        for place in range(start, end):
            first = "M" if place == start else "L"
            path.append(f"{first}{number(lefts[place])} {number(heights[place])}H{number(lefts[place] + slot)}")
    return element("path", d="".join(path), class_="synthetic line")


def _grid_share(top: float) -> float:
    """Return the largest of 1, 2, 5 x 10^k that is at most `top`."""
    steps = [factor * 10.0**power for power in range(-5, 1) for factor in (1, 2, 5)]
    return max([step for step in steps if step <= top], default=top)


def _grid_line(y: float, share: float) -> list[str]:
    label = f"{share:.0%}" if share >= 0.01 else f"{share:.3%}".rstrip("%").rstrip("0").rstrip(".") + "%"
    return [
        element("line", x1=0, x2=_WIDTH, y1=y, y2=y, class_="grid"),
        element("text", escape(label), x=_WIDTH, y=y - 3, class_="tick end over"),
    ]


def _ticks(edges: Sequence[str], lefts: Sequence[float]) -> list[str]:
    """Return labels of some edges, as many as fit; edge i stands left of bin i + 1."""
    room = max(len(edge) for edge in edges) * 6.2 + 14
    every = max(1, round(room / max(lefts[-1] / len(edges), 1) + 0.5))
    places = range((len(edges) - 1) % every // 2, len(edges), every)
    marks = []
    for place in places:
        x = lefts[place + 1]
        anchor = " end" if x > _WIDTH - room / 2 else "" if x < room / 2 else " middle"
        marks.append(element("line", x1=x, x2=x, y1=_PLOT_HEIGHT, y2=_PLOT_HEIGHT + 4, class_="axis"))
        marks.append(element("text", escape(edges[place]), x=x, y=_PLOT_HEIGHT + 15, class_=f"tick{anchor}"))
    return marks


def draw_levels(margin: Margin) -> str:
    """Return the bars of a category, most frequent first: real rows broad and grey, synthetic rows narrow on top.

    The scale is that of the named levels; a longer bar of all the others is cut short and marked so.
    """
    named = [bar for bar in margin.bars if bar.label != OTHERS]
    top = max(max(bar.real or 0.0, bar.synthetic) for bar in named) or 1.0
    parts = [element("text", "synth. %", x=_WIDTH, y=9, class_="tick end accent")]
    if any(bar.real is not None or bar.suppressed for bar in margin.bars):
        parts.append(element("text", "real %", x=_WIDTH - 50, y=9, class_="tick end"))
    parts += [_level(bar, top, 15 + place * _ROW) for place, bar in enumerate(margin.bars)]
    end = 16 + len(margin.bars) * _ROW
    parts.append(element("line", x1=_NAMES, x2=_NAMES, y1=14, y2=end, class_="axis"))
    return picture(
        parts, size=(_WIDTH, end + 4), title=f"Levels of {margin.name}", description=_tell(margin), class_="chart"
    )


def _level(bar: Bar, top: float, y: float) -> str:
    room = _WIDTH - _NAMES - _FIGURES
    real, made = (room * min(1.0, share / top) for share in (bar.real or 0.0, bar.synthetic))
    told = "<10 rows" if bar.suppressed else "" if bar.real is None else f"{100 * bar.real:.1f}"
    cut = f"M{number(_NAMES + room * 0.86)} {number(y + 17)}l5 -16"
    return element(
        "g",
        element("title", escape(_hover(bar))),
        element("text", escape(shorten(bar.label, 19)), x=_NAMES - 8, y=y + 12, class_="label end"),
        element("rect", x=_NAMES, y=y + 2, width=real, height=14, class_="real"),
        element("rect", x=_NAMES, y=y + 6.5, width=made, height=5, class_="synthetic fill"),
        element("path", d=cut, class_="cut") if max(bar.real or 0.0, bar.synthetic) > top else "",
        element("text", escape(told), x=_WIDTH - 50, y=y + 12.5, class_="figure end"),
        element("text", f"{100 * bar.synthetic:.1f}", x=_WIDTH, y=y + 12.5, class_="figure end"),
    )


def _tell(margin: Margin) -> str:
    """Return the picture in words, for those who cannot see it."""
    named = sorted(margin.bars, key=lambda bar: -bar.synthetic)[:3]
    largest = "; ".join(f"{bar.label}: real {bar.real or 0.0:.1%}, synthetic {bar.synthetic:.1%}" for bar in named)
    return f"Shares of rows, largest first. {largest}."


def draw_heatmap(
    names: Sequence[str], matrix: NDArray[np.float64], *, title: str, signed: bool = False, labelled: bool = False
) -> str:
    """Return a square of cells, one for each pair of columns, in eight steps of strength.

    matrix : (n, n) in [-1, 1]; coloured by size alone, or by size and sign where signed. Up to 20 columns each cell
    tells its value on hover; beyond, cells of one strength are one path, so that a hundred columns stay small.
    labelled : with the names of the columns beside the rows.
    """
    size, margin = 300.0, _LABEL_WIDTH if labelled else 0.0
    cell = size / max(len(names), 1)
    draw = _hover_cells if len(names) <= _HOVER_CELLS else _cell_paths
    cells = [element("rect", x=0, y=0, width=size, height=size, class_="h0"), *draw(names, matrix, cell, signed)]
    parts = [element("g", *cells, transform=f"translate({number(margin)})")]
    if labelled:
        parts += _row_labels(names, margin - 7, cell)
    told = f"{len(names)} columns against each other."
    return picture(parts, size=(margin + size, size), title=title, description=told, class_="heatmap")


def _row_labels(names: Sequence[str], x: float, cell: float) -> list[str]:
    height = min(12.0, cell * 0.95)
    look = {"class_": "label end", "style": f"font-size:{number(height)}px"}
    return [
        element("text", escape(shorten(name, 18)), x=x, y=(place + 0.5) * cell + height * 0.34, **look)
        for place, name in enumerate(names)
    ]


def _strength(value: float, signed: bool) -> str:
    """Return the class of a cell: h0 to h8; of a difference p or n and a step, magnified five times."""
    if not np.isfinite(value):
        return "hx"
    step = min(_CLASSES, round(abs(value) * _CLASSES * (5 if signed else 1)))
    return f"n{step}" if signed and value < 0 and step else f"{'p' if signed and step else 'h'}{step}"


def _hover_cells(names: Sequence[str], matrix: NDArray[np.float64], cell: float, signed: bool) -> list[str]:
    return [
        element(
            "rect",
            element(
                "title", escape(f"{names[row]} × {names[column]}: {matrix[row, column]:{'+' if signed else ''}.2f}")
            ),
            x=column * cell,
            y=row * cell,
            width=cell - 0.6,
            height=cell - 0.6,
            class_=_strength(float(matrix[row, column]), signed),
        )
        for row in range(len(names))
        for column in range(len(names))
    ]


def _cell_paths(names: Sequence[str], matrix: NDArray[np.float64], cell: float, signed: bool) -> list[str]:
    paths: dict[str, list[str]] = {}
    for row in range(len(names)):
        start = 0
        classes = [_strength(float(value), signed) for value in matrix[row]]
        for column in range(1, len(classes) + 1):
            if column == len(classes) or classes[column] != classes[start]:
                paths.setdefault(classes[start], []).append(f"M{start} {row}h{column - start}v1h-{column - start}z")
                start = column
    return [
        element("path", d="".join(cells), class_=name, transform=f"scale({cell:.4f})")
        for name, cells in sorted(paths.items())
        if name != "h0"
    ]


def draw_detection(score: Score) -> str:
    """Return a scale from 50 to 100: of 100 pairs of a real and a synthetic row, how many a trained judge tells apart.

    The score is 2 * (1 - AUC), and the AUC is the share of such pairs that are told right. A score of 1 stands for any
    AUC up to a half: the judge then is right no more often than a coin, which is all that is said.
    """
    width, left, middle = 430.0, 8.0, 26.0

    def x(right: float) -> float:
        return left + (min(max(right, 50.0), 100.0) - 50) / 50 * (width - 2 * left)

    right = 100 * (1 - (score.value or 0.0) / 2)
    parts = [element("line", x1=x(50), x2=x(100), y1=middle, y2=middle, class_="scale")]
    for tick in range(50, 101, 10):
        label = {50: "50, a coin", 100: "100, always"}.get(tick, str(tick))
        parts.append(element("line", x1=x(tick), x2=x(tick), y1=middle, y2=middle + 5, class_="scale"))
        anchor = " end" if tick == 100 else "" if tick == 50 else " middle"
        parts.append(element("text", label, x=x(tick), y=middle + 19, class_=f"tick{anchor}"))
    parts.append(element("line", x1=x(50), x2=x(right), y1=middle, y2=middle, class_="span"))
    if score.floor is not None:
        floor = x(100 * (1 - score.floor / 2))
        parts.append(element("path", d=f"M{number(floor)} {middle - 6}l6 6l-6 6l-6 -6z", class_="floor"))
    parts.append(element("circle", cx=x(right), cy=middle, r=6, class_="value"))
    anchor = " end" if right > 90 else "" if right < 60 else " middle"
    often = "no more often right than a coin" if right <= 50 else f"right {right:.0f} times in 100"
    parts.append(element("text", often, x=x(right), y=middle - 12, class_=f"label{anchor}"))
    told = f"A trained judge is {often}; a coin is 50 times."
    return picture(parts, size=(width, 50), title="Telling real from synthetic", description=told, class_="chart")


def draw_interval(score: Score, gate: Gate | None = None) -> str:
    """Return a score as a dot on its interval, its floor as a hollow diamond, where its gate warns and fails as shades.

    The scale is the score's own: only the places on it relative to each other mean something.
    """
    if score.value is None:
        return ""
    warn, fail = (
        (None, None) if gate is None else (find_bound(score, gate, gate.warn), find_bound(score, gate, gate.bound))
    )
    marks = [mark for mark in (score.value, score.low, score.high, score.floor, warn, fail) if mark is not None]
    low, high = min(marks), max(marks)
    width, middle = 150.0, 9.0

    def x(value: float) -> float:
        return width / 2 if high == low else 9 + (value - low) / (high - low) * (width - 18)

    parts = [element("line", x1=0, x2=width, y1=middle, y2=middle, class_="grid")]
    if gate is not None:
        parts += [
            _shade(x(bound), width, gate, name)
            for bound, name in ((warn, "warned"), (fail, "forbidden"))
            if bound is not None
        ]
    if score.low is not None and score.high is not None:
        parts.append(element("line", x1=x(score.low), x2=x(score.high), y1=middle, y2=middle, class_="span"))
    if score.floor is not None:
        parts.append(element("path", d=f"M{number(x(score.floor))} 3.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z", class_="floor"))
    parts.append(element("circle", cx=x(score.value), cy=middle, r=4, class_="value"))
    told = f"value {score.value:.3g}" + ("" if score.floor is None else f", floor {score.floor:.3g}")
    better = f"Further {'right' if score.better == 'higher' else 'left'} is better."
    return picture(parts, size=(width, 18), title=f"{score.name}: {told}", description=better, class_="interval")


def _shade(bound: float, width: float, gate: Gate, name: str) -> str:
    """Return the side of a bound that its gate does not want."""
    left, right = (0.0, bound) if gate.side == "at_least" else (bound, width)
    line = element("line", x1=bound, x2=bound, y1=1, y2=17, class_=f"{name} edge")
    return element("rect", x=left, y=2, width=right - left, height=14, class_=name) + line


def find_bound(score: Score, gate: Gate, bound: float | None) -> float | None:
    """Return where on the scale of a score a bound of its gate bites, chance allowed for; None for none."""
    if bound is None or not gate.of_floor:
        return bound
    if score.floor is None:
        return None
    chance = ALLOWANCE * (score.noise or 0.0)
    return score.floor + bound + (chance if gate.side == "at_most" else -chance)
