"""Delimited text to a frame of strings: header, ragged rows, blank lines. No loop over cells."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from ..errors import DataError
from ._sniff import Dialect, decode, sniff
from .frames import check_referable

__all__ = ["read_delimited"]

_CHUNK = 1 << 23
_ONE_HEADER = "give a table with a header and rows"


def read_delimited(content: bytes, where: str, prefer: str | None = None) -> tuple[pl.DataFrame, Dialect, list[str]]:
    """Return a frame of strings (missing fields null), the dialect, and notes.

    Raises DataError: empty, header only, duplicate names, ragged rows with their line, bytes of no known encoding.
    """
    content, decoded = decode(content, where)
    notes = list(decoded)
    content, first_line, separator = _skip_preamble(content)
    if not content or content.isspace():
        raise DataError("the file is empty", where=where, hint=_ONE_HEADER)
    dialect = Dialect(separator) if separator else sniff(content, prefer)
    header, start, lines = _header(content, dialect)
    body = content[start:]
    if not body or body.isspace():
        raise DataError("there is a header and not one row", where=where, hint=_ONE_HEADER)
    fields = _count_fields(body, dialect)
    keep = fields > 0 if len(header) > 1 else np.append(np.ones(len(fields) - 1, bool), fields[-1] > 0)
    names, width = _names(header, fields[keep], notes)
    _refuse_duplicates(names, where, first_line)
    ragged = (keep & (fields != width) & (fields > 0)).any()
    frame = None if ragged else _parse(body, dialect, width, len(fields))
    if frame is None:
        frame = _parse_slowly(body, dialect, width, (where, first_line + lines))
    elif not keep.all():
        frame = frame.filter(pl.Series(keep))
    return _name_columns(frame, names, notes, where), dialect, notes


def _skip_preamble(content: bytes) -> tuple[bytes, int, str | None]:
    """Drop blank lines before the header and Excel's "sep=;"; return the rest, its line number, the separator."""
    rest = content.lstrip(b"\r\n")
    line = content[: len(content) - len(rest)].count(b"\n") + 1
    if rest[:4].lower() == b"sep=" and rest[5:6] in (b"\r", b"\n"):
        return rest[5:].lstrip(b"\r\n"), line + 1, chr(rest[4])
    return rest, line, None


def _header(content: bytes, dialect: Dialect) -> tuple[list[str], int, int]:
    """Return the names, the offset of the first row, and the lines the header takes."""
    text = io.StringIO(content[: 1 << 22].decode("utf-8", errors="ignore"), newline="")
    reader = csv.reader(text, delimiter=dialect.separator, quotechar=dialect.quote, skipinitialspace=True)
    names = [name.strip() for name in next(reader)]
    start = 0
    for _ in range(reader.line_num):
        start = content.find(b"\n", start) + 1 or len(content)
    return names, start, reader.line_num


def _names(header: list[str], fields: npt.NDArray[np.int64], notes: list[str]) -> tuple[list[str], int]:
    """Return the column names and the number of fields a row must have."""
    if len(fields) and (fields == len(header) + 1).all():
        notes.append("the header has one name less than the rows have fields: the first column is called 'row'")
        return ["row", *header], len(header) + 1
    numbers = sum(_is_number(name) for name in header)
    if numbers >= max(1, len(header) / 4) and len(set(header)) == len(header):
        notes.append(f"{numbers} of {len(header)} column names are numbers: if the file has no header line, add one")
    return header, len(header)


def _refuse_duplicates(names: Sequence[str], where: str, line: int) -> None:
    double = [name for name, count in Counter(names).items() if count > 1 and name]
    if not double:
        return
    places = [f"{name!r} (columns {_list(i for i, n in enumerate(names, 1) if n == name)})" for name in double[:5]]
    more = f" and {len(double) - 5} more" if len(double) > 5 else ""
    hint = "give every column its own name"
    if sum(_is_number(name) for name in names) > len(names) / 4:
        hint = "if the file has no header line, add one"
    raise DataError(f"line {line}: column names stand twice: {', '.join(places)}{more}", where=where, hint=hint)


