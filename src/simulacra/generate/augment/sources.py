"""Where variants come from: transforms under a name, and the variants of each record, made once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...contracts.rows import Record, Transform
from ...seeds import Seeds

if TYPE_CHECKING:
    import polars as pl

    from ...store.calls import CallStore
    from ...transform.rows.mixed import Mend

__all__ = ["Source", "Variants", "content_of", "model_sources", "table_sources", "text_sources", "twin_source"]

MOST_DRAWS = 3  # how often a transform is asked again where it gave nothing new


@dataclass(frozen=True, slots=True)
class Source:
    """A transform in the policy's trials.

    alone : a variant depends on its record alone, so it is the same in every fold; else it sees its batch.
    totals : what the variants of an example weigh together, each tried; () : tried only where the plan is thorough.
    most : distinct variants of a record that there can be, None for any number; who always says the same has one.
    """

    transform: Transform
    alone: bool = True
    totals: tuple[float, ...] = (1.0, 2.0)
    most: int | None = None

    @property
    def name(self) -> str:
        """The transform's name."""
        return self.transform.name

    @property
    def relabels(self) -> bool:
        """Whether a variant's label is not its parent's: it needs a batch of all classes."""
        return self.transform.label == "recomputes"


@dataclass(slots=True)
class Variants:
    """Variants of records by source. Those of transforms that look at one record are made once.

    >>> from ...transform.noise import Keyboard
    >>> made = Variants({"keyboard": Source(Keyboard())}, Seeds(1))
    >>> [variant.parents for variant in made.of("keyboard", [Record("a", "where is my card")], 2)]
    [('a',), ('a',)]
    """

    sources: Mapping[str, Source]
    seeds: Seeds
    _kept: dict[tuple[str, str], tuple[int, list[Record]]] = field(default_factory=dict)

    @property
    def keeps(self) -> dict[str, frozenset[str]]:
        """Operation -> the invariants that its variants declare to keep."""
        return {source.transform.name: source.transform.keeps for source in self.sources.values()}

    @property
    def relabelled(self) -> frozenset[str]:
        """Operations whose variants have labels of their own."""
        return frozenset(source.transform.name for source in self.sources.values() if source.relabels)

    def of(self, name: str, records: Sequence[Record], amount: int) -> list[Record]:
        """Return up to `amount` distinct variants of each record, none equal to its parent, in order of the records."""
        source = self.sources[name]
        if not source.alone:
            return [variant for one in self._drawn(source, records, amount) for variant in one]
        missing = [one for one in records if self._kept.get((name, one.identity), (0, []))[0] < amount]
        for record, found in zip(missing, self._drawn(source, missing, amount), strict=True):
            self._kept[name, record.identity] = amount, found
        return [variant for record in records for variant in self._kept[name, record.identity][1][:amount]]

    def _drawn(self, source: Source, records: Sequence[Record], amount: int) -> list[list[Record]]:
        found: list[list[Record]] = [[] for _ in records]
        amount = amount if source.most is None else min(amount, source.most)
        known = [{content_of(record)} for record in records]
        for draw in range(amount * MOST_DRAWS if source.most is None else amount):
            # One that looks at its batch needs the whole batch; the others only what still lacks variants.
            open_ = [place for place, variants in enumerate(found) if len(variants) < amount]
            if not open_:
                break
            asked = open_ if source.alone else list(range(len(records)))
            made = source.transform.apply([records[place] for place in asked], self.seeds.child("draw", draw))
            for place, variant in zip(asked, made, strict=True):
                if variant is not None and len(found[place]) < amount and content_of(variant) not in known[place]:
                    known[place].add(content_of(variant))
                    found[place].append(variant)
        return found


def content_of(record: Record) -> str:
    """Return what tells two records apart: the text, or the cells of a row."""
    return record.text if record.text else repr(sorted(record.fields.items(), key=lambda pair: pair[0]))


