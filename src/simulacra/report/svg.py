"""Inline SVG: elements as escaped text.

Colours come from the page's style sheet by class, so that they follow light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["element", "number", "picture", "shorten"]


def number(value: float) -> str:
    """Return a coordinate with one decimal at most.

    >>> number(3.0), number(2.345)
    ('3', '2.3')
    """
    return (
        f"{value:.1f}".removesuffix(".0").replace("-0", "0") if abs(value) < 0.05 else f"{value:.1f}".removesuffix(".0")
    )


def element(name: str, *children: str, **attributes: str | float) -> str:
    """Return one element; attribute names lose a trailing underscore and write inner ones as hyphens.

    Children are markup that is already escaped; attributes are escaped here.

    >>> element("rect", x=1.25, class_="real")
    '<rect x="1.2" class="real"/>'
    >>> element("g", escape("<b>"), style='"><b>')
    '<g style="&quot;&gt;&lt;b&gt;">&lt;b&gt;</g>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{number(value) if isinstance(value, int | float) else escape(value)}"'
        for key, value in attributes.items()
    )
    inside = "".join(children)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def picture(parts: Iterable[str], *, size: tuple[float, float], title: str, description: str, class_: str) -> str:
    """Return a whole SVG of `size` user units that scales with its place and can be read aloud."""
    return element(
        "svg",
        element("title", escape(title)),
        element("desc", escape(description)),
        *parts,
        viewBox=f"0 0 {number(size[0])} {number(size[1])}",
        role="img",
        class_=class_,
    )


def shorten(text: str, length: int) -> str:
    """Return text cut to length with an ellipsis.

    >>> shorten("Married-civ-spouse", 10)
    'Married-c…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"
