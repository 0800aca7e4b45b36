"""schema.yaml: what inference found, written for a person to edit, and the edits laid over the inferred schema.

Only kind, decimals, format, zone, personal, the target and the constraints can be edited; all else is a fact of the
table. Comments say why, and are not read back.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

import polars as pl
import yaml

from ..errors import SchemaError
from ._fit import check_edit
from .constraints import Constraint, constraint_to_plain, parse_constraint
from .infer_text import padded_width
from .personal import PERSONAL
from .rules import check_constraints, refuse_broken
from .schema import BY_HAND, KINDS, Column, Schema

__all__ = ["EDITABLE", "schema_from_dict", "schema_from_yaml", "schema_to_dict", "schema_to_yaml"]

EDITABLE = ("kind", "decimals", "format", "zone", "personal")
_HEAD = f"""\
# What each column is. Edit what is wrong; a column you leave out keeps what was inferred.
#
# kind: {" | ".join(KINDS)}
# decimals: digits after the point of a real column, null for as many as there are
# format: of a date held as text (%d.%m.%Y), the pattern of a key (AA-####: # a digit, A and a letters), or one # per
#   digit of whole numbers with leading zeros (#####)
# zone: of a datetime, e.g. Europe/Berlin
# personal: null, or what the values are; personal values, keys and free text are replaced by made-up ones:
#   {" | ".join(PERSONAL)}
"""
_RULES = """\
# What every row keeps. `found:` was seen in all rows; delete what is not meant, and add your own:
#   - start <= end              - total = net + tax          - low < mid <= high
#   - unique: [shop, receipt]   - combinations: [country, currency]
#   - matches: {column: code, pattern: 'A\\d{3}'}
"""


def schema_to_yaml(schema: Schema) -> str:
    """Return the schema as commented YAML; with counts (range, missing share) if the schema carries them."""
    lines = [_HEAD, f"target: {_scalar(schema.target)}", "", "columns:"]
    for column in schema:
        lines.append(f"  {_scalar(column.name)}:  # {_one_line(column.why)}")
        if column.seen.rows:
            lines.append(f"    # {_one_line(_counts(column))}")
        lines += [f"    {key}: {_scalar(value)}" for key, value in _editable(column).items()]
    if schema.constraints:
        lines += ["", _RULES + "constraints:"]
    for rule in schema.constraints:
        written = yaml.safe_dump(constraint_to_plain(rule), default_flow_style=True, allow_unicode=True, width=1 << 30)
        plain = written.removesuffix("...\n").strip()
        lines.append(f"- {plain}  # {_one_line(rule.why)}" if rule.why else f"- {plain}")
    return "\n".join(lines) + "\n"


def schema_from_yaml(text: str, *, where: str, base: Schema, frame: pl.DataFrame | None = None) -> Schema:
    """Return `base` with a person's edits laid over it.

    where : path of the file, for messages. base : the schema inferred from the table. frame : the table itself; with it
    a kind is tried on the values and the message says how many do not fit.

    Raises SchemaError with path and line: not YAML, wrong layout, unknown column, key or kind (with the nearest known
    one), a kind that the values cannot be.
    """
    root = _compose(text, where)
    parts = _entries(root, where, known=("target", "columns", "constraints"))
    target = base.target
    if "target" in parts:
        target = _value(parts["target"])
        if target is not None and target not in base.names:
            _fail(f"there is no column {target!r}", _place(where, parts["target"]), target, base.names)
    edits: dict[str, Column] = {}
    if "columns" in parts and not _is_null(parts["columns"]):
        for name, node in _entries(parts["columns"], where, known=base.names, what="column").items():
            edits[name] = _edit(base[name], node, where, frame)
    schema = Schema(tuple(edits.get(column.name, column) for column in base), target)
    if "constraints" not in parts or _is_null(parts["constraints"]):
        return schema
    return replace(schema, constraints=_rules(parts["constraints"], where, schema, frame))


def _rules(node: yaml.Node, where: str, schema: Schema, frame: pl.DataFrame | None) -> tuple[Constraint, ...]:
    """Return the constraints of the list, each tried on the columns and, if there are any, the rows."""
    if not isinstance(node, yaml.SequenceNode):
        seen = "constraints must be a list"
        raise SchemaError(seen, where=_place(where, node), hint="write each rule on a line of its own, after a dash")
    rules: list[Constraint] = []
    for item in node.value:
        rules.append(parse_constraint(yaml.safe_load(yaml.serialize(item)), where=_place(where, item)))
        check_constraints(schema, rules, _place(where, item))
    # Rows cannot keep rules against each other: that these are is said first.
    for rule, item in zip(rules, node.value, strict=True):
        if frame is not None:
            refuse_broken(replace(schema, constraints=(rule,)), frame, _place(where, item))
    return tuple(rules)


def schema_to_dict(schema: Schema) -> dict[str, Any]:
    """Return target, columns (name -> kind, dtype and what else is set) and constraints, without counts and reasons.

    >>> schema_to_dict(Schema((Column("price", "real", dtype="Float64", decimals=2),)))
    {'target': None, 'columns': {'price': {'kind': 'real', 'dtype': 'Float64', 'decimals': 2}}}
    """
    columns = {column.name: {"kind": column.kind, "dtype": column.dtype, **_set(column)} for column in schema}
    plain = [constraint_to_plain(rule) for rule in schema.constraints]
    return {"target": schema.target, "columns": columns, **({"constraints": plain} if plain else {})}


def schema_from_dict(described: Mapping[str, Any], *, base: Schema | None = None, where: str = "") -> Schema:
    """Return the schema that `schema_to_dict` described; with `base`, laid over it as edits are.

    Raises SchemaError for unknown columns, keys and kinds, and with `base` for kinds that its columns cannot be.
    """
    columns = described.get("columns") or {}
    if not isinstance(columns, Mapping) or not all(isinstance(value, Mapping) for value in columns.values()):
        raise SchemaError("columns must be a mapping of names to their properties", where=where)
    for name, known in columns.items():
        if base is not None and name not in base.names:
            _fail(f"there is no column {name!r}", where, str(name), base.names)
        for key in known:
            if key not in (*EDITABLE, "dtype", "why"):
                _fail(f"column {name!r} has no property {key!r}", where, str(key), EDITABLE)
    target = described.get("target", base.target if base else None)
    if base is None:
        schema = Schema(tuple(Column(str(name), **known) for name, known in columns.items()), target)
    else:
        edited = tuple(_lay_over(column, columns.get(column.name, {}), where) for column in base)
        schema = Schema(edited, target)
    rules = tuple(parse_constraint(written, where=where) for written in described.get("constraints") or ())
    check_constraints(schema, rules, where)
    return replace(schema, constraints=rules)


def _lay_over(column: Column, known: Mapping[str, Any], where: str) -> Column:
    edits = {key: value for key, value in known.items() if key in EDITABLE}
    # What a description leaves out is unset, not inherited: the recipe is complete.
    wanted = {**dict.fromkeys(EDITABLE[1:]), **edits} if edits else {}
    return _apply(column, wanted, f"{where}: column {column.name!r}" if where else f"column {column.name!r}", None)


def _edit(column: Column, node: yaml.Node, where: str, frame: pl.DataFrame | None) -> Column:
    """Return a column with the edits of its entry; `kind` alone may stand as a plain word after the name."""
    if isinstance(node, yaml.ScalarNode) and not _is_null(node):
        entries: dict[str, yaml.Node] = {"kind": node}
    else:
        entries = {} if _is_null(node) else _entries(node, where, known=EDITABLE, what="property")
    edits: dict[str, Any] = {}
    for key, value in entries.items():
        edits[key] = _checked(key, _value(value), _place(where, value))
    place = _place(where, entries.get("kind", node))
    values = frame[column.name] if frame is not None and column.name in frame.columns else None
    return _apply(column, edits, place, values)


def _checked(key: str, value: str | None, place: str) -> Any:
    """Return the value of a property, of its type; SchemaError if it cannot be."""
    if key == "kind" and value not in KINDS:
        _fail(f"the kind {value!r} does not exist", place, value or "", KINDS)
    if key == "decimals" and value is not None:
        if not re.fullmatch(r"\d|1[0-5]", value):
            raise SchemaError(f"decimals is {value!r}", where=place, hint="give a whole number from 0 to 15, or null")
        return int(value)
    if key == "personal" and value in ("false", "no", "none", "False", "No", "None"):
        return None
    if key == "personal" and value is not None and value not in PERSONAL:
        _fail(f"the personal value {value!r} is not known", place, value, PERSONAL)
    return value


def _apply(column: Column, edits: Mapping[str, Any], place: str, values: pl.Series | None) -> Column:
    if all(getattr(column, key) == value for key, value in edits.items()):
        return column
    if edits.get("kind", column.kind) != column.kind:
        # Decimals and formats belong to the kind they were found for.
        edits = {"decimals": None, "format": _digits(column, edits, values), **edits}
    wanted = replace(column, **{**edits, "why": BY_HAND})
    check_edit(column, wanted, place, values)
    return replace(wanted, decimals=0) if wanted.kind == "integer" else wanted


def _digits(column: Column, edits: Mapping[str, Any], values: pl.Series | None) -> str | None:
    """Return the format of text that becomes whole numbers: of one width with leading zeros, it keeps them."""
    if edits["kind"] != "integer" or column.dtype != "String":
        return None
    if values is None:
        return column.format if re.fullmatch("#+", column.format or "") else None
    levels = values.drop_nulls().unique()
    width = padded_width(levels) if levels.str.contains(r"^0\d").any() else None
    return "#" * width if width else None


def _compose(text: str, where: str) -> yaml.Node:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}, line {mark.line + 1}" if mark else where
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        hint = "mend that line; `simulacra inspect TABLE -o FILE` writes a fresh one"
        raise SchemaError(f"not YAML ({problem})", where=place, hint=hint) from error
    if not isinstance(root, yaml.MappingNode):
        seen = "the file is empty" if root is None else "the file does not begin with `target:` and `columns:`"
        raise SchemaError(seen, where=where, hint="`simulacra inspect TABLE -o FILE` writes a fresh one")
    return root


def _entries(node: yaml.Node, where: str, *, known: Iterable[str], what: str = "key") -> dict[str, yaml.Node]:
    """Return the entries of a mapping, each known and standing once."""
    if not isinstance(node, yaml.MappingNode):
        seen = "a mapping (name: value) is needed here"
        raise SchemaError(seen, where=_place(where, node), hint="indent the entries below their name")
    known, entries = list(known), {}
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if name not in known:
            _fail(f"there is no {what} {name!r}", _place(where, key), name, known)
        if name in entries:
            raise SchemaError(f"the {what} {name!r} stands twice", where=_place(where, key), hint="keep one of them")
        entries[name] = value
    return entries


def _value(node: yaml.Node) -> str | None:
    return None if _is_null(node) else str(node.value)


def _is_null(node: yaml.Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _place(where: str, node: yaml.Node) -> str:
    return f"{where}, line {node.start_mark.line + 1}"


def _fail(seen: str, where: str, name: str, known: Iterable[str]) -> NoReturn:
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    more = ", ..." if len(known) > 20 else ""
    hint = f"did you mean {near[0]!r}" if near else f"known are: {', '.join(known[:20])}{more}"
    raise SchemaError(seen, where=where, hint=hint)


def _set(column: Column) -> dict[str, Any]:
    return {key: getattr(column, key) for key in EDITABLE[1:] if getattr(column, key) is not None}


def _editable(column: Column) -> dict[str, Any]:
    """Return the properties to show: those that are set, and those of the kind that a person may want to set."""
    shown: dict[str, Any] = {"kind": column.kind, **_set(column)}
    shown.pop("decimals", None)
    if column.kind == "real":
        shown["decimals"] = column.decimals
    if column.kind in ("text", "category", "identifier"):
        shown["personal"] = column.personal
    return shown


def _counts(column: Column) -> str:
    seen = column.seen
    parts = [f"{seen.low} to {seen.high}"] if seen.low is not None else []
    share = seen.missing / seen.rows
    missing = "none missing" if not seen.missing else f"{share:.1%} missing" if share >= 0.001 else "under 0.1% missing"
    return "; ".join([*parts, f"{seen.distinct:,} different", missing])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _scalar(value: Any) -> str:
    """Write a value so that YAML reads the same back; quotes only where they are needed."""
    if value is None:
        return "null"
    text = str(value)
    is_word = re.fullmatch(r"[A-Za-z_][\w .-]*(?<! )", text, re.ASCII)
    if isinstance(value, int) or (is_word and yaml.safe_load(text) == text):
        return text
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=1 << 30)).strip("\n")
