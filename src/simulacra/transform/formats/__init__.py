"""Formats with both directions, `parse(render(x)) == x`: records, numbers, dates, quantities, names, marked-up text."""

from .families import FORMATS, Format

__all__ = ["FORMATS", "Format"]
