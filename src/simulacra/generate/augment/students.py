"""Students of the policy: what is trained on the rows, with and without variants, and asked about the rows left out."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ...contracts.models import Embedder
from ...contracts.rows import Record
from ...errors import RecipeError
from ...text.tokens import normalise, words

__all__ = ["Scorer", "Student", "TableStudent", "TextStudent"]

Floats = NDArray[np.float64]
Scorer = Callable[[Sequence[Record]], Floats]
"""Records -> (records, classes) probabilities."""


class Student(Protocol):
    """A kind of model."""

    @property
    def name(self) -> str:
        """What it is, in words."""

    def fit(self, records: Sequence[Record], weights: Floats, classes: Sequence[str]) -> Scorer:
        """Return a scorer whose columns are in the order of `classes`; classes without a record score 0."""


class Terms:
    """Texts as TF-IDF of words and pairs of words; the terms of a text are looked up once.

    Source: sublinear counts, smoothed idf, rows of length 1, as scikit-learn's TfidfVectorizer has them.
    """

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._known: dict[str, tuple[NDArray[np.int64], Floats]] = {}

    def _of(self, text: str) -> tuple[NDArray[np.int64], Floats]:
        found = self._known.get(text)
        if found is None:
            parts = words(normalise(text)) or ["\x00"]
            terms = [*parts, *(f"{one} {two}" for one, two in itertools.pairwise(parts))]
            places, counts = np.unique(
                [self._places.setdefault(term, len(self._places)) for term in terms], return_counts=True
            )
            found = self._known[text] = places, 1.0 + np.log(counts)
        return found

    def encoder(self, texts: Sequence[str]) -> Callable[[Sequence[str]], Any]:
        """Return a function from texts to (texts, terms) sparse rows; terms that none of `texts` has are left out."""
        terms = [self._of(text)[0] for text in texts]
        columns, frequency = np.unique(np.concatenate(terms), return_counts=True)
        weight = np.log((1 + len(texts)) / (1 + frequency)) + 1

        def encode(rows: Sequence[str]) -> Any:
            from scipy.sparse import csr_matrix  # type: ignore[import-untyped,unused-ignore]

            found = [self._of(text) for text in rows]
            owners = np.repeat(np.arange(len(rows)), [len(places) for places, _ in found])
            places = np.concatenate([places for places, _ in found]) if found else np.empty(0, dtype=np.int64)
            values = np.concatenate([counts for _, counts in found]) if found else np.empty(0)
            at = np.minimum(np.searchsorted(columns, places), len(columns) - 1)
            known = columns[at] == places
            owners, at, values = owners[known], at[known], values[known] * weight[at[known]]
            lengths = np.sqrt(np.bincount(owners, values**2, minlength=len(rows)))
            return csr_matrix((values / lengths[owners], (owners, at)), shape=(len(rows), len(columns)))

        return encode


class Remembered:
    """An embedder that keeps what it has embedded."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._known = embedder, dict[str, NDArray[np.float32]]()
        self.name, self.identity, self.width = embedder.name, embedder.identity, embedder.width

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors : (n_texts, width)."""
        fresh = list(dict.fromkeys(text for text in texts if text not in self._known))
        if fresh:
            self._known.update(zip(fresh, self._embedder.embed(fresh), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.width)


@dataclass(slots=True)
class TextStudent:
    """Logistic regression on TF-IDF of words and pairs of words, or on embeddings, as in `measure.text`.

    The policy fits it hundreds of times on nearly the same texts, so what a text is made of is kept.
    """

    kind: Literal["tfidf", "embedding"] = "tfidf"
    embedder: Embedder | None = None
    _remembered: Remembered | None = None
    _terms: Terms = field(default_factory=lambda: Terms())

    @property
    def name(self) -> str:
        """What it is, in words."""
        return "TF-IDF + linear" if self.kind == "tfidf" else "embeddings + linear"

    def fit(self, records: Sequence[Record], weights: Floats, classes: Sequence[str]) -> Scorer:
        """Return a scorer; see `Student`. RecipeError for "embedding" without an embedder."""
        from sklearn.linear_model import LogisticRegression

        from ...measure._learn import one_thread

        labels = np.array([str(record.label) for record in records], dtype=object)
        places = [list(classes).index(label) for label in sorted(set(labels.tolist()))]
        if len(places) == 1:
            return lambda asked: _placed(np.ones((len(asked), 1)), places, len(classes))
        encode = self._encoder([record.text for record in records])
        with one_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that stops early is good enough, and says so in its scores
            model = LogisticRegression(C=10.0 if self.kind == "tfidf" else 20.0, max_iter=100, tol=1e-3)
            model.fit(encode([record.text for record in records]), labels, sample_weight=weights)

        def score(asked: Sequence[Record]) -> Floats:
            with one_thread():
                found = np.asarray(model.predict_proba(encode([record.text for record in asked])))
            return _placed(found, places, len(classes))

        return score

    def _encoder(self, texts: Sequence[str]) -> Callable[[Sequence[str]], Any]:
        if self.kind == "tfidf":
            return self._terms.encoder(texts)
        if self.embedder is None:
            raise RecipeError("this student needs embeddings", hint="give an embedder, or take the student 'tfidf'")
        if self._remembered is None:
            self._remembered = Remembered(self.embedder)
        remembered = self._remembered
        return lambda rows: remembered.embed(rows).astype(np.float64)


@dataclass(slots=True)
class TableStudent:
    """Gradient boosting on the cells of `fields`: numbers as they are, other cells as categories.

    columns : their names; numbers : those that hold numbers; levels : category -> code, from the rows it was made for.
    """

    columns: tuple[str, ...]
    numbers: frozenset[str]
    levels: dict[str, dict[str, int]] = field(default_factory=dict)
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
