"""Students of texts: they learn, they can be weighted, and they say what they cannot do."""

import numpy as np
import pytest

from simulacra.errors import DataError, RecipeError
from simulacra.measure.text._students import train_student
from simulacra.measure.text.similarity import vendi

TEXTS = ["red apple", "green apple", "blue car", "fast car"]
LABELS = ["fruit", "fruit", "thing", "thing"]


class Letters:
    """An embedder of letter counts."""

    name = identity = "letters"
    width = 26

    def embed(self, texts):
        counts = np.array(
            [[text.lower().count(chr(97 + place)) for place in range(26)] for text in texts], dtype=np.float32
        )
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


@pytest.mark.parametrize("kind", ["tfidf", "embedding"])
def test_a_student_learns_what_it_is_shown(kind):
    student = train_student(TEXTS, LABELS, kind=kind, embedder=Letters())
    assert student.predict(TEXTS) == LABELS
    assert student.accuracy(TEXTS, LABELS) == 1.0
    scores = student.score(["an apple", "", "?"])
    assert scores.shape == (3, 2)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert student.score([]).shape == (0, 2)


def test_weights_count():
    texts, labels = ["same words"] * 4, ["a", "a", "a", "b"]
    assert train_student(texts, labels).predict(["same words"]) == ["a"]
    assert train_student(texts, labels, weights=[1, 1, 1, 20]).predict(["same words"]) == ["b"]


def test_one_class_is_always_said():
    student = train_student(["x", "y"], ["only", "only"])
    assert student.predict(["z", ""]) == ["only", "only"]
    assert student.score(["z"]).tolist() == [[1.0]]


def test_what_cannot_be_learned_is_told():
    with pytest.raises(DataError, match="1 texts and 2 labels"):
        train_student(["a"], ["x", "y"])
    with pytest.raises(DataError, match="no texts to learn from"):
        train_student([], [])
    with pytest.raises(RecipeError, match="no student 'forest'"):
        train_student(TEXTS, LABELS, kind="forest")
    with pytest.raises(RecipeError, match="needs embeddings"):
        train_student(TEXTS, LABELS, kind="embedding")


def test_vendi_counts_what_is_different():
    rows = np.repeat(np.eye(5, dtype=np.float32), 3, axis=0)
    assert vendi(rows) == pytest.approx(5, rel=1e-5)
    # Slow reference: the exponential of the entropy of the kernel's eigenvalues.
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(12, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    values = np.linalg.eigvalsh(rows @ rows.T / 12)
    values = values[values > 1e-9]
    assert vendi(rows) == pytest.approx(float(np.exp(-(values * np.log(values)).sum())), rel=1e-4)
