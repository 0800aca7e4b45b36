"""What a column of text is: numbers or dates in writing, yes and no, levels, keys, personal values, or free text."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from ._numbers import decimals_of
from .codes.family import rare_below
from .dates import TextDate, find_date_format, parse_dates
from .personal import detect_personal, words_in_order
from .schema import Column, Seen
from .tokens import is_prose

__all__ = ["infer_text", "named_like_key", "padded_width", "shape_of"]

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_WHOLE = r"^[+-]?\d+$"
_LOSSY = r"^[+-]?0\d|\d{16,}"
_CLOCK = r"^-?\d{1,3}:[0-5]\d(:[0-5]\d)?$"
_KEY_WORDS = frozenset({
    "id", "ids", "uid", "uuid", "guid", "key", "pk", "index", "idx", "rowid", "row", "no", "nr", "nummer", "number",
    "num", "serial", "code", "ref", "reference", "record", "case", "order", "ticket", "invoice", "account", "rownum",
})  # fmt: skip
_PLACES = frozenset({
    "plz", "postleitzahl", "zip", "zipcode", "postcode", "postalcode", "postal", "cap", "cep", "pincode", "codepostal",
})  # fmt: skip
_UUID = r"(?i)^\{?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\}?$"
_HEX = r"^([0-9a-f]{12,}|[0-9A-F]{12,})$"
_PAIRS = (
    {"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"0", "1"}, {"on", "off"}, {"ja", "nein"}, {"oui", "non"},
    {"si", "no"}, {"sí", "no"}, {"j", "n"}, {"1.0", "0.0"}, {"sim", "não"}, {"tak", "nie"}, {"да", "нет"},
)  # fmt: skip
_NEARLY = 0.98
_SHOWN = 0.25
"""Share of rows whose levels enough rows hold, below which a column of words has hardly a level to show."""
_PERSONAL_WORDS = {
    "email": "e-mail addresses", "phone": "phone numbers", "name": "names of people", "first_name": "first names",
    "last_name": "family names", "iban": "bank accounts (IBAN)", "card": "payment card numbers",
    "ssn": "national numbers", "passport": "passport numbers", "ip": "IP addresses", "mac": "hardware addresses",
    "url": "web addresses", "address": "postal addresses", "username": "user names",
}  # fmt: skip


def infer_text(column: Column, present: pl.Series) -> Column:
    """Return the column that texts hold; present : the values, at least two different ones, none missing.

    The tests run on the different values, from the narrowest meaning to the widest.
    """
    levels = present.unique(maintain_order=True)
    pair = {value.lower() for value in levels.head(3)}
    if len(levels) == 2 and pair in _PAIRS:
        return replace(column, kind="boolean", why="two levels that mean yes and no")
    number = _number(column, levels)
    if number:
        return number
    date = find_date_format(levels)
    if date:
        return _date(column, levels, date)
    if levels.str.contains(_CLOCK).all():
        return _duration(column, levels, present)
    personal = detect_personal(column.name, levels.head(2000).to_list())
    if personal:
        return _personal(column, levels, personal)
    return _padded(column, levels) or _mixed(column, levels) or _key(column, levels) or _words(column, levels, present)


def named_like_key(name: str) -> bool:
    """Whether a column's name says that it is a key.

    >>> named_like_key("customer_id"), named_like_key("orderId"), named_like_key("weight")
    (True, True, False)
    """
    words = words_in_order(name)
    by_word = bool(words) and (words[-1] in _KEY_WORDS or words[0] in ("id", "uuid", "key"))
    return bool(by_word or (words and re.search(r"[a-z]I[Dd]$", name)))


def padded_width(levels: pl.Series) -> int | None:
    """Return how many digits every value has; None if they differ, or some hold anything else than digits.

    >>> padded_width(pl.Series(["01067", "52993"])), padded_width(pl.Series(["1067", "52993"]))
    (5, None)
    """
    if not _glance(levels).str.contains(r"^\d{2,15}$").all() or not levels.str.contains(r"^\d{2,15}$").all():
        return None
    widths = levels.str.len_bytes().unique()
    return int(widths[0]) if len(widths) == 1 else None


def _padded(column: Column, levels: pl.Series) -> Column | None:
    """Digits of one width, some with leading zeros (postcodes): numbers, unless they are a key or a few levels."""
    width, seen = padded_width(levels), column.seen
    rows = seen.rows - seen.missing
    if width is None or seen.distinct * 10 <= rows or (rows < 100 and seen.distinct <= 10):
        return None
    is_place = bool({*words_in_order(column.name), "".join(words_in_order(column.name))} & _PLACES)
    unique = seen.distinct == rows or (_is_unique(seen) and named_like_key(column.name))
    if unique and not is_place:
        return None
    why = f"{len(levels):,} different numbers of {width} digits, leading zeros kept"
    seen = replace(seen, low=str(levels.min()), high=str(levels.max()))
    return replace(column, kind="integer", decimals=0, format="#" * width, seen=seen, why=why)


def _mixed(column: Column, levels: pl.Series) -> Column | None:
    """Numbers with words between them. Invented words for numbers would be the worst guess: levels keep both."""
    if float(_glance(levels).str.contains(_NUMBER).mean() or 0) < 0.4:  # type: ignore[arg-type]
        return None
    numbers = float(levels.str.contains(_NUMBER).mean() or 0)  # type: ignore[arg-type]
    if numbers < 0.5 or levels.str.contains(r"\d").all():
        return None
    why = f"numbers in {numbers:.0%} of the different values, words in the rest: kept as levels"
    return replace(column, kind="category", why=why)


def _glance(levels: pl.Series) -> pl.Series:
    """Return some of the values, evenly spread: what they rule out need not be tried on millions."""
    return levels.gather_every(max(1, len(levels) // 500))


def _number(column: Column, levels: pl.Series) -> Column | None:
    """Numbers held as text; codes with leading zeros or more digits than a float holds are none."""
    if not _glance(levels).str.contains(_NUMBER).all() or not levels.str.contains(_NUMBER).all():
        return None
    if levels.str.contains(_LOSSY).any():
        return None
    values = levels.cast(pl.Float64)
    whole = bool(levels.str.contains(_WHOLE).all())
    seen = replace(column.seen, low=_short(values.min()), high=_short(values.max()))
    decimals = 0 if whole else decimals_of(values)
    what = "whole numbers" if whole else "numbers"
    why = f"{len(levels):,} different {what} held as text"
    return replace(column, kind="integer" if whole else "real", decimals=decimals, seen=seen, why=why)


def _short(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _date(column: Column, levels: pl.Series, date: TextDate) -> Column:
    values = parse_dates(levels, date.format)
    what = "dates" if date.kind == "date" else "dates with a time of day"
    why = f"{what} written as {date.format}"
    if date.either_way:
        why += "; day and month could also be the other way round: change the format if they are"
    if date.stray:
        why += f"; {date.stray} of {len(levels):,} different values are none and count as missing"
    seen = replace(column.seen, low=str(values.min()), high=str(values.max()))
    zone = "UTC" if date.format.endswith(("Z", "UTC")) else None
    return replace(column, kind=date.kind, format=date.format, zone=zone, seen=seen, why=why)


def _duration(column: Column, levels: pl.Series, present: pl.Series) -> Column:
    """Hours and minutes, with seconds or without; a clock's time of day is a span since midnight."""
    seconds = levels.str.count_matches(":") == 2
    if seconds.any() and not seconds.all():
        return _words(column, levels, present)
    short = levels.str.contains(r"^-?\d:")
    padded = levels.str.contains(r"^-?0\d:").any()
    form = ("%-H" if short.any() and not padded else "%H") + (":%M:%S" if seconds.all() else ":%M")
    seen = replace(column.seen, low=str(levels.min()), high=str(levels.max()))
    return replace(column, kind="duration", format=form, seen=seen, why=f"times written as {form}")


