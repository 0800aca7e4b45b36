"""Conformance of transforms: lineage, seeds, order of the batch, alignment, invariants."""

from __future__ import annotations

from collections.abc import Sequence

from ..contracts.rows import Record, Span, Transform
from ..seeds import Seeds
from ..transform.editing import Edit, apply_edits, broken_invariant

__all__ = ["check_transform", "example_records"]

_TEXTS = (
    ("Where can I find my card? I don't see it at https://example.org/cards, order 4711.", "ask"),
    ("How do I buy a large car for Ann Lee by 2024-03-05?", "ask"),
    ("What is the price of the film `Alien`, about 1,250.50 dollars?", "ask"),
    ("I am very happy with the fast help that I got in May.", "say"),
    ("They are not able to send {{amount}} to bob@example.com, which is strange.", "say"),
    ("Recently I purchased something big. It is quite a problem.", "say"),
    ("ok", "say"), ("", "say"), ("日本語のテキスト 🙂", "say"), ("NO!!!", "ask"),
)  # fmt: skip


def example_records() -> list[Record]:
    """Return made-up records: texts with things to protect and spans, an arithmetic problem, rows of a table."""
    records = [Record(f"text {place}", text, label) for place, (text, label) in enumerate(_TEXTS)]
    records.append(Record("span 0", "I live in Bonn near the river.", "say", (Span(10, 14, "place"),)))
    records.append(Record("span 1", "We met in Aachen last week.", "say", (Span(10, 16, "place"),)))
    problem = "Ann sold 48 clips in April, and 24 more clips in June. How many clips did Ann sell altogether?"
    solution = "Ann sold 48+24=<<48+24=72>>72 clips in June. Altogether 48+72=<<48+72=120>>120.\n#### 120"
    records.append(Record("problem", problem, "120", fields={"answer": solution}))
    records.append(Record("notation", '{"name": "Ann Lee", "age": 34}', "row"))
    cells = ((30, 2.5, "red"), (41, 3.25, "blue"), (35, 1.0, "red"), (52, 4.5, None), (28, 2.0, "blue"))
    for place, (age, size, colour) in enumerate(cells):
        fields = {"age": age, "size": size, "colour": colour}
        records.append(Record(f"row {place}", "", "yes", fields=fields))
    return records


def check_transform(transform: Transform, records: Sequence[Record] | None = None) -> None:
    """Check the laws of `Transform` on records (None: made-up ones); AssertionError names the broken law.

    A variant names its parent, operation and seed; it is the same again, alone (unless the transform recombines) and in
    any order of the batch; another seed gives other variants somewhere; it changes something; what it declares to keep
    is kept; its edits lead from the parent's text to its own.
    """
    records = example_records() if records is None else records
    made = transform.apply(records, Seeds(1))
    _law(len(made) == len(records), "one variant or None for each record")
    _law(any(one is not None for one in made), "at least one of the records has a variant")
    _law(made == transform.apply(records, Seeds(1)), "the same seed gives the same variants")
    _law(made[::-1] == transform.apply(records[::-1], Seeds(1)), "the order of the batch changes nothing")
    if transform.kind != "recombination":
        alone = [transform.apply([record], Seeds(1))[0] for record in records]
        _law(made == alone, "the size of the batch changes nothing")
    _law(transform.apply([], Seeds(1)) == [], "no records give no variants")
    identities = [one.identity for one in made if one is not None]
    _law(len(set(identities)) == len(identities), "identities are unique")
    for record, variant in zip(records, made, strict=True):
        if variant is not None:
            _check_variant(transform, record, variant)


def _check_variant(transform: Transform, record: Record, variant: Record) -> None:
    name = f"{transform.name} of {record.identity}"
    _law(variant.parents[0] == record.identity, f"{name}: the parent is told first")
    _law(
        variant.operation == transform.name and variant.identity != record.identity, f"{name}: it has a name of its own"
    )
    _law((variant.text, variant.fields) != (record.text, record.fields), f"{name}: something changes")
    if transform.label == "keeps":
        _law(variant.label == record.label, f"{name}: the label is kept")
    broken = broken_invariant(record, variant, transform.keeps)
    _law(broken is None, f"{name}: {broken}")
    _law(
        all(0 <= span.start <= span.end <= len(variant.text) for span in variant.spans),
        f"{name}: spans lie in the text",
    )
    if "edits" in variant.parameters:
        edits = [Edit(*edit) for edit in variant.parameters["edits"]]
        text, spans = apply_edits(record.text, edits, record.spans)
        _law(text == variant.text and spans == variant.spans, f"{name}: its edits make it of its parent")


def _law(holds: bool, law: str) -> None:
    if not holds:
        raise AssertionError(f"broken law: {law}")
