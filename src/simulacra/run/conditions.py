"""A run under conditions: the generator that keeps them, and the real rows that its rows are to be compared with."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from ..contracts import Fitted
from ..data.codes.category import RARE
from ..data.codes.family import round_count
from ..data.conditions import Allowed, both, known_column, read_allowed, to_pairs, to_plain
from ..data.rules import first_of_each
from ..errors import RecipeError
from ..generate.conditions import refuse_unbalanced
from ..recipe import Recipe
from ..seeds import Seeds
from .source import Prepared, prepare

__all__ = ["arrange", "conditioned", "conditions_text", "counterparts", "prepare_checked", "read_conditions"]


def conditions_text(recipe: Recipe) -> str:
    """Return the conditions of a recipe as one text that can travel and be compared, "" if it has none."""
    if not recipe.given and recipe.balance is None:
        return ""
    return json.dumps({"given": to_plain(recipe.given or []), "balance": recipe.balance})


def prepare_checked(recipe: Recipe) -> Prepared:
    """Return what `source.prepare` gives for a recipe, its conditions checked against it before anything is learned."""
    prepared = prepare(recipe)
    read_conditions(recipe, prepared)
    return prepared


def read_conditions(recipe: Recipe, prepared: Prepared) -> dict[str, Allowed]:
    """Return what the conditions allow in each column, as far as the real rows alone can tell.

    SchemaError for a column that is not there; RecipeError for what cannot be read or a level that no row has.
    """
    schema, frame, found = prepared.train.schema, prepared.train.frame, dict[str, Allowed]()
    if recipe.balance is not None:
        refuse_unbalanced(known_column(schema, recipe.balance, "balance"))
    for name, written in to_pairs(recipe.given or (), schema.names):
        column = known_column(schema, name)
        if column.personal or column.kind in ("identifier", "text"):
            continue  # the generator says whether it can be missing
        levels = None
        if column.kind in ("category", "boolean", "constant"):
            counts = frame[name].cast(pl.String).drop_nulls().value_counts(sort=True, name="rows")
            levels = [*counts.to_series(0), RARE]
        new = read_allowed(written, column, levels)
        found[name] = both(found[name], new) if name in found else new
    return found


def conditioned(fitted: Fitted, text: str) -> Any:
    """Return the generator under the conditions of `conditions_text`; RecipeError if it takes none."""
    if not text:
        return fitted
    under = getattr(fitted, "condition", None)
    if under is None:
        seen = "this generator takes no conditions"
        raise RecipeError(seen, where="given", hint="leave given and balance out, or use the method 'table'")
    told = json.loads(text)
    return under(told["given"], balance=told["balance"])


def arrange(fitted: Any, recipe: Recipe, accepted: pl.DataFrame, rows: int) -> pl.DataFrame:
    """Return the first `rows` accepted rows; of a balanced table each row is the next of the level whose turn it is.

    Fewer come where a level's rows are used up, or repeat what the schema says is unique.
    """
    accepted = first_of_each(accepted, fitted.schema)
    if recipe.balance is None:
        return accepted.head(rows)
    turns = fitted.turns(0, rows, recipe.seed)
    levels = fitted.level_of(accepted)
    chosen = np.full(rows, -1, np.int64)
    for level in np.unique(turns):
        places, there = np.flatnonzero(turns == level), np.flatnonzero(levels == level)
        known = min(len(places), len(there))
        chosen[places[:known]] = there[:known]
    gaps = np.flatnonzero(chosen < 0)
    return accepted[chosen[: gaps[0] if len(gaps) else rows]]


def counterparts(fitted: Any, recipe: Recipe, prepared: Prepared) -> Prepared:
    """Return the run's real rows that its made rows can be compared with, and a note on the choice.

    Under conditions the rows that satisfy them; of a balanced run an equal number of each level.
    """
    real, holdout = prepared.train.frame, prepared.holdout
    if not conditions_text(recipe):
        return prepared
    notes: list[str] = []
    if recipe.given:
        real = real.filter(fitted.holds(real))
        holdout = None if holdout is None else holdout.filter(fitted.holds(holdout))
        notes.append(f"The rows are compared with the real rows that satisfy the conditions: {_counts(real, holdout)}.")
    if recipe.balance is not None:
        seeds = Seeds(recipe.seed).child("balance")
        real = _even(real, fitted, seeds.child("real"))
        holdout = None if holdout is None else _even(holdout, fitted, seeds.child("holdout"))
        notes.append(
            "The rows are compared with real rows drawn to the same shares, as many of each level as the rarest has: "
            f"{_counts(real, holdout)}; so margins differ from those of the real table on purpose, and privacy was "
            "judged against these rows only."
        )
    if holdout is not None and not holdout.height:
        holdout = None
        notes.append("No row of the hold-out satisfies the conditions: privacy and utility cannot be judged.")
    train = replace(prepared.train, frame=real)
    return replace(prepared, train=train, holdout=holdout, notes=(*prepared.notes, *notes))


def _even(frame: pl.DataFrame, fitted: Any, seeds: Seeds) -> pl.DataFrame:
    """Return as many rows of each level as the rarest one has, in the order of the table; none if a level has none."""
    levels = fitted.level_of(frame)
    counts = np.bincount(levels[levels >= 0], minlength=len(fitted.drawers))
    shuffled = seeds.rng().permutation(frame.height)
    kept = [shuffled[levels[shuffled] == level][: counts.min()] for level in range(len(counts))]
    return frame[np.sort(np.concatenate(kept))]


def _counts(real: pl.DataFrame, holdout: pl.DataFrame | None) -> str:
    """Return how many rows there are, rounded: a small count tells about persons."""
    known = f"{round_count(real.height)} of those learned from"
    return known if holdout is None else f"{known}, {round_count(holdout.height)} kept out"
