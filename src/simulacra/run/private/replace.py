"""Texts with surrogates: replaced, then audited against the real ones.

A fifth of the rows takes the part of texts never seen, so that the measures have something to compare with: they judge
the surrogates of the other rows; all rows are delivered.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import polars as pl

from ...contracts import Progress, Silent
from ...contracts.rows import Span
from ...data.dataset import Dataset, Lineage
from ...data.infer import infer_schema
from ...transform.editing import Edit, apply_edits
from ...transform.surrogates import Secret, Surrogates, learn_texts
from ...transform.surrogates.replacing import Writer
from ..record import RunRecord
from .audit import audit, review_of
from .order import NAMES, PrivateOrder, Privatized, names_of, names_of_rows, personal_columns, read_columns

__all__ = ["replace_texts"]

_TOLD = {
    "given": "given names", "last": "family names", "initial": "initials", "id": "identifiers", "date": "days",
    "amount": "amounts", "phone": "phone numbers", "email": "e-mail addresses", "street": "streets", "city": "towns",
    "iban": "IBANs", "card": "cards", "postcode": "postcodes", "organisation": "organisations",
}  # fmt: skip
_KIND_OF = {"username": "handle", "passport": "id", "address": "street"}


def replace_texts(
    frame: pl.DataFrame,
    order: PrivateOrder,
    key: bytes,
    *,
    holdout: Sequence[str] | None = None,
    source: str = "a table",
    progress: Progress | None = None,
) -> Privatized:
    """Return the rows with surrogates, and the audit. key : 32 secret bytes; the same key gives the same surrogates.

    holdout : real texts that are not among the rows; None: a fifth of the rows takes their part in the audit.
    Errors: DataError for a missing column or no texts; RecipeError for a pattern, a kind, a gate.
    """
    told = progress or Silent()
    rows = read_columns(frame, order)
    texts = rows[order.text].to_list()
    personal = personal_columns(frame, order.text)
    knowledge = learn_texts(texts, names_of(frame, personal))
    transform = Surrogates(
        order.protect, replace=order.replace, kinds=order.kinds or None, key=key, knowledge=knowledge,
        avoid=knowledge.people, together=order.together,
    )  # fmt: skip
    told.start("replacing", len(texts))
    made: list[list[Edit]] = []
    replaced: Counter[str] = Counter()
    for place, (text, beside) in enumerate(zip(texts, names_of_rows(frame, personal), strict=True)):
        own = knowledge.of_row(beside)
        spans = transform.find(text, knowledge=own)
        replaced.update(span.name for span in spans)
        edits = transform.edits(text, spans, Secret(key), f"row {place}", knowledge=own)
        made.append([edit for edit in edits if text[edit.start : edit.end] != edit.text])
        if place % 100 == 99:
            told.advance(100)
    new = [apply_edits(text, edits)[0] for text, edits in zip(texts, made, strict=True)]
    passed = {name: personal[name] for name in rows.columns if name in personal}
    delivered = rows.with_columns(
        pl.Series(order.text, new, dtype=pl.String),
        *(_column(rows[name], kind, Writer(Secret(key), name, transform.avoid)) for name, kind in passed.items()),
    )
    assessment = audit(texts, new, order, labels=rows[order.label].cast(pl.String).to_list() if order.label else None,
                       holdout=holdout, progress=progress)  # fmt: skip
    lineage = pl.DataFrame({
        "row": range(len(new)), "method": "surrogates", "depth": 1,
        "edits": [json.dumps(edits, ensure_ascii=False) for edits in made],
    }, schema={"row": pl.Int64, "method": pl.String, "depth": pl.Int64, "edits": pl.String})  # fmt: skip
    record = RunRecord(
        recipe="",
        synthetic=Dataset(delivered, infer_schema(delivered), Lineage("surrogates", seed=order.seed, depth=1)),
        assessment=assessment,
        facts={
            "source": source,
            "method": "surrogates",
            "seed": str(order.seed),
            "version": version("simulacra"),
            "replaced_in": ", ".join([order.text, *passed]),
        },
        notes=_notes(order, replaced, rows, passed),
    )
    return Privatized(record, lineage, review_of(texts, made, new, order.protect), dict(replaced))


def _column(values: pl.Series, kind: str, writer: Writer) -> pl.Series:
    """Return a column of personal values replaced as they are in the texts, so that both still name one person."""

    def change(value: str | None) -> str | None:
        if value is None:
            return None
        if kind not in NAMES:
            span = Span(0, len(value), _KIND_OF.get(kind, kind))
            return apply_edits(value, writer.edits(value, [span]))[0]
        words = value.split(" ")
        comma = words[0].endswith(",")
        return " ".join(
            writer.name(word.rstrip(","), _role(kind, place, len(words), comma)) + ("," if word.endswith(",") else "")
            for place, word in enumerate(words)
        )

    return pl.Series(values.name, [change(value) for value in values.cast(pl.String).to_list()], dtype=pl.String)


def _role(kind: str, place: int, count: int, comma: bool) -> str:
    if kind != "name":
        return "given" if kind == "first_name" else "last"
    return "last" if place == (0 if comma else count - 1) else "given"


def _notes(
    order: PrivateOrder, replaced: Mapping[str, int], rows: pl.DataFrame, personal: Mapping[str, str]
) -> tuple[str, ...]:
    most = sorted(replaced.items(), key=lambda item: -item[1])
    found = ", ".join(f"{_TOLD.get(kind, kind)} {count:,}" for kind, count in most)
    notes = [
        f"Replaced in {order.text}: {found or 'nothing'}.",
        "Names and places are found by lists, labels and surroundings, without a model: some are missed, above all in "
        "small letters and where nothing around them tells; docs/private-text.md says how many.",
        "The sentences are the real ones: who knows a text, or what it tells, recognises it.",
    ]
    if changed := [name for name in rows.columns if name in personal]:
        notes.append(f"Replaced in other columns, as in {order.text}: {', '.join(changed)}.")
    if same := [name for name in order.keep if name not in personal]:
        notes.append(f"Passed on as they are, and not judged: {', '.join(same)}.")
    if order.protect:
        notes.append(f"{len(order.protect)} patterns of yours were protected: what they fit stayed.")
    return tuple(notes)
