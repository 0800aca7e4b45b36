"""Where variants come from: transforms under a name, and the variants of each record, made once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...contracts.rows import Record, Transform
from ...seeds import Seeds

__all__ = ["Source", "Variants", "table_sources", "text_sources"]

MOST_DRAWS = 3  # how often a transform is asked again where it gave nothing new


@dataclass(frozen=True, slots=True)
class Source:
    """A transform in the policy's trials.

    alone : a variant depends on its record alone, so it is the same in every fold; else it sees its batch.
    """

    transform: Transform
    alone: bool = True

    @property
    def name(self) -> str:
        """The transform's name."""
        return self.transform.name


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
        known = [{_content(record)} for record in records]
        for draw in range(amount * MOST_DRAWS):
            # One that looks at its batch needs the whole batch; the others only what still lacks variants.
            open_ = [place for place, variants in enumerate(found) if len(variants) < amount]
            if not open_:
                break
            asked = open_ if source.alone else list(range(len(records)))
            made = source.transform.apply([records[place] for place in asked], self.seeds.child("draw", draw))
            for place, variant in zip(asked, made, strict=True):
                if variant is not None and len(found[place]) < amount and _content(variant) not in known[place]:
                    known[place].add(_content(variant))
                    found[place].append(variant)
        return found


def _content(record: Record) -> str:
    return record.text if record.text else repr(sorted(record.fields.items(), key=lambda pair: pair[0]))


def text_sources(protect: Sequence[str] = ()) -> dict[str, Source]:
    """Return the transforms of texts that the policy tries; look-alikes and invisible characters are for attacks."""
    from ...transform.noise import Keyboard, Spelling, Telegraphic
    from ...transform.recombine import Mix
    from ...transform.rewrite import Contraction, Rewrite
    from ...transform.synonyms import Synonyms

    patterns = tuple(protect)
    transforms: list[Transform] = [
        Synonyms(protect=patterns), Rewrite(patterns), Contraction(patterns), Keyboard(protect=patterns),
        Keyboard(0.4, protect=patterns), Spelling(protect=patterns), Telegraphic(patterns),
    ]  # fmt: skip
    found = {transform.name: Source(transform) for transform in transforms if transform.name != "keyboard"}
    found |= {"keyboard": Source(transforms[3]), "keyboard, strong": Source(transforms[4])}
    return found | {"mix": Source(Mix(), alone=False)}


def table_sources(records: Sequence[Record], fits: object = None) -> dict[str, Source]:
    """Return the transforms of table rows that the policy tries, scaled by these records' columns."""
    from ...transform.rows.mixed import MixedRows, is_number
    from ...transform.tabular import Perturb, RowMix, Smote

    rule = fits if callable(fits) else None
    points = MixedRows([record.fields for record in records])
    spread = dict(zip(points.numeric, points.deviations.tolist(), strict=True))
    columns = {
        name: [record.fields[name] for record in records if is_number(record.fields.get(name))] for name in spread
    }
    low, high = ({name: edge(values) for name, values in columns.items()} for edge in (min, max))
    perturb = Perturb(rule, scale=0.1, spread=spread, low=low, high=high)
    return {
        "perturb": Source(perturb),
        "row_mix": Source(RowMix(rule), alone=False),
        "row_mix, light": Source(RowMix(rule, share=0.8), alone=False),
        "smote": Source(Smote(rule), alone=False),
    }
