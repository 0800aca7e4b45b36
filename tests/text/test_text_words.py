"""Words, sentences, characters, n-grams: laws that hold for any text."""

import hashlib
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.text.language import UNKNOWN, identify_language
from simulacra.text.ngrams import character_grams, compare_form, hash_lists, word_grams, word_hashes
from simulacra.text.tokens import character_spans, normalise, sentence_spans, word_spans, words
from simulacra.text.wordlists import LANGUAGES, stop_words


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_places_are_in_order_and_give_back_what_was_found(text):
    assert [text[start:end] for start, end in word_spans(text)] == words(text)
    for places in (word_spans(text), sentence_spans(text), character_spans(text)):
        assert all(start < end for start, end in places)
        assert all(one[1] <= two[0] for one, two in pairwise(places))
    assert "".join(text[start:end] for start, end in character_spans(text)) == text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing_more_and_case_is_gone(text):
    once = normalise(text)
    assert normalise(once) == once
    assert compare_form(compare_form(text)) == compare_form(text)


def test_sentences_end_where_a_reader_ends_them():
    text = "Mr. J. Smith paid 3.5 kg, e.g. flour. Really?! 「はい。」そう。\n\nNew line"
    assert [text[a:b] for a, b in sentence_spans(text)] == [
        "Mr. J. Smith paid 3.5 kg, e.g. flour.", "Really?!", "「はい。」", "そう。", "New line",
    ]  # fmt: skip


def test_scripts_without_spaces_and_with_marks():
    assert words("日本語 हिन्दी שָׁלוֹם café") == ["日", "本", "語", "हिन्दी", "שָׁלוֹם", "café"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text("ab c", max_size=12), max_size=6), st.integers(1, 4))
def test_grams_are_those_of_a_slow_count(texts, size):
    grams = word_grams(word_hashes(texts), size)
    for place, text in enumerate(texts):
        own = words(normalise(text))
        slow = [tuple(own[start : start + size]) for start in range(len(own) - size + 1)]
        assert len(grams[place]) == len(slow)
        assert len(np.unique(grams[place])) == len(set(slow))


def test_a_gram_is_the_same_in_any_batch_and_process():
    alone, among = character_grams(["some text"], 5)[0], character_grams(["x", "", "some text", "y"], 5)[2]
    assert alone.tolist() == among.tolist()
    code = "from simulacra.text.ngrams import character_grams; print(character_grams(['some text'], 5)[0].tolist())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other.strip() == str(alone.tolist())
    digest = int.from_bytes(hashlib.blake2b(b"word", digest_size=8).digest(), "little")
    assert hash_lists([["word"]]).values.tolist() == [digest]


def test_order_counts_in_a_gram_and_empty_texts_have_none():
    grams = word_grams(word_hashes(["a b", "b a", ""]), 2)
    assert grams[0].tolist() != grams[1].tolist()
    assert grams.sizes().tolist() == [1, 1, 0]
    assert character_grams(["", "é"], 5).sizes().tolist() == [0, 1]
    with pytest.raises(ValueError, match="at least one part"):
        word_grams(grams, 0)


def test_each_text_keeps_its_values_once():
    found = hash_lists([["b", "a", "b"], [], ["a"]]).distinct()
    assert found.sizes().tolist() == [2, 0, 1]
    assert found[0].tolist() == sorted(found[0].tolist())


SENTENCES = {
    "en": "What do you think about the weather they had over there?", "de": "Ich weiß nicht, ob wir das noch schaffen.",
    "fr": "Je ne sais pas où il est, mais nous avons le temps.", "es": "No sé por qué el tren no llega hasta mañana.",
    "it": "Non so perché questo treno è sempre in ritardo.", "pt": "Não sei porque ele não está aqui com você.",
    "nl": "Ik weet niet waarom hij er niet meer is.", "pl": "Nie wiem, dlaczego on jest tak bardzo zajęty.",
    "hu": "Nem tudom, hogy miért nem jött el az ember.", "ru": "Я не знаю, почему он ещё не пришёл.",
    "uk": "Я не знаю, чому він ще не прийшов, але він є.", "ja": "私はそれを知りません。", "zh": "我不知道他在哪里。",
    "ko": "나는 그것을 모릅니다.", "el": "Δεν ξέρω πού είναι.",
    "tr": "Neden bu kadar geç kaldığını bilmiyorum ama çok iyi.",
    "fi": "En tiedä, miksi hän ei ole vielä täällä.", "vi": "Tôi không biết tại sao anh ấy không đến.",
}  # fmt: skip


@pytest.mark.parametrize("code", SENTENCES)
def test_a_language_is_told(code):
    assert identify_language(SENTENCES[code]) == code


@pytest.mark.parametrize("text", ["", "12345 67", "Xyzzy plugh", "?!…", "Kubernetes"])
def test_what_tells_no_language_is_unknown(text):
    assert identify_language(text) == UNKNOWN


def test_word_lists_are_small_words_in_small_letters():
    for code in LANGUAGES:
        assert len(stop_words(code)) > 30
        assert all(word == word.lower() and " " not in word for word in stop_words(code))
