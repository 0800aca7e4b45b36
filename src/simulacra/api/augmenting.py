"""Augment a few labelled rows, texts or tables: variants that help, or the word that nothing does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from ..contracts import Progress
from ..contracts.rows import Record
from ..data.files import ensure_writable_folder, make_private_folder
from ..data.infer import infer_schema
from ..data.relations import settle
from ..data.relations.rewriting import Rewriting
from ..data.rules import Rules
from ..data.schema import Schema
from ..errors import DataError, RecipeError
from ..generate.augment.augmenting import Augmentation, Order, augment_records
from ..generate.augment.field import Metric
from ..generate.augment.sources import Source, model_sources, table_sources, text_sources, twin_source
from ..generate.augment.students import Student, TableStudent, TextStudent
from ..report.augment import write_augmentation
from ..run.folder import STORE
from ..run.judging import as_frame
from ..store.calls import CallStore
from ..transform.rows.mixed import Mend, Row
from .files import read_schema

__all__ = ["augment", "augmented_frame"]

_TEXT_FACTOR, _TABLE_FACTOR = 5.0, 10.0


def augment(
    data: Any,
    *,
    label: str,
    text: str | None = None,
    factor: float | None = None,
    test: Any = None,
    metric: Literal["accuracy", "balanced", "auc"] | None = None,
    student: Literal["tfidf", "embedding"] = "tfidf",
    protect: Sequence[str] = (),
    schema: Schema | str | Path | None = None,
    goal: Literal["more", "balance", "hard"] = "more",
    model: str | None = None,
    store: str | Path | None = None,
    back_translation: bool = False,
    thorough: bool = False,
    anyway: bool = False,
    seed: int = 0,
    out: str | Path | None = None,
    format: Literal["parquet", "csv", "jsonl"] = "parquet",
    progress: Progress | None = None,
) -> Augmentation:
    """Return training rows with the variants that help a student, or none with the evidence that nothing does.

    data : a frame or file of labelled rows. text : the column to vary; None varies the rows of the table.
    label : the column of classes. factor : rows a training row, itself among them; None: 5 for texts, 10 for tables.
    test : a frame or file that must not leak: rows like its rows are left out, and no variant comes near them.
    metric : what is to get better; None: accuracy for texts and several classes, AUC for tables of two classes,
    balanced accuracy for the goal "balance".
    student : what a text model is like: TF-IDF and linear, or embeddings and linear. protect : regular expressions of
    what stays as it is. schema : of a table, with the rules its rows keep; None: inferred.
    goal : "more" varies every row; "balance" brings the rarer classes to the size of the largest, whatever the factor;
    "hard" varies the rows that a student which never saw them gets wrong.
    model : a language model that paraphrases and translates, e.g. "embedded", "openai:gpt-5-mini"; it sees the texts.
    store : a file of its answers that several runs share; None: in the private part of `out`. No call is asked twice.
    back_translation : by the installed engine (English). thorough : try every transform, not only the safest.
    anyway : make the best variants even where the policy says no. out : folder of the bundle.
    Errors: DataError for a missing column, empty labels, fewer than two classes or examples; RecipeError for options.
    """
    frame = as_frame(data)
    records = records_of(frame, label, text)
    asked = [] if test is None else records_of(as_frame(test), label, text, side="test")
    sources, kind = _parts(
        frame, records, text=text, label=label, student=student, protect=tuple(protect), schema=schema
    )
    if text is None and (model is not None or back_translation):
        raise RecipeError("a model and back-translation vary texts", hint="name the column of texts: --text COLUMN")
    if store is not None and model is None:
        raise RecipeError("a store holds a model's answers, and there is no model", hint="name one: --model NAME")
    two = len({record.label for record in records}) == 2
    usual: Metric = "balanced" if goal == "balance" else "auc" if text is None and two else "accuracy"
    factor = (_TABLE_FACTOR if text is None else _TEXT_FACTOR) if factor is None else factor
    order = Order(factor, metric or usual, anyway, goal, thorough, seed)
    with _answers(model, store, out) as calls:
        sources |= model_sources(model, back_translation=back_translation, store=calls)
        result = augment_records(records, sources, kind, order, test=asked, progress=progress)
    result = replace(result, skipped=frame.height - len(records))
    if out is not None:
        write_augmentation(result, augmented_frame(result, frame, label, text), Path(out), format=format)
    return result


@contextmanager
def _answers(model: str | None, store: str | Path | None, out: str | Path | None) -> Iterator[CallStore | None]:
    """Give the store of the model's answers, None without a model; it lasts if there is a file or a folder for it."""
    if model is None:
        yield None
        return
    place = store or ":memory:"
    if store is None and out is not None:
        make_private_folder(ensure_writable_folder(out) / STORE.parent)
        place = Path(out) / STORE
    with closing(CallStore(place)) as calls:
        yield calls


