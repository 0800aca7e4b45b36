"""What a review found: halves of characters, answers broken off, addresses without a port."""

import json

import pytest

from simulacra.contracts.models import Answer, Call
from simulacra.models._whole import whole
from simulacra.models.backends.openai import _chat, _ollama
from simulacra.models.errors import Faulty


def test_halves_of_characters_are_replaced_in_text_and_data():
    answer = whole(Answer("a\ud83d", data={"k\ud83d": ["x\udc00", 1]}))
    assert answer.text == "a\ufffd"
    json.dumps(answer.data, ensure_ascii=False).encode()
    fine = Answer("a\U0001f600", data={"k": ["x"]})
    assert whole(fine) is fine


@pytest.mark.parametrize(
    ("word", "finish"), [("stop", "stop"), ("MAX_TOKENS", "length"), ("max_tokens", "length"), (None, "stop")]
)
def test_what_was_cut_off_is_never_taken_for_an_end(word, finish):
    body = {"choices": [{"message": {"content": "half an"}, "finish_reason": word}]}
    assert _chat(body, Call("m", prompt="x"), "here").finish == finish


@pytest.mark.parametrize("word", ["error", "abort"])
def test_an_answer_that_the_server_broke_off_is_asked_for_again(word):
    body = {"choices": [{"message": {"content": "half an"}, "finish_reason": word}]}
    with pytest.raises(Faulty, match="broke the answer off"):
        _chat(body, Call("m", prompt="x"), "here")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("box:9000", "http://box:9000/v1"),
        ("box", "http://box:11434/v1"),
        ("https://box/", "https://box/v1"),
    ],
)
def test_the_address_of_an_ollama_server(host, address):
    assert _ollama(host) == address
