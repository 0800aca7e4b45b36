"""Students: small classifiers of texts that train in seconds, by which the worth of data is told.

Two kinds: a linear model on TF-IDF of words and pairs of words, which knows only the words it was shown, and one on
embeddings, which knows what words mean. What helps one may harm the other: measure with both.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError, RecipeError
from .._learn import one_thread
from ._encoders import Encode, Remembered, Terms

if TYPE_CHECKING:
    from ...contracts import Embedder

__all__ = ["KINDS", "Student", "train_student"]

KINDS = ("tfidf", "embedding")
Floats = NDArray[np.float64]
_STRENGTH = {"tfidf": 10.0, "embedding": 20.0}


class Student:
    """A trained classifier. kind : of `KINDS`. classes : its labels, sorted."""

    __slots__ = ("_encode", "_model", "classes", "kind")

    def __init__(self, kind: str, classes: tuple[str, ...], encode: Encode, model: Any) -> None:
        self.kind, self.classes, self._encode, self._model = kind, classes, encode, model

    def score(self, texts: Sequence[str]) -> Floats:
        """Return (texts, classes) probabilities; a row sums to 1."""
        if self._model is None or not texts:
            return np.full((len(texts), len(self.classes)), 1.0 / len(self.classes))
        with one_thread():
            return np.asarray(self._model.predict_proba(self._encode(texts)), dtype=np.float64)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """Return the likeliest class of each text."""
        return [self.classes[place] for place in self.score(texts).argmax(axis=1)] if texts else []

    def accuracy(self, texts: Sequence[str], labels: Sequence[str]) -> float:
        """Return the share of texts whose class is found, 0..1."""
        guesses = self.predict(texts)
        return float(np.mean([guess == label for guess, label in zip(guesses, labels, strict=True)]))


def train_student(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    kind: Literal["tfidf", "embedding"] = "tfidf",
    embedder: Embedder | None = None,
    weights: Sequence[float] | Floats | None = None,
    seed: int = 0,
    encode: Encode | None = None,
    quick: bool = False,
) -> Student:
    """Return a classifier of texts: logistic regression on TF-IDF (words, pairs of words) or on embeddings.

    weights : per text, None for 1 each. A single class gives a student that always says it. encode : how texts become
    numbers, for who trains many students on nearly the same texts; None: learned from these. quick : stop the fit
    early, for hundreds of students that are compared with each other.
    Errors: DataError without texts or with other many labels; RecipeError for an unknown kind, or "embedding" without
    an embedder; MissingError without scikit-learn.
    """
    if len(texts) != len(labels):
        raise DataError(f"there are {len(texts)} texts and {len(labels)} labels", hint="give one label a text")
    if not texts:
        raise DataError("there are no texts to learn from", hint="give at least one text a class")
    if kind not in KINDS:
        raise RecipeError(f"there is no student {kind!r}", hint=f"there are: {', '.join(KINDS)}")
    if kind == "embedding" and embedder is None and encode is None:
        raise RecipeError("this student needs embeddings", hint="give an embedder, or take the student 'tfidf'")
    classes = tuple(sorted(set(labels)))
    if len(classes) == 1:
        return Student(kind, classes, list, None)
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that stops early is good enough, and says so in its scores
        encode = encode or (
            Terms().encoder(texts) if embedder is None or kind == "tfidf" else Remembered(embedder).embed
        )
        from sklearn.linear_model import LogisticRegression

        effort = {"max_iter": 100, "tol": 1e-3} if quick else {"max_iter": 200}
        model = LogisticRegression(C=_STRENGTH[kind], random_state=seed % 2**32, **effort)
        model.fit(encode(texts), np.array(labels, dtype=object), sample_weight=weights)
    return Student(kind, tuple(str(label) for label in model.classes_), encode, model)