def text_sources(protect: Sequence[str] = ()) -> dict[str, Source]:
    """Return the transforms of texts; look-alikes and invisible characters are for attacks.

    Those with `totals` were the safest on other draws (`bench/augment.py DATA_DIR always`); each more that is looked
    at makes the best of them look better than it is, so the others wait for a thorough plan.
    """
    from ...transform.noise import Keyboard, Spelling, Telegraphic
    from ...transform.recombine import Mix, Splice
    from ...transform.rewrite import Contraction, Rewrite
    from ...transform.synonyms import Synonyms

    patterns = tuple(protect)
    return {
        "mix": Source(Mix(), alone=False, totals=(1.0,)),
        "synonyms": Source(Synonyms(protect=patterns), totals=()),
        "rewrite": Source(Rewrite(patterns), totals=(1.0,)),
        "keyboard": Source(Keyboard(protect=patterns), totals=(2.0,)),
        "keyboard, strong": Source(Keyboard(0.4, protect=patterns), totals=()),
        "contraction": Source(Contraction(patterns), totals=()),
        "spelling": Source(Spelling(protect=patterns), totals=()),
        "telegraphic": Source(Telegraphic(patterns), totals=()),
        "splice": Source(Splice(), alone=False, totals=()),
    }


def model_sources(
    model: str | None = None, *, back_translation: bool = False, store: CallStore | None = None
) -> dict[str, Source]:
    """Return paraphrase, back-translation and new texts by a model, and back-translation by the installed engine.

    store : holds the model's answers, so that the trials, the delivery and a later run pay for a call once.
    Errors: MissingError if the engine is asked for and not installed.
    """
    from ...transform.modelled import ModelParaphrase, ModelTranslator, ModelWritten
    from ...transform.translation import BackTranslation, FastTranslate

    found: dict[str, Source] = {}
    if model is not None:
        found["paraphrase by the model"] = Source(ModelParaphrase(model, store=store), totals=(2.0,))
        found["written by the model"] = Source(ModelWritten(model, store=store), totals=(2.0,))
        there_and_back = BackTranslation(ModelTranslator(model, store=store), pivot="de")
        found["back-translation by the model"] = Source(there_and_back, totals=(0.5,), most=1)
    if back_translation:
        engine = FastTranslate()
        engine.translate(["yes"], "en", "pt")  # what is missing is told before any work
        found["back-translation"] = Source(BackTranslation(engine), totals=(0.5,), most=1)
    return found


def table_sources(records: Sequence[Record], mend: Mend | None = None) -> dict[str, Source]:
    """Return the transforms of table rows that the policy tries, scaled by these records' columns."""
    from ...transform.rows.mixed import MixedRows, is_number
    from ...transform.tabular import Perturb, RowMix, Smote
    from .taught import Taught

    points = MixedRows([record.fields for record in records])
    spread = dict(zip(points.numeric, points.deviations.tolist(), strict=True))
    columns = {
        name: [record.fields[name] for record in records if is_number(record.fields.get(name))] for name in spread
    }
    low, high = ({name: edge(values) for name, values in columns.items()} for edge in (min, max))
    perturb = Perturb(mend, scale=0.1, spread=spread, low=low, high=high)
    return {
        "smote": Source(Smote(mend), alone=False, totals=()),
        "row_mix, light": Source(RowMix(mend, share=0.8), alone=False, totals=()),
        "row_mix": Source(RowMix(mend), alone=False, totals=(1.0,)),
        "perturb": Source(perturb, totals=()),
        "taught": Source(Taught(mend), alone=False, totals=(4.0,)),
    }


def twin_source(types: Mapping[str, pl.DataType], mend: Mend | None = None) -> dict[str, Source]:
    """Return the table generator learned class by class, {} where its extra is not installed."""
    from importlib.util import find_spec

    if find_spec("numba") is None:
        return {}
    from .generated import Twin

    return {"twin": Source(Twin(dict(types), mend), alone=False, totals=(1.0,))}