def _personal(column: Column, levels: pl.Series, personal: str) -> Column:
    """Personal values of a key's shape are keys, other ones text; whichever, they are made up."""
    is_key = personal in ("iban", "card", "ssn", "passport") and _is_unique(column.seen)
    form = shape_of(levels) if is_key else None
    why = f"most values are {_PERSONAL_WORDS[personal]}: personal, will be made up"
    return replace(column, kind="identifier" if is_key else "text", personal=personal, format=form, why=why)


def _is_unique(seen: Seen) -> bool:
    return seen.distinct >= _NEARLY * (seen.rows - seen.missing)


def _key(column: Column, levels: pl.Series) -> Column | None:
    """Unique, of one build, with at most one space: a key."""
    seen = column.seen
    if not _is_unique(seen) or len(levels) < 3:
        return None
    how = "unique in every row" if seen.distinct == seen.rows - seen.missing else "almost unique"
    glance = _glance(levels)
    for form, pattern, what in (("uuid", _UUID, "a UUID"), ("hex", _HEX, "hexadecimal")):
        if glance.str.contains(pattern).all() and levels.str.contains(pattern).all():
            return replace(column, kind="identifier", format=form, why=f"{how} and {what}: a key")
    likely = shape_of(glance)
    if levels.str.len_chars().max() > 64 or (likely or "").count(" ") > 1:  # type: ignore[operator]
        return None
    shape = shape_of(levels) if likely else None
    if shape is not None and shape.count(" ") <= 1:
        return replace(column, kind="identifier", format=shape, why=f"{how} and follows the pattern {shape}: a key")
    if levels.str.contains(r"^\S*\d\S*$").mean() > 0.9:  # type: ignore[operator]
        return replace(column, kind="identifier", why=f"{how}, one word with digits: a key")
    return None


