"""What a text file is made of: its encoding, its separator, its quotes. Looks at a sample, decodes the whole."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError

__all__ = ["Dialect", "decode", "read_bytes", "sniff"]

_SAMPLE = 1 << 16
_SEPARATORS = (",", ";", "\t", "|")
_NO_SEPARATOR = "\x1f"  # ASCII's own, never typed: a file of one column


_NUMBER = re.compile(r"[+-]?\d*\.?\d+([eE][+-]?\d+)?$")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields are told apart: separator and quote, one ASCII character each."""

    separator: str
    quote: str = '"'


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes, unpacked if they are gzip (by content, not by name); DataError if it cannot be read."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError("the file does not exist", where=str(path), hint="check the path") from None
    except OSError as error:
        hint = "check its permissions"
        raise DataError(f"the file cannot be read ({error.strerror})", where=str(path), hint=hint) from error
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        hint = "it may be cut short: copy or download it again"
        raise DataError(f"the gzip file is broken ({error})", where=str(path), hint=hint) from error


def decode(content: bytes, where: str) -> tuple[bytes, tuple[str, ...]]:
    """Return `content` as UTF-8 with line ends that hold a newline, and notes on what had to be assumed.

    Known: UTF-8 with and without BOM, UTF-16 with and without BOM, Windows-1252. Raises DataError for other bytes.
    """
    notes: tuple[str, ...] = ()
    if content.startswith(codecs.BOM_UTF8):
        content = content[3:]
    utf16 = _utf16_of(content)
    if utf16:
        content = _from_utf16(content, utf16, where)
        notes = ("the file is UTF-16: read as such",)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        content = _from_windows(content, error, where)
        notes = ("the file is not UTF-8: read as Windows-1252 (Latin-1)",)
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise DataError(f"line {line} holds a zero byte: this is not a text file", where=where, hint=_HINT_ENCODING)
    if b"\r" in content and b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return content, notes


_HINT_ENCODING = "save it as UTF-8, or give Parquet"


def _utf16_of(content: bytes) -> str | None:
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    # Without a BOM, Latin letters show: every second byte is zero.
    sample = content[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(sample) >= 4 and max(even, odd) > 0.35 * len(sample) and min(even, odd) < 0.02 * len(sample):
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def _from_utf16(content: bytes, name: str, where: str) -> bytes:
    try:
        return content.decode(name).encode("utf-8")
    except UnicodeDecodeError as error:
        seen = f"it begins as UTF-16 but byte {error.start} is not"
        raise DataError(seen, where=where, hint=_HINT_ENCODING) from error


def _from_windows(content: bytes, error: UnicodeDecodeError, where: str) -> bytes:
    line = content[: error.start].count(b"\n") + 1
    byte = f"0x{content[error.start]:02x}"
    # Letters beyond ASCII that are well-formed UTF-8 are no accident: then the file is UTF-8 with damage in it.
    lenient = content.decode("utf-8", errors="replace")
    broken = lenient.count("\ufffd")
    if sum(ord(char) > 127 for char in lenient[: 16 * _SAMPLE]) > 3 * broken:
        seen = f"the file is UTF-8, but line {line} holds the byte {byte}, which is not"
        raise DataError(seen, where=where, hint="mend that line, or save the whole file as UTF-8")
    try:
        return content.decode("cp1252").encode("utf-8")
    except UnicodeDecodeError as worse:
        line = content[: worse.start].count(b"\n") + 1
        seen = f"line {line} holds the byte 0x{content[worse.start]:02x}, which is neither UTF-8 nor Windows-1252"
        raise DataError(seen, where=where, hint=_HINT_ENCODING) from error


def sniff(content: bytes, prefer: str | None = None) -> Dialect:
    """Return the separator and quote that cut the first lines into equally many fields.

    A file in which no separator does that has one column. `prefer` is taken if it fits as well as another.

    >>> sniff(b"a;b\\n1,5;2,5\\n"), sniff(b"remark\\nyes, well\\n").separator
    (Dialect(separator=';', quote='"'), '\\x1f')
    """
    sample = content[:_SAMPLE].decode("utf-8", errors="ignore")
    if len(content) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    quote = "'" if _single_quoted(sample) else '"'
    best, best_score = _NO_SEPARATOR, (0.0, 0)
    for separator in sorted(_SEPARATORS, key=lambda s: s != prefer):
        widths = [len(row) for row in _rows(sample, separator, quote)]
        if not widths or widths[0] < 2:
            continue
        # Rows that agree with the header count; failing that, rows that agree with each other: the header is then
        # wrong, and saying so is better than reading whole lines as one column.
        common, count = Counter(widths[1:] or widths).most_common(1)[0]
        share = Counter(widths)[widths[0]] / len(widths)
        if common == widths[0] + 1 and count == len(widths) - 1:  # R leaves the row names' column without a name
            share = 1.0
        elif share < 0.5:
            share = 0.4 if common > 1 and count >= 0.9 * (len(widths) - 1) else 0.0
        score = (round(share, 1), widths[0])
        if share and score > best_score:
            best, best_score = separator, score
    if best == _NO_SEPARATOR and _is_spaced(sample, quote):
        best = " "
    return Dialect(best, quote)


def _rows(sample: str, separator: str, quote: str) -> list[list[str]]:
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator, quotechar=quote, skipinitialspace=True)
    try:
        return [row for row in rows if row]
    except csv.Error:  # a field beyond csv's limit: not the separator
        return []


def _is_spaced(sample: str, quote: str) -> bool:
    """Whether single spaces part at least three columns, mostly of numbers: words are parted by spaces, too."""
    rows = _rows(sample, " ", quote)
    if len(rows) < 2 or len(rows[0]) < 3 or {len(row) for row in rows} != {len(rows[0])}:
        return False
    cells = [cell for row in rows[1:] for cell in row]
    return sum(bool(_NUMBER.match(cell)) for cell in cells) > 0.5 * len(cells)


def _single_quoted(sample: str) -> bool:
    if '"' in sample:
        return False
    pairs = sum(sample.count(f"'{separator}'") for separator in _SEPARATORS)
    return pairs > 0 and pairs >= sample.count("\n") / 2
