"""Twins of texts end to end: attributes, a model that writes, checks, the audit against the real texts.

A fifth of the real texts is kept aside: no attribute comes from them, and the measures compare with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import polars as pl

from ...check.rows._make import make_checks
from ...contracts import Progress, Silent
from ...contracts.rows import Context, Row
from ...data.dataset import Dataset, Lineage
from ...data.infer import infer_schema
from ...errors import DataError, RecipeError
from ...generate.twin_text.attributes import Attributes, describe_texts
from ...generate.twin_text.write import NoSource, begin_twin, make_writer
from ...measure.assess_texts import assess_texts, compare_texts, text_gates
from ...models.engine import Engine
from ...models.profile import profile_of
from ...seeds import Seeds
from ...store.calls import CallStore
from ...store.rows import RowStore
from ..flow import Attempt, End, Flow, Limits, fill
from ..flow.account import Account, row_context
from ..flow.road import run_async
from ..flow.terms import terms_of
from ..record import RunRecord
from .audit import review_of
from .order import PrivateOrder, Privatized, read_columns

__all__ = ["SETTING", "write_twins"]

SETTING = "Short texts that people wrote, each after what it is about."
_ASIDE = 0.2
_FEWEST = 20


def write_twins(
    frame: pl.DataFrame,
    order: PrivateOrder,
    model: str,
    stores: tuple[RowStore, CallStore],
    *,
    rows: int | None = None,
    setting: str = "",
    holdout: Sequence[str] | None = None,
    source: str = "a table",
    progress: Progress | None = None,
) -> Privatized:
    """Return new texts with the classes, topics, lengths and tones of the real ones, and their audit.

    rows : how many, None for as many as texts were described. setting : what the texts are, in a line.
    Errors: DataError for fewer than 20 texts, or if the model wrote none that passed; RecipeError for columns to keep.
    """
    if order.keep:
        raise RecipeError("a twin has no other columns", where="--keep", hint="leave it away, or leave --twin away")
    table = read_columns(frame, order).filter(pl.col(order.text).str.strip_chars() != "")
    if len(table) < _FEWEST:
        raise DataError(f"there are {len(table)} texts", hint=f"give at least {_FEWEST}")
    seeds, told = Seeds(order.seed), progress or Silent()
    places = seeds.child("aside").rng().permutation(len(table)).tolist()
    aside = 0 if holdout is not None else round(_ASIDE * len(table))
    seen, kept = table[sorted(places[aside:])], table[sorted(places[:aside])]
    texts = seen[order.text].to_list()
    labels = seen[order.label].cast(pl.String).to_list() if order.label else None
    attributes = describe_texts(texts, labels)
    wanted = rows or len(texts)
    flow, end = run_async(
        _fill(order, model, stores, (attributes, texts, wanted), setting=setting or SETTING, progress=told)
    )
    made = [dict(row.content) for row in stores[0].rows(accepted=True)][:wanted]
    if len(made) < 2:
        raise DataError(f"the model wrote {len(made)} texts that pass: {end.reason}", where=model, hint="name another")
    delivered = pl.DataFrame([{name: row[name] for name in order.columns} for row in made])
    sides = {"synthetic": delivered, "real": seen, **({} if holdout is not None else {"holdout": kept})}
    compared = compare_texts(
        delivered[order.text].to_list(), texts, list(holdout) if holdout is not None else kept[order.text].to_list(),
        labels={k: t[order.label].cast(pl.String).to_list() for k, t in sides.items()} if order.label else None,
        seeds=seeds.child("audit texts"), depth=1,
    )  # fmt: skip
    assessment = assess_texts(compared, gates=text_gates(order.gates), progress=progress)
    lineage = pl.DataFrame(
        [{"row": k, "method": "twin", "model": model, "depth": 1, "told": row["_told"]} for k, row in enumerate(made)]
    )
    record = RunRecord(
        recipe="",
        synthetic=Dataset(delivered, infer_schema(delivered), Lineage("twin", model, order.seed, 1)),
        assessment=assessment,
        facts={"source": source, "method": "twins", "model": model, "seed": str(order.seed),
               "version": version("simulacra"), "terms": terms_of(model)},
        notes=_notes(end, wanted, model, len(flow.checks)),
    )  # fmt: skip
    return Privatized(record, lineage, review_of(delivered[order.text].to_list()))


async def _fill(
    order: PrivateOrder,
    model: str,
    stores: tuple[RowStore, CallStore],
    what: tuple[list[Attributes], list[str], int],
    *,
    setting: str,
    progress: Progress,
) -> tuple[Flow, End]:
    attributes, texts, wanted = what
    seeds = Seeds(order.seed).child("twins")
    turns = seeds.child("order").rng().permutation(len(attributes)).tolist()

    def begin(attempt: Attempt, own: Seeds) -> Row:
        del own
        return begin_twin(attributes, turns, attempt.slot, order.text, order.label)

    async with Engine(store=stores[1], progress=progress) as engine:
        profile = profile_of(engine.open(model))
        longest = 3 * max(one.words for one in attributes)
        checks = make_checks([
            {"refusal": {"field": order.text}}, {"leftovers": {"field": order.text}},
            {"length": {"field": order.text, "words": [2, longest]}}, {"near_duplicate": {"field": order.text}},
        ])  # fmt: skip
        flow = Flow(
            begin, (("write", make_writer(order.text, profile, setting)),), (NoSource(order.text, texts), *checks)
        )

        def open_row(own: Seeds, account: Account) -> Context:
            return row_context(engine, {"writer": model}, own, account)

        end = await fill(
            flow, wanted, stores[0], seeds=seeds, open=open_row, width=engine.width + 2, progress=progress,
            limits=Limits.usual(wanted), narrate=engine.narrate,
        )  # fmt: skip
    return flow, end


def _notes(end: End, wanted: int, model: str, checks: int) -> tuple[str, ...]:
    notes = [
        "The model saw no real text: it was told class, words that many texts share, a rounded length, a tone.",
        f"Each text passed {checks} checks; none holds seven words in a row, or an identifier, of a real text.",
        "Attributes are no guarantee: a class or a topic that few people have may point at them.",
    ]
    if end.accepted < wanted:
        notes.append(f"{end.accepted:,} of {wanted:,} texts were written: {end.reason or 'the run was stopped'}.")
    if model.startswith(("embedded", "gguf")):
        notes.append("The embedded model is a weak writer: look at the texts before you use them.")
    if model.startswith("echo"):
        notes.append("The texts were written by a script, not by a model: they show the road.")
    return tuple(notes)