def shape_of(levels: pl.Series) -> str | None:
    """Return the commonest shape of the values if their shapes are alike: # a digit, A and a letters, the rest itself.

    Letters that all values begin with stand as they are. Words are no shape, but for short codes in capitals (ABC).

    >>> shape_of(pl.Series(["AB-0012", "AC-0113", "AD-0299"]))
    'AA-####'
    """
    shapes = levels.str.replace_all(r"\p{Lu}", "A").str.replace_all(r"\p{Ll}", "a").str.replace_all(r"\p{Nd}", "#")
    shape, count = shapes.rename("shape").value_counts(sort=True, parallel=False).row(0)
    # Numbers of growing length (A-1 ... A-100) are one shape; so the lengths of the digits are left open.
    loose = shapes.str.replace_all(r"#+", "#").rename("shape").value_counts(sort=True, parallel=False).row(0)[1]
    is_code = "#" in shape or re.fullmatch(r"A{2,5}", shape)
    if loose < 0.9 * len(levels) or not is_code or count < 0.05 * len(levels):
        return None
    return _with_prefix(levels.filter(shapes == shape), shape)


def _with_prefix(values: pl.Series, shape: str) -> str:
    """Keep letters that all values share (a prefix such as "INV-"), which tell nothing of a single row."""
    low, high = str(values.min()), str(values.max())
    common = 0
    while common < len(shape) and low[common] == high[common]:
        common += 1
    prefix = re.match(r"[^\d]*", low[:common])
    length = len(prefix[0]) if prefix else 0
    if len(values) < 20:  # too few to call what they share a rule
        length = 0 if len(values) < 3 else length
    return low[:length] + shape[length:]


def _words(column: Column, levels: pl.Series, present: pl.Series) -> Column:
    """Levels or free text: by how often values repeat, how long they are, and how many rows hold levels to be shown."""
    seen = column.seen
    rows = seen.rows - seen.missing
    share = seen.distinct / rows
    words = float((levels.str.count_matches(r"\s+") + 1).mean() or 1)  # type: ignore[arg-type]
    length = float(levels.str.len_chars().mean() or 0)  # type: ignore[arg-type]
    long = words >= 5 or length >= 40
    often = present.rename("level").value_counts(name="rows")["rows"]
    floor = rare_below(seen.rows)
    hidden = float(often.filter(often >= floor).sum()) < _SHOWN * rows
    if share < 0.8 and hidden and not long:
        why = f"most of its {seen.distinct:,} levels are held by fewer than {floor} rows: will be made up"
        return replace(column, kind="text", why=why)
    if (share <= 0.5 and not (long and share > 0.2)) or (rows < 100 and seen.distinct <= 10 and share <= 0.7):
        return replace(column, kind="category", why=f"{seen.distinct:,} levels in {rows:,} rows: values repeat")
    if long:
        why = f"long texts ({words:.0f} words on average), mostly different: free text, will be made up"
        return replace(column, kind="text", why=why)
    if share < 0.8:
        return replace(column, kind="category", why=f"{seen.distinct:,} levels in {rows:,} rows: some repeat")
    what = "words" if is_prose(levels) else "codes"
    return replace(column, kind="text", why=f"{what} that are different in almost every row: will be made up")