def _list(numbers: Iterable[int]) -> str:
    known = [str(number) for number in numbers]
    return " and ".join(known) if len(known) < 4 else f"{', '.join(known[:3])}, ..."


def _count_fields(body: bytes, dialect: Dialect) -> npt.NDArray[np.int64]:
    """Return the number of fields of each record, 0 for a blank line.

    A byte is inside quotes where the number of quotes before it is odd: true for doubled quotes as well.
    """
    data = np.frombuffer(body if body.endswith(b"\n") else body + b"\n", np.uint8)
    quoted = dialect.quote.encode() in body
    before, ends = [], []
    inside, separators = False, 0
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        newline, separator = chunk == 10, chunk == ord(dialect.separator)
        if quoted:
            closed = ~(np.logical_xor.accumulate(chunk == ord(dialect.quote)) ^ inside)
            inside = not closed[-1]
            newline, separator = newline & closed, separator & closed
        at = np.flatnonzero(newline)
        before.append(np.searchsorted(np.flatnonzero(separator), at) + separators)
        ends.append(at + start)
        separators += int(separator.sum())
    if inside:  # the last quote is never closed: what follows it is one record
        before.append(np.array([separators]))
        ends.append(np.array([len(data) - 1]))
    end = np.concatenate(ends)
    start_of = np.concatenate(([0], end[:-1] + 1))
    length = end - start_of
    blank = (length == 0) | ((length == 1) & (data[start_of] == 13))
    return np.where(blank, 0, np.diff(np.concatenate(before), prepend=0) + 1)


def _parse(body: bytes, dialect: Dialect, width: int, records: int) -> pl.DataFrame | None:
    """Return the body as strings; None if the fast reader takes its quotes amiss."""
    schema = {str(i): pl.String for i in range(width)}
    try:
        frame = pl.read_csv(
            body,
            has_header=False,
            schema=schema,
            separator=dialect.separator,
            quote_char=dialect.quote if dialect.quote.encode() in body else None,
        )
    except pl.exceptions.PolarsError:
        return None
    return frame if frame.height == records else None


def _parse_slowly(body: bytes, dialect: Dialect, width: int, place: tuple[str, int]) -> pl.DataFrame:
    """Return the body read leniently (spaces before quotes, stray quotes); DataError with the line of a ragged row."""
    where, line = place
    text = io.StringIO(body.decode("utf-8"), newline="")
    reader = csv.reader(text, delimiter=dialect.separator, quotechar=dialect.quote, skipinitialspace=True)
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 30))
    rows, before, last = [], 0, 0
    for row in reader:
        if row and len(row) != width:
            fields = f"{len(row)} field{'s' if len(row) != 1 else ''}"
            seen = f"line {line + before} has {fields}, the header has {width}"
            hint = "mend that line; a field that holds the separator must stand in quotes"
            if reader.line_num - before > 1:
                hint = f"look for a quote in line {line + before} that is never closed"
            raise DataError(seen, where=where, hint=hint)
        if row or width == 1:
            rows.append(row or [""])
        last, before = before, reader.line_num
    if before - last > 1 and not body.rstrip().endswith(dialect.quote.encode()):
        seen = f"a quote that opens in line {line + last} is never closed"
        raise DataError(seen, where=where, hint="close it, or double it if it belongs to the text")
    schema = {str(i): pl.String for i in range(width)}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.all().replace("", None))


def _name_columns(frame: pl.DataFrame, names: list[str], notes: list[str], where: str) -> pl.DataFrame:
    """Give columns their names; nameless ones are dropped when empty, else called by their place."""
    taken, final, drop = set(names), [], []
    for place, (name, column) in enumerate(zip(names, frame.columns, strict=True), 1):
        if not name and frame[column].null_count() == frame.height:
            drop.append(column)
            continue
        if not name:
            name = f"column_{place}"
            while name in taken:
                name += "_"
            notes.append(f"column {place} has no name: it is called {name!r}")
        taken.add(name)
        final.append(name)
    frame = frame.drop(drop)
    check_referable(final, where=where)
    frame.columns = final
    return frame


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
