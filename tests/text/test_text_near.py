"""The near-duplicate index against exact Jaccard similarity."""

import numpy as np
import pytest

from simulacra.testing.suites.texts import example_texts
from simulacra.text._buckets import Buckets
from simulacra.text.minhash import choose_bands, jaccard, signatures
from simulacra.text.near import Match, NearDuplicates, group_near_duplicates, near_duplicate_pairs
from simulacra.text.ngrams import character_grams


def changed(texts: list[str], rng: np.random.Generator) -> list[str]:
    """Return each text with one word exchanged or left out."""
    out = []
    for text in texts:
        words = text.split()
        words[int(rng.integers(len(words)))] = str(rng.choice(["other", "", "7"]))
        out.append(" ".join(words))
    return out


def exact(first: list[str], second: list[str]) -> np.ndarray:
    sets = [character_grams(texts, 5).distinct() for texts in (first, second)]
    return np.array([[jaccard(sets[0][i], sets[1][j]) for j in range(len(second))] for i in range(len(first))])


def test_what_is_near_is_found_and_nothing_else():
    rng = np.random.default_rng(0)
    known = example_texts(150)
    asked = changed(known, rng) + example_texts(50, seed=9)
    truth = exact(asked, known)
    index = NearDuplicates(threshold=0.8)
    index.add(known)
    found = index.nearest(asked)
    near = truth.max(axis=1) >= 0.8
    hits = np.array([match is not None for match in found])
    assert near.sum() > 60
    assert not (hits & ~near).any()
    assert (hits & near).sum() >= 0.97 * near.sum()
    for place, match in enumerate(found):
        if match is not None:
            assert match.similarity == pytest.approx(truth[place, match.position])


def test_signatures_estimate_jaccard_without_bias():
    rng = np.random.default_rng(1)
    first = example_texts(120)
    second = changed(first, rng)
    truth = np.diag(exact(first, second))
    made = [signatures(character_grams(texts, 5), 128) for texts in (first, second)]
    error = (made[0] == made[1]).mean(axis=1) - truth
    assert abs(error.mean()) < 4 * 0.044 / len(error) ** 0.5
    assert error.std() < 0.06


def test_one_by_one_and_in_batches_give_the_same():
    texts = example_texts(60) + changed(example_texts(60), np.random.default_rng(2)) + example_texts(20)
    index, singly = NearDuplicates(), []
    for text in texts:
        singly.append(index.nearest([text])[0])
        index.add([text])
    assert NearDuplicates().add_matched(texts) == singly
    assert (
        signatures(character_grams(texts[:1], 5), 64).tolist() == signatures(character_grams(texts, 5), 64)[:1].tolist()
    )


def test_admit_keeps_the_first_and_names_it():
    index = NearDuplicates()
    assert index.admit("The quick brown fox jumps over the lazy dog tonight") is None
    assert index.admit("the quick brown FOX jumps over the lazy dog, tonight!") == Match(0, 1.0)
    near = index.admit("The quick brown fox jumps over the lazy dog tonight again")
    assert near is not None
    assert near.position == 0
    assert len(index) == 1


def test_positions_count_repeats_too():
    index = NearDuplicates()
    assert index.add(["a b c d e", "a b c d e", "f g h i j"]) == range(3)
    assert index.nearest(["F G H I J", "a b c d e"]) == [Match(2, 1.0), Match(0, 1.0)]


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["?!", "?!"], ["😀", "😀"]])
def test_texts_without_words_do_no_harm(texts):
    groups = group_near_duplicates(texts)
    assert len(groups) == len(texts)
    assert len(set(groups.tolist())) == len(set(texts))


def test_pairs_against_another_set():
    assert near_duplicate_pairs(["one and the same"], against=["other", "One, and the same"]) == [(0, 1, 1.0)]


def test_a_heap_of_look_alikes_is_one_group():
    texts = [f"the very same long text that stands there many times number {place}" for place in range(300)]
    assert set(group_near_duplicates(texts, threshold=0.7).tolist()) == {0}


def test_bands_are_as_sharp_as_recall_allows():
    for threshold in (0.3, 0.5, 0.8, 0.95):
        bands = choose_bands(threshold)
        assert bands.chance(threshold) >= 0.998
        assert bands.hashes <= 400
    assert choose_bands(0.6).chance(0.1) < 0.001  # of 100,000 texts on one subject a look meets a hundred
    with pytest.raises(ValueError, match="is not in"):
        NearDuplicates(threshold=1.5)


def test_buckets_find_all_that_share_a_key_and_grow():
    rng = np.random.default_rng(3)
    keys = rng.integers(0, 200, (700, 4), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    buckets = Buckets(4)
    for start in range(0, 700, 90):
        buckets.insert(keys[start : start + 90])
    asked, member = buckets.lookup(keys[:50])
    truth = {(i, j) for i in range(50) for j in range(700) if (keys[i] == keys[j]).any()}
    assert set(zip(asked.tolist(), member.tolist(), strict=True)) == truth


@pytest.mark.parametrize("lots", [[700], [1] * 100 + [600], [3] * 200 + [100]])
def test_buckets_walk_to_the_end_of_long_slots(lots):
    rng = np.random.default_rng(4)
    keys = rng.integers(0, 20, (700, 3), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    buckets = Buckets(3)
    for first, lot in zip(np.cumsum([0, *lots]), lots, strict=False):
        buckets.insert(keys[first : first + lot])
    near = (keys[:, None] == keys[None]).any(axis=2)
    assert near.sum(axis=1).min() > 60
    pairs = [buckets.lookup(keys), buckets.lookup(keys, np.arange(700))]
    found = [set(zip(asked.tolist(), member.tolist(), strict=True)) for asked, member in pairs]
    assert found[0] == {(i, j) for i, j in zip(*near.nonzero(), strict=True)}
    assert found[1] == {(i, j) for i, j in zip(*near.nonzero(), strict=True) if j < i}


def test_texts_on_one_subject_are_found_again():
    rng = np.random.default_rng(5)
    words = [f"{a}{b}{c}" for a in ("ba", "ko", "ven", "tash") for b in ("zan", "fer", "oth", "mar") for c in "aeiou"]
    known = ["how do i " + " ".join(rng.choice(words, 14)) for _ in range(3000)]
    again = changed(known[:300], rng)
    pairs = zip(character_grams(again, 5).distinct(), character_grams(known, 5).distinct(), strict=False)
    near = np.array([jaccard(one, other) >= 0.6 for one, other in pairs])
    index = NearDuplicates(threshold=0.6)
    index.add(known)
    hits = np.array([match is not None for match in index.nearest(again)])
    assert near.sum() > 200
    assert hits[near].mean() >= 0.99
