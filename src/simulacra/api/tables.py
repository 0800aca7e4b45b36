"""Tables in Python: learn one, make new rows like it.

>>> import polars as pl, simulacra
>>> people = pl.DataFrame({"age": [20 + i % 50 for i in range(300)], "member": [i % 3 == 0 for i in range(300)]})
>>> twin = simulacra.synthesize(people, rows=100, quality="fast")
>>> twin.shape, twin.columns
((100, 2), ['age', 'member'])
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args

import polars as pl

from ..contracts import Fitted, Progress, Silent
from ..data.dataset import Dataset
from ..data.files import read_bytes, write_atomic
from ..data.frames import Restore, to_polars
from ..data.infer import infer_schema
from ..data.schema import Schema
from ..errors import ModelFileError, RecipeError
from ..generate.complete import Completed, complete, complete_rows
from ..generate.conditions import Given
from ..generate.table import FittedTable, TableGenerator
from ..run.batches import stream
from ..run.refusals import refuse_few, refuse_other, refuse_rows
from ..seeds import Seeds

__all__ = ["Quality", "Synthesizer", "synthesize"]


Frame = TypeVar("Frame")
Quality = Literal["fast", "best"]


class Synthesizer:
    """Learns a table and makes new rows like it.

    Parameters
    ----------
    quality : "best", or "fast" for a tenth of the time.
    seed : the same table, options and seed give the same rows.
    schema : what the columns are, where inference should be overruled.

    `sample` gives back the type of frame that was fitted (polars or pandas), its column order and dtypes.
    """

    def __init__(self, *, quality: Quality = "best", seed: int = 0, schema: Schema | None = None) -> None:
        if quality not in get_args(Quality):
            raise RecipeError(f"there is no quality {quality!r}", hint="ask for 'fast' or 'best'")
        self.quality: Quality = quality
        self.seed = seed
        self.schema = schema
        self._fitted: Fitted | None = None
        self._learned = 0  # rows
        self._restore: Restore | None = None

    def fit(self, data: Any, *, progress: Progress | None = None) -> Synthesizer:
        """Learn from a frame (polars, pandas, a list of records) of at least 10 rows; returns itself."""
        frame, restore = to_polars(data)
        refuse_few(frame)
        schema = self.schema or infer_schema(frame)
        refuse_other(schema, frame)
        generator = TableGenerator(self.quality)
        fitted = generator.fit(Dataset(frame, schema), Seeds(self.seed).child("fit"), progress or Silent())
        self._fitted, self._restore, self._learned = fitted, restore, frame.height
        return self

    def sample(
        self,
        rows: int,
        *,
        given: Given | None = None,
        balance: str | None = None,
        seed: int | None = None,
        progress: Progress | None = None,
    ) -> Any:
        """Return `rows` new rows; another `seed` gives other rows of the same model.

        given : what every row satisfies, e.g. {"age": (30, 40), "city": ["Bonn", "Celle"], "x": None}, or texts such as
        "age=30..40"; see docs/conditions.md. balance : a category whose levels get the same share of the rows.
        """
        refuse_rows(rows)
        fitted = self._model()
        if given or balance is not None:
            fitted = cast(FittedTable, fitted).condition(given or (), balance=balance)
        seeds = Seeds(self.seed if seed is None else seed).child("rows")
        return self._restored(stream(fitted, rows, seeds, progress or Silent()))

    def complete(self, data: Any, *, seed: int | None = None, strict: bool = False) -> Any:
        """Return partly known rows with the rest drawn given what is known; known values come back unchanged.

        Empty cells get a value; columns that `data` lacks are made as in new rows, with their missing values. A row
        that contradicts the table's rules comes back as it was, and a UserWarning names it; `strict`: a DataError does.
        """
        return self._complete(data, seed, absent_missing=True, strict=strict)

    def impute(self, data: Any, *, seed: int | None = None, strict: bool = False) -> Any:
        """Return rows like `complete` does, with a value in every cell, also of columns that `data` lacks."""
        return self._complete(data, seed, absent_missing=False, strict=strict)

    def complete_told(self, data: Any, *, seed: int | None = None) -> Completed:
        """Return what `complete` gives, as polars, with the rows that could not be completed and why."""
        frame, _ = to_polars(data)
        return complete_rows(cast(FittedTable, self._model()), frame, self._seeds(seed))

    def save(self, path: str | Path) -> None:
        """Write the model to a file that holds no executable content."""
        write_atomic(Path(path), self._model().to_bytes())

    @classmethod
    def load(cls, path: str | Path) -> Synthesizer:
        """Read a saved model; ModelFileError if it is damaged, hostile or of another version.

        Rows come as polars. The seed is not saved: `sample` starts from 0 unless it is told one.
        """
        content = read_bytes(Path(path), "the model", ModelFileError)
        loaded = cls()
        try:
            loaded._fitted = TableGenerator().load(content)
        except ModelFileError as error:
            raise ModelFileError(error.seen, where=str(path), hint=error.hint) from error
        return loaded

    def _model(self) -> Fitted:
        if self._fitted is None:
            raise RecipeError("nothing has been learned yet", hint="call fit(data) first")
        return self._fitted

    def _complete(self, data: Any, seed: int | None, *, absent_missing: bool, strict: bool) -> Any:
        frame, _ = to_polars(data)
        model, seeds = cast(FittedTable, self._model()), self._seeds(seed)
        if strict:
            return self._restored(complete(model, frame, seeds, absent_missing=absent_missing))
        made = complete_rows(model, frame, seeds, absent_missing=absent_missing)
        if made.left:
            warnings.warn(f"{made.sentence()}: they stand as they came", UserWarning, stacklevel=3)
        return self._restored(made.rows)

    def _seeds(self, seed: int | None) -> Seeds:
        return Seeds(self.seed if seed is None else seed).child("complete")

    def _restored(self, frame: pl.DataFrame) -> Any:
        return frame if self._restore is None else self._restore(frame)


def synthesize(
    data: Frame,
    *,
    rows: int | None = None,
    given: Given | None = None,
    balance: str | None = None,
    quality: Quality = "best",
    seed: int = 0,
    schema: Schema | None = None,
) -> Frame:
    """Return a private twin of a table: the same type of frame, columns and dtypes, `rows` new rows (default: as many).

    schema : what the columns are and which rules they keep, where inference should be overruled; see `inspect`.

    To have it judged: `validate(twin, real, holdout=rows_kept_out).verdict`, with `synthesize(real)` for the twin, or
    `api.run_recipe(api.make_recipe("people.csv"), "out/").assessment.verdict` for a file, which keeps a tenth out.
    """
    synthesizer = Synthesizer(quality=quality, seed=seed, schema=schema).fit(data)
    rows = rows if rows is not None else synthesizer._learned
    return cast(Frame, synthesizer.sample(rows, given=given, balance=balance))
