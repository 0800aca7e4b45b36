"""A record as JSON, YAML, a CSV row under its header, a Markdown table, key: value lines, or sentences."""

from __future__ import annotations

import csv
import io
import json
import re

from ...errors import DataError
from .scalar import Row, Scalar, check_row, parse_scalar, render_scalar

__all__ = ["RECORD_FORMATS", "parse_sentences", "render_sentences"]


def _render_json(row: Row) -> str:
    return json.dumps(check_row(row), ensure_ascii=False)


def _parse_json(text: str) -> Row:
    try:
        return _mapping(json.loads(text))
    except ValueError as error:
        raise DataError(f"this is not JSON: {error}", hint="give one JSON object") from error


def _render_yaml(row: Row) -> str:
    import yaml

    return yaml.safe_dump(check_row(row), allow_unicode=True, sort_keys=False, width=10**9)


def _parse_yaml(text: str) -> Row:
    import yaml

    try:
        return _mapping(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise DataError(f"this is not YAML: {error}", hint="give one mapping") from error


def _mapping(value: object) -> Row:
    if not isinstance(value, dict) or any(isinstance(one, dict | list) for one in value.values()):
        raise DataError("this is not one record", hint="give one mapping of names to single values")
    return {str(name): one for name, one in value.items()}


def _render_csv(row: Row) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([list(check_row(row)), [render_scalar(value) for value in row.values()]])
    return out.getvalue()


def _parse_csv(text: str) -> Row:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise DataError(f"this is not CSV: {error}", hint="give a header and one row") from error
    if len(lines) != 2:
        raise DataError(f"there are {len(lines)} lines of cells", hint="give a header and one row")
    return _zipped(lines[0], [parse_scalar(cell) for cell in lines[1]])


def _zipped(names: list[str], values: list[Scalar]) -> Row:
    if len(names) != len(values) or len(set(names)) != len(names):
        raise DataError(f"{len(names)} names and {len(values)} values do not fit", hint="give each name once")
    return dict(zip(names, values, strict=True))


def _cell(value: Scalar) -> str:
    return render_scalar(value).replace("\\", "\\\\").replace("|", "\\|")


def _render_markdown(row: Row) -> str:
    head, cells = ([_cell(value) for value in part] for part in (check_row(row), row.values()))
    lines = (head, ["---"] * len(row), cells)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _parse_markdown(text: str) -> Row:
    lines = text.strip("\n").split("\n")
    if len(lines) != 3 or not all(line.startswith("| ") and line.endswith(" |") for line in lines):
        raise DataError("this is not a Markdown table of one row", hint="give a header, a rule and one row")
    head, cells = ([_uncell(cell) for cell in line[2:-2].split(" | ")] for line in lines[::2])
    return _zipped([str(name) for name in head], cells)


def _uncell(cell: str) -> Scalar:
    return parse_scalar(re.sub(r"\\([\\|])", r"\1", cell))


def _render_lines(row: Row) -> str:
    return "".join(f"{render_scalar(name)}: {render_scalar(value)}\n" for name, value in check_row(row).items())


_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(rf"(?P<name>{_QUOTED}|[^\":\n]+): (?P<value>[^\n]+)\n")


def _parse_lines(text: str) -> Row:
    names, values, at = [], [], 0
    while at < len(text):
        found = _LINE.match(text, at)
        if found is None:
            raise DataError(f"{text[at : at + 40]!r} is no line of name: value", hint="give one pair a line")
        names.append(str(parse_scalar(found["name"])))
        values.append(parse_scalar(found["value"]))
        at = found.end()
    return _zipped(names, values)


_OPENINGS = ("The {name} is {value}", "Its {name} is {value}")
_VALUE = rf"(?:{_QUOTED}|[^\".;\n]+?|-?\d[\d.eE+-]*)"
_SENTENCE = re.compile(rf"(?:The|Its) (?P<name>{_QUOTED}|[^\".;\n]+?) is (?P<value>{_VALUE})(?:; |\.(?: |$))")


def render_sentences(row: Row) -> str:
    """Return the record as prose: "The name is Ann Lee. Its age is 34."

    >>> render_sentences({"name": "Ann Lee", "age": 34})
    'The name is Ann Lee. Its age is 34.'
    """
    pairs = [(_in_prose(name), _in_prose(value)) for name, value in check_row(row).items()]
    return " ".join(
        _OPENINGS[min(place, 1)].format(name=name, value=value) + "." for place, (name, value) in enumerate(pairs)
    )


def parse_sentences(text: str) -> Row:
    """Return the record that `render_sentences` wrote; DataError if the text is other prose."""
    names, values, at = [], [], 0
    while at < len(text):
        found = _SENTENCE.match(text, at)
        if found is None:
            raise DataError(f"{text[at : at + 40]!r} does not say what something is", hint="write: The name is Ann.")
        names.append(str(parse_scalar(found["name"])))
        values.append(parse_scalar(found["value"]))
        at = found.end()
    return _zipped(names, values)


def _in_prose(value: Scalar) -> str:
    plain = render_scalar(value)
    if isinstance(value, str) and not plain.startswith('"') and re.search(r"\bis\b", plain):
        return json.dumps(value, ensure_ascii=False)
    return plain


RECORD_FORMATS = {
    "json": (_render_json, _parse_json),
    "yaml": (_render_yaml, _parse_yaml),
    "csv": (_render_csv, _parse_csv),
    "markdown": (_render_markdown, _parse_markdown),
    "lines": (_render_lines, _parse_lines),
    "sentences": (render_sentences, parse_sentences),
}
"""Name -> (render, parse) of records."""
