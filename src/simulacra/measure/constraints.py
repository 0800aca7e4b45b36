"""validity.constraints: does every row keep the rules between columns that hold in the real table?"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ..contracts import Part, Score
from ..data.rules import Rules, first_of_each
from ..data.schema import Schema
from ..data.shares import wilson
from ..registry import register
from ._chance import binomial_noise
from ._tables import Tables

__all__ = ["ConstraintValidity"]


@register("metric")
class ConstraintValidity:
    """The share of rows that keep every constraint; 0..1, higher is better, 1 where there are none.

    Judged are the constraints of the schema and, unless it has been searched before, those found in the real rows:
    orders, sums, copies, parts of dates, codes and their labels. Floor: the hold-out rows, without them the real rows.
    Does not see: rules that only most real rows keep. Parts: constraints, by share of rows that keep them.
    """

    name = "validity.constraints"
    family = "validity"
    scores = ("validity.constraints",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the score."""
        schema = tables.settled
        rules = Rules.fit(schema, tables.real)
        n, parts, kept = _judge(rules, schema, tables.synthetic)
        holdout = tables.holdout if tables.holdout is not None and tables.holdout.height else tables.real
        m, _, other = _judge(rules, schema, holdout)
        low, high = wilson(kept, n)
        count = sum(bool(rule.columns) for rule in schema.constraints)
        reason = f"{kept:,} of {n:,} rows keep the {count:,} rules between columns" if count else _NONE
        if kept < n:
            reason += f"; most often broken: {parts[0].place} ({100 * (1 - parts[0].value):.2f} % of rows)"
        return [Score(
            self.name, self.family, value=kept / n, low=low, high=high, floor=other / m,
            noise=binomial_noise(n - kept, n, m - other, m), n=n, reason=reason, parts=tuple(parts),
        )]  # fmt: skip


_NONE = "no rule between columns holds in the real table, so none can be broken"


def _judge(rules: Rules, schema: Schema, frame: pl.DataFrame) -> tuple[int, list[Part], int]:
    """Return the number of rows, each constraint with the share that keeps it (worst first), and how many keep all."""
    n = frame.height
    masks = dict(zip(map(str, rules.constraints), rules.kept(frame), strict=True))
    numbered = frame.with_row_index("\0row")
    for rule in schema.constraints:
        if rule.kind == "unique":
            first = first_of_each(numbered, replace(schema, constraints=(rule,)))["\0row"]
            masks[str(rule)] = numbered["\0row"].is_in(first.implode())
    whole = pl.repeat(True, n, dtype=pl.Boolean, eager=True)
    for mask in masks.values():
        whole &= mask
    parts = sorted((Part(name, float(mask.sum()) / n) for name, mask in masks.items()), key=lambda part: part.value)
    return n, parts, int(whole.sum())
