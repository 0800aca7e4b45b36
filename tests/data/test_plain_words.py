"""Words of made-up texts: plain ones that can stand beside each other."""

from __future__ import annotations

import re

from simulacra.data.words import pool, prose


def test_words_of_texts_are_short_plain_and_many() -> None:
    words = pool("word").to_list()
    assert len(words) >= 300
    assert all(re.fullmatch("[a-z]{3,10}", word) for word in words)
    assert not {"lingerie", "slave", "sex", "kill", "nazi", "death", "virgin", "porn", "escort"} & set(words)


def test_texts_hold_no_other_words() -> None:
    text, _, _ = prose()
    assert set(re.findall("[a-z]+", text.lower())) <= set(pool("word"))