def records_of(frame: pl.DataFrame, label: str, text: str | None, side: str = "row") -> list[Record]:
    """Return a record for each row; rows without a label or text are left out. DataError for a missing column."""
    for column in (label, text):
        if column is not None and column not in frame.columns:
            where = "the test set" if side == "test" else ""
            raise DataError(
                f"there is no column {column!r}", where=where, hint=f"there are: {', '.join(frame.columns)}"
            )
    if text == label:
        raise RecipeError(f"{label!r} cannot be both text and label", hint="name two columns")
    records = []
    for place, row in enumerate(frame.iter_rows(named=True)):
        kind = row.pop(label)
        words = str(row.pop(text) or "") if text is not None else ""
        if kind is not None and (text is None or words.strip()):
            records.append(Record(f"{side} {place}", words, str(kind), fields=row))
    if not records:
        raise DataError("there is no row with a label" + (" and a text" if text else ""), hint="give labelled rows")
    return records


def _parts(
    frame: pl.DataFrame,
    records: Sequence[Record],
    *,
    text: str | None,
    label: str,
    student: str,
    protect: tuple[str, ...],
    schema: Schema | str | Path | None,
) -> tuple[dict[str, Source], Student]:
    if text is None:
        told = read_schema(Path(schema), frame) if isinstance(schema, str | Path) else schema or infer_schema(frame)
        mend = _mender(frame.drop(label), _without(told, label))
        types = {name: kind for name, kind in frame.schema.items() if name != label}
        return table_sources(records, mend) | twin_source(types, mend), TableStudent.of(records)
    if student == "embedding":
        from ..models.embedders import open_embedder

        return text_sources(protect), TextStudent("embedding", open_embedder())
    if student != "tfidf":
        raise RecipeError(f"there is no student {student!r}", hint="there are: tfidf, embedding")
    return text_sources(protect), TextStudent("tfidf")


def _without(schema: Schema, name: str) -> Schema:
    """Return the schema without a column and the rules that name it."""
    rules = tuple(rule for rule in schema.constraints if name not in rule.columns)
    columns = tuple(column for column in schema if column.name != name)
    return Schema(columns, None if schema.target == name else schema.target, rules)


def _mender(frame: pl.DataFrame, schema: Schema) -> Mend | None:
    """Return what writes rows as the rules of a table have them, those that are found too; None if there are none."""
    settled = settle(frame, schema)
    rules, rewriting = Rules.fit(settled, frame), Rewriting.fit(frame, settled)
    if not rules.constraints:
        return None

    def mend(rows: Sequence[Row]) -> list[Row | None]:
        made = pl.DataFrame(rows, schema=frame.schema)
        made = rewriting.backward(rewriting.forward(made)).select(frame.columns).cast(frame.schema)
        kept = rules.all_kept(made).to_list()
        return [row if keeps else None for row, keeps in zip(made.iter_rows(named=True), kept, strict=True)]

    return mend


def augmented_frame(result: Augmentation, frame: pl.DataFrame, label: str, text: str | None) -> pl.DataFrame:
    """Return the delivered rows: the columns of `frame`, then _parent, _operation and _weight."""
    kinds = {str(kind): kind for kind in frame[label].to_list()}
    weight = result.used.weight if result.used is not None else 1.0
    own = dict.fromkeys({record.label for record in result.real}, 1.0)
    if result.used is not None and result.used.balance:  # class weights, nothing made
        counts = Counter(record.label for record in result.real)
        own = {name: len(result.real) / (len(counts) * count) for name, count in counts.items()}
    rows = []
    for record in (*result.real, *result.made):
        cells = {**record.fields, label: kinds[str(record.label)]}
        if text is not None:
            cells[text] = record.text
        made = bool(record.parents)
        told = {
            "_parent": record.parents[0] if made else record.identity, "_operation": record.operation or "real",
            "_weight": weight if made else own[record.label],
        }  # fmt: skip
        rows.append({**{name: cells[name] for name in frame.columns}, **told})
    schema = {**frame.schema, "_parent": pl.String(), "_operation": pl.String(), "_weight": pl.Float64()}
    return pl.DataFrame(rows, schema=schema)
