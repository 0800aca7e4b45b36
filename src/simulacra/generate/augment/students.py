"""Students of the policy: what is trained on the rows, with and without variants, and asked about the rows left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ...contracts.models import Embedder
from ...contracts.rows import Record
from ...errors import RecipeError

if TYPE_CHECKING:
    from ...measure.text._encoders import Encode, Remembered, Terms

__all__ = ["Scorer", "Student", "TableStudent", "TextStudent"]

Floats = NDArray[np.float64]
Scorer = Callable[[Sequence[Record]], Floats]
"""Records -> (records, classes) probabilities."""


class Student(Protocol):
    """A kind of model. kind : what `evidence.prior_of` knows it by."""

    @property
    def kind(self) -> str:
        """A word for its kind."""

    @property
    def name(self) -> str:
        """What it is, in words."""

    def fit(self, records: Sequence[Record], weights: Floats, classes: Sequence[str]) -> Scorer:
        """Return a scorer whose columns are in the order of `classes`; classes without a record score 0."""


@dataclass(slots=True)
class TextStudent:
    """The student of `measure.text`: logistic regression on TF-IDF of words and pairs of words, or on embeddings.

    The policy fits it hundreds of times on nearly the same texts, so what a text is made of is kept.
    """

    kind: Literal["tfidf", "embedding"] = "tfidf"
    embedder: Embedder | None = None
    _remembered: Remembered | None = None
    _terms: Terms | None = None

    @property
    def name(self) -> str:
        """What it is, in words."""
        return "TF-IDF + linear" if self.kind == "tfidf" else "embeddings + linear"

    def fit(self, records: Sequence[Record], weights: Floats, classes: Sequence[str]) -> Scorer:
        """Return a scorer; see `Student`. RecipeError for "embedding" without an embedder."""
        from ...measure.text._students import train_student  # the measures take a while to import

        texts, labels = [record.text for record in records], [str(record.label) for record in records]
        encode = self._encoder(texts)
        student = train_student(texts, labels, kind=self.kind, weights=weights, encode=encode, quick=True)
        places = [list(classes).index(label) for label in student.classes]
        return lambda asked: _placed(student.score([one.text for one in asked]), places, len(classes))

    def _encoder(self, texts: Sequence[str]) -> Encode:
        from ...measure.text._encoders import Remembered, Terms

        if self.kind == "tfidf":
            self._terms = self._terms or Terms()
            return self._terms.encoder(texts)
        if self.embedder is None:
            raise RecipeError("this student needs embeddings", hint="give an embedder, or take the student 'tfidf'")
        if self._remembered is None:
            self._remembered = Remembered(self.embedder)
        return self._remembered.embed


@dataclass(slots=True)
class TableStudent:
    """Gradient boosting on the cells of `fields`: numbers as they are, other cells as categories.

    columns : their names; numbers : those that hold numbers; levels : category -> code, from the rows it was made for.
    """

    columns: tuple[str, ...]
    numbers: frozenset[str]
    levels: dict[str, dict[str, int]] = field(default_factory=dict)
    kind: str = "boosting"
    name: str = "gradient boosting"

    @classmethod
    def of(cls, records: Sequence[Record]) -> TableStudent:
        """Return a student for rows like these."""
        from ...transform.rows.mixed import MixedRows

        points = MixedRows([record.fields for record in records])
        levels = {
            name: {
                level: code for code, level in enumerate(sorted({str(record.fields.get(name)) for record in records}))
            }
            for name in points.other
        }
        return cls(tuple(points.names), frozenset(points.numeric), levels)

    def fit(self, records: Sequence[Record], weights: Floats, classes: Sequence[str]) -> Scorer:
        """Return a scorer; see `Student`."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        from ...measure._learn import one_thread

        labels = np.array([str(record.label) for record in records], dtype=object)
        present = sorted(set(labels.tolist()))
        places = [list(classes).index(label) for label in present]
        if len(present) == 1:
            return lambda asked: _placed(np.ones((len(asked), 1)), places, len(classes))
        kinds = [name not in self.numbers and len(self.levels[name]) < 255 for name in self.columns]
        with one_thread():
            model = HistGradientBoostingClassifier(
                max_iter=80, max_leaf_nodes=15, min_samples_leaf=5, early_stopping=False, random_state=0,
                categorical_features=np.array(kinds) if any(kinds) else None,
            )  # fmt: skip
            model.fit(self._encoded(records), labels, sample_weight=weights)

        def score(asked: Sequence[Record]) -> Floats:
            with one_thread():
                return _placed(np.asarray(model.predict_proba(self._encoded(asked))), places, len(classes))

        return score

    def _encoded(self, records: Sequence[Record]) -> Floats:
        return np.array([[self._cell(name, record.fields.get(name)) for name in self.columns] for record in records])

    def _cell(self, name: str, value: Any) -> float:
        if name in self.numbers:
            return float("nan") if value is None else float(value)
        return float(self.levels[name].get(str(value), float("nan")))


def _placed(scores: Floats, places: Sequence[int], width: int) -> Floats:
    full = np.zeros((len(scores), width))
    full[:, places] = scores
    return full
