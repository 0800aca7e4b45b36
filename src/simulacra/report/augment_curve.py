"""The learning curve of an augmentation's report: the metric by real rows, and what augmenting all of them reaches."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .svg import element, number, picture

__all__ = ["draw_learning"]

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 336.0, 150.0, 44.0, 12.0, 128.0


def draw_learning(curve: Sequence[tuple[int, float]], reached: float | None, metric: str) -> str:
    """Return the curve as SVG: a dot for each number of real rows, on a scale of doublings.

    curve : (real rows, metric), by rows. reached : the metric of all rows with the chosen augmentation, a hollow dot;
    None if none was chosen. "" for fewer than two points.
    """
    if len(curve) < 2:
        return ""
    values = [value for _, value in curve] + ([] if reached is None else [reached])
    low, high = min(values), max(values)
    space = max(0.1 * (high - low), 0.005)
    low, high = low - space, high + space
    first, last = math.log2(curve[0][0]), math.log2(curve[-1][0])

    def x(rows: int) -> float:
        return _LEFT + 14 + (math.log2(rows) - first) / max(last - first, 1e-9) * (_WIDTH - _LEFT - 34)

    def y(value: float) -> float:
        return _TOP + (high - value) / (high - low) * (_BOTTOM - _TOP)

    parts = []
    for value in (min(values), max(values)):
        parts.append(element("line", x1=_LEFT, x2=_WIDTH, y1=y(value), y2=y(value), class_="grid"))
        parts.append(element("text", f"{value:.3f}", x=_LEFT - 5, y=y(value) + 4, class_="tick end"))
    path = "".join(f"{'L' if place else 'M'}{number(x(n))} {number(y(v))}" for place, (n, v) in enumerate(curve))
    parts.append(element("path", d=path, class_="synthetic line"))
    for rows, value in curve:
        told = element("title", f"{rows} real rows: {value:.3f}")
        parts.append(element("g", told, element("circle", cx=x(rows), cy=y(value), r=3.5, class_="value")))
        parts.append(element("text", str(rows), x=x(rows), y=_HEIGHT - 5, class_="tick middle"))
    if reached is not None:
        told = element("title", f"{curve[-1][0]} real rows and variants: {reached:.3f}")
        parts.append(element("g", told, element("circle", cx=x(curve[-1][0]), cy=y(reached), r=4, class_="hollow")))
    said = f"{metric} from {curve[0][1]:.3f} with {curve[0][0]} real rows to {curve[-1][1]:.3f} with {curve[-1][0]}"
    return picture(parts, size=(_WIDTH, _HEIGHT), title="Learning curve", description=said, class_="chart")
