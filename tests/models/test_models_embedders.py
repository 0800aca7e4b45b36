"""Embedders: rows of length 1 that depend on their own text alone; pieces as the reference cuts them; meaning seen."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra import registry
from simulacra.errors import MissingError, ModelFileError, RecipeError
from simulacra.models.embedders import open_embedder
from simulacra.models.embedders._pieces import Pieces
from simulacra.models.embedders.static import _read
from simulacra.models.weights import locate

# As the package tokenizers 0.23.3 cuts them with the same vocabulary.
PIECES = [
    ("a", [263]),
    ("  two  spaces ", [259, 1023, 29871, 8162, 29871]),
    ("I don't know: €5.20 …", [306, 1016, 29915, 29873, 1073, 29901, 25540, 29945, 29889, 29906, 29900, 16088]),
    (
        "naïve café 東京 🙂\n\ttab",
        [1055, 30085, 345, 274, 28059, 29871, 30591, 30675, 29871, 243, 162, 156, 133, 13, 12, 3891],
    ),
    (
        "Ångström 12345 http://x.y/z?a=b",
        [
            11260,
            865,
            25961,
            29871,
            29896,
            29906,
            29941,
            29946,
            29945,
            1732,
            597,
            29916,
            29889,
            29891,
            29914,
            29920,
            29973,
            29874,
            29922,
            29890,
        ],
    ),
    ("unbelievably", [443, 6596, 10384, 2197]),
]


@cache
def opened(name: str):
    return open_embedder(name)


@pytest.mark.parametrize("name", registry.names("embedder"))
@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(max_size=40), max_size=6))
def test_a_row_has_length_one_and_depends_on_its_text_alone(name, texts):
    embedder = opened(name)
    rows = embedder.embed(texts)
    assert rows.shape == (len(texts), embedder.width)
    assert rows.dtype == np.float32
    for text, row in zip(texts, rows, strict=True):
        assert np.array_equal(embedder.embed([text])[0], row)
        assert np.isclose(np.linalg.norm(row), 1, atol=1e-5) or not row.any()


@pytest.mark.parametrize("name", registry.names("embedder"))
def test_empty_and_huge_texts(name):
    rows = open_embedder(name).embed(["", "a" * 100_000, "lost card " * 20_000])
    assert not rows[0].any()
    assert np.allclose(np.linalg.norm(rows[1:], axis=1), 1, atol=1e-4)
    assert open_embedder(name).embed([]).shape == (0, open_embedder(name).width)


def test_static_sees_meaning_and_hashing_sees_spelling():
    texts = ["I lost my card", "my debit card is missing", "how do I bake bread", "I lose my cart"]
    alike = {name: (rows := open_embedder(name).embed(texts)) @ rows.T for name in ("static", "hashing")}
    assert alike["static"][0, 1] > 0.4 > 0.2 > alike["static"][0, 2]
    assert alike["hashing"][0, 3] > alike["hashing"][0, 2]
    assert alike["static"][0, 1] - alike["static"][0, 2] > alike["hashing"][0, 1] - alike["hashing"][0, 2]


@pytest.mark.parametrize(("text", "codes"), PIECES)
def test_pieces_are_those_of_the_reference(text, codes):
    assert Pieces(locate("wordllama-256")[1]).codes(text) == codes


def test_the_default_says_which_it_is(tmp_path, monkeypatch):
    assert open_embedder().name == "static"
    monkeypatch.setenv("SIMULACRA_HOME", str(tmp_path))
    assert open_embedder().identity == "hashing:trigrams-512"
    with pytest.raises(MissingError, match="simulacra models install wordllama-256"):
        open_embedder("static")
    with pytest.raises(RecipeError, match="no embedder called 'bert'"):
        open_embedder("bert")


def test_another_table_is_told(tmp_path):
    head = b'{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}'
    (tmp_path / "w.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + bytes(24))
    with pytest.raises(ModelFileError, match="not the table"):
        _read(tmp_path / "w.safetensors", 256)
