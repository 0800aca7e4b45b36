"""A picture of what each column was learned from: one line a column, so that a hundred can be read as well as ten."""

from __future__ import annotations

from html import escape

import numpy as np

from ..generate.dependencies import Dependencies
from .svg import element, picture, shorten

__all__ = ["draw_links"]

_ROW, _NAMES, _WIDTH = 24.0, 150.0, 780.0
_MOST_SOURCES = 4
_LEAST = 0.08
"""A source with a smaller share of what was learned is one of "others"."""
_LETTER = 6.4


def draw_links(found: Dependencies) -> str:
    """Return a bar for each column in the order of the table, its parts the columns it was learned from, largest first.

    Shares are rounded to whole percents. A column that a rule computes has a line in the place of a bar.
    """
    lines = [_line(found, place, place * _ROW) for place in range(len(found.names))]
    told = f"{len(found.names)} columns, each with the columns it was learned from."
    size = (_WIDTH, max(1, len(lines)) * _ROW)
    return picture(lines, size=size, title="What columns were learned from", description=told, class_="links")


def _line(found: Dependencies, place: int, y: float) -> str:
    name = found.names[place]
    label = element("text", escape(shorten(name, 22)), x=_NAMES - 10, y=y + 15.5, class_="label end")
    if name in found.computed:
        text = f"computed from {', '.join(found.computed[name])}"
        return element("g", element("title", escape(f"{name}: {text}")), label, _words(text, y))
    sources = _sources(found, place)
    if not sources:
        return element("g", label, _words("by itself", y))
    told = ", ".join(f"{source} {share:.0%}" for source, share in sources)
    parts, left = [], _NAMES
    for rank, (source, share) in enumerate(sources):
        width = share * (_WIDTH - _NAMES)
        look = "rest" if source == "others" else f"link{min(rank, 3)}"
        parts.append(element("rect", x=left, y=y + 3, width=max(width - 1.5, 0.5), height=_ROW - 6, class_=look))
        letters = int((width - 12) / _LETTER)
        if letters >= 3:
            text = escape(shorten(source, letters))
            parts.append(element("text", text, x=left + 6, y=y + 16, class_=f"inside {look}"))
        left += width
    return element("g", element("title", escape(f"{name}: {told}")), label, *parts)


def _words(text: str, y: float) -> str:
    letters = int((_WIDTH - _NAMES) / _LETTER)
    return element("text", escape(shorten(text, letters)), x=_NAMES + 6, y=y + 15.5, class_="tick")


def _sources(found: Dependencies, place: int) -> list[tuple[str, float]]:
    """Return (column, share) of what most was learned from, and of all the others together; [] for nothing."""
    shares = found.shares[:, place]
    if not shares.sum():
        return []
    order = np.argsort(-shares, kind="stable")[:_MOST_SOURCES]
    named = [(found.names[k], round(float(shares[k]), 2)) for k in order if shares[k] >= _LEAST]
    rest = round(1.0 - sum(share for _, share in named), 2)
    return [*named, ("others", rest)] if rest > 0 else named
