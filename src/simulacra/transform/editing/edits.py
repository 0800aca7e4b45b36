"""An edit replaces characters [start, end) of a text; from a list of them follow the new text and the moved spans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...contracts.rows import Span
from ...errors import UserError

__all__ = ["Edit", "apply_edits", "ordered_edits"]


class Edit(NamedTuple):
    """Put `text` in place of characters [start, end). start == end inserts."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[Edit], spans: Sequence[Span] = ()) -> tuple[str, tuple[Span, ...]]:
    """Return the edited text and the spans where they now are. Characters outside the edits stay as they were.

    A span's border that lies inside a replaced part moves to that part's outer edge, so a span never loses what it
    named. What is inserted right at a border lies outside the span.

    Errors: UserError if edits overlap, or reach beyond the text.

    >>> apply_edits("I live in Bonn.", [Edit(2, 6, "dwell")], [Span(10, 14, "place")])
    ('I dwell in Bonn.', (Span(start=11, end=15, name='place'),))
    """
    edits = ordered_edits(text, edits)
    parts: list[str] = []
    at = 0
    for start, end, new in edits:
        parts += (text[at:start], new)
        at = end
    parts.append(text[at:])
    return "".join(parts), tuple(_moved(span, edits) for span in spans)


def ordered_edits(text: str, edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits by place; UserError if they overlap or reach beyond the text."""
    edits = sorted(edits, key=lambda edit: (edit.start, edit.end))  # insertions at one place stay in order
    at = 0
    for start, end, _ in edits:
        if start < at or end < start or end > len(text):
            hint = f"each lies in [0, {len(text)}] and starts where the one before has ended, or later"
            raise UserError(f"an edit of characters {start} to {end} does not fit", hint=hint)
        at = end
    return edits


def _moved(span: Span, edits: Sequence[Edit]) -> Span:
    shift, start, end = 0, None, None
    for begin, stop, new in edits:
        empty = begin == stop
        if start is None and (begin > span.start or (stop > span.start and not empty)):
            # The first edit that reaches past the span's beginning: the beginning is before it, or at its edge.
            start = min(span.start, begin) + shift
        if begin >= span.end:
            end = span.end + shift
            break
        shift += len(new) - (stop - begin)
        if stop > span.end:
            end = stop + shift
            break
    start = span.start + shift if start is None else start
    end = span.end + shift if end is None else end
    return Span(start, max(start, end), span.name)
