"""The curve of one sign of collapse over the generations, with the band of what fresh real rows show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .svg import element, number, picture

__all__ = ["Curve", "draw_curve"]

_WIDTH, _HEIGHT, _LEFT, _TOP = 336.0, 150.0, 38.0, 10.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A sign over the generations 1, 2, ...

    values : one per generation, None where it was not measured. low, high, floor : the band of fresh real rows.
    warned, fallen : generations (from 1) below the band, and fallen against the one before. alarm : of the collapse.
    """

    title: str
    values: Sequence[float | None]
    floor: float
    low: float
    high: float
    warned: Sequence[int] = ()
    fallen: Sequence[int] = ()
    alarm: int | None = None


def draw_curve(curve: Curve) -> str:
    """Return the curve: a band for the floor, a line with a dot a generation, an upright line at the alarm.

    Dots below the band are hollow; a fall is a small wedge under its dot: form tells them apart, not colour alone.
    """
    known = [value for value in curve.values if value is not None]
    start, stop, marks = _scale([*known, curve.low, curve.high])
    bottom = _HEIGHT - 20

    def x(generation: float) -> float:
        return _LEFT + 12 + (generation - 1) * (_WIDTH - _LEFT - 24) / max(len(curve.values) - 1, 1)

    def y(value: float) -> float:
        return _TOP + (bottom - _TOP) * (stop - value) / (stop - start)

    band = element(
        "rect", x=_LEFT, y=y(curve.high), width=_WIDTH - _LEFT, height=max(2.0, y(curve.low) - y(curve.high))
    )
    parts = [band.replace("<rect", '<rect class="real"'), _line(_LEFT, _WIDTH, y(curve.floor), "floorline")]
    for value in marks:
        parts += [
            _line(_LEFT, _WIDTH, y(value), "grid"),
            element("text", f"{value:.4g}", x=_LEFT - 5, y=y(value) + 4, class_="tick end"),
        ]
    if curve.alarm is not None:
        place = x(curve.alarm)
        parts.append(element("line", x1=place, x2=place, y1=_TOP, y2=bottom, class_="forbidden edge"))
    points = [(place, value) for place, value in enumerate(curve.values, 1) if value is not None]
    path = "".join(f"{'L' if i else 'M'}{number(x(g))} {number(y(v))}" for i, (g, v) in enumerate(points))
    parts.append(element("path", d=path, class_="synthetic line"))
    parts += [_dot(curve, generation, x(generation), y(value), value) for generation, value in points]
    parts += [element("text", str(g), x=x(g), y=_HEIGHT - 5, class_="tick middle") for g in _ticks(len(curve.values))]
    return picture(parts, size=(_WIDTH, _HEIGHT), title=curve.title, description=_tell(curve), class_="chart")


def _line(left: float, right: float, y: float, name: str) -> str:
    return element("line", x1=left, x2=right, y1=y, y2=y, class_=name)


def _dot(curve: Curve, generation: int, x: float, y: float, value: float) -> str:
    below, fell = generation in curve.warned, generation in curve.fallen
    told = (
        f"generation {generation}: {value:.3g}" + (", beyond the floor" if below else "") + (", fell" if fell else "")
    )
    wedge = element("path", d=f"M{number(x - 4)} {number(y + 7)}h8l-4 6z", class_="wedge") if fell else ""
    return element(
        "g",
        element("title", escape(told)),
        wedge,
        element("circle", cx=x, cy=y, r=4 if below else 3.5, class_="hollow" if below else "value"),
    )


def _scale(values: Sequence[float]) -> tuple[float, float, list[float]]:
    """Return the ends of a scale that holds the values, and its round marks: at most five, steps of 1, 2, 5 x 10^k."""
    low, high = min(values), max(values)
    span = max(high - low, 0.004)
    step = min(
        (factor * 10.0**power for power in range(-4, 5) for factor in (1, 2, 5)), key=lambda s: (span / s > 3.2, s)
    )
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return first * step, last * step, [place * step for place in range(first, last + 1)]


def _ticks(count: int) -> list[int]:
    step = max(1, -(-count // 12))
    return list(range(1, count + 1, step))


def _tell(curve: Curve) -> str:
    known = [value for value in curve.values if value is not None]
    if not known:
        return "Not measured."
    return f"From {known[0]:.3g} to {known[-1]:.3g}; fresh real rows {curve.floor:.3g}."
