"""Which form of question makes the embedded model write labelled texts that can be used.

    python bench/forms.py FOLDER    FOLDER: text/banking77/train.jsonl in it, lines of {"text", "label"}

32 texts a cell, 8 intents x 4, five real seeds an intent. Adherence: a classifier on embeddings, trained on all real
messages of the eight. Copies: share five words in a row with a seed. Voice: as an assistant or a letter.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from simulacra.contracts.models import Call, Message
from simulacra.models.backends.embedded import Embedded
from simulacra.models.embedders import open_embedder
from simulacra.models.profile import Example, continue_examples

INTENTS = (
    "card_arrival", "lost_or_stolen_card", "exchange_rate", "age_limit", "passcode_forgotten", "terminate_account",
    "top_up_failed", "cash_withdrawal_charge",
)  # fmt: skip
VOICE = ("i'm sorry", "i can help", "we ", "our ", "dear ", "[your", "subject:")
Form = Callable[[str, list[Example]], dict]


def instruct(label: str, examples: list[Example]) -> dict:
    del examples
    text = f"Write one short message that a customer of a bank sends about this: {label}. Write only the message."
    return {"messages": (Message("user", text),)}


def turns(label: str, examples: list[Example]) -> dict:
    asked = "Write one message from a bank customer about: "
    shown = [(Message("user", asked + about), Message("assistant", text)) for about, text in examples if about == label]
    return {"messages": (*(turn for pair in shown for turn in pair), Message("user", asked + label))}


def lines(label: str, examples: list[Example]) -> dict:
    return {"prompt": continue_examples("Messages that customers sent to their bank.", examples, label)}


async def write(model: Embedded, form: Form, temperature: float, seeds: dict[str, list[str]]) -> list[tuple[str, str]]:
    parameters = {"max_tokens": 60, "stop": ["\n"], "temperature": temperature, "min_p": 0.05}
    calls, labels = [], []
    for draw in range(4):
        for label in seeds:
            rng = random.Random(f"{label} {draw}")
            others = rng.sample([other for other in seeds if other != label], 2)
            examples = [(other, rng.choice(seeds[other])) for other in others]
            examples += [(label, text) for text in rng.sample(seeds[label], 3)]
            calls.append(Call(model.identity, parameters=parameters, seed=draw, **form(label, examples)))
            labels.append(label)
    answers = await asyncio.gather(*(model.send(call) for call in calls))
    return [(label, answer.text.strip().strip('"')) for label, answer in zip(labels, answers, strict=True)]


def grams(text: str, n: int) -> list[tuple[str, ...]]:
    words = text.lower().split()
    return [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]


async def main(path: Path) -> None:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    real = {intent.replace("_", " "): [row["text"] for row in rows if row["label"] == intent] for intent in INTENTS}
    seeds = {label: random.Random(label).sample(texts, 5) for label, texts in real.items()}
    embedder, model = open_embedder(), Embedded()
    vectors = embedder.embed([text for texts in real.values() for text in texts])
    judge = LogisticRegression(C=10, max_iter=500).fit(vectors, [label for label in real for _ in real[label]])
    print(f"{'form':>10} {'temp.':>12} {'adherence':>10} {'distinct-2':>11} {'copies':>7} {'voice':>6} {'CPU s':>6}")
    for form in (instruct, turns, lines):
        for temperature in (0.7, 1.0):
            start = time.process_time()
            made = await write(model, form, temperature, seeds)
            spent = time.process_time() - start
            right = np.mean(judge.predict(embedder.embed([text for _, text in made])) == [label for label, _ in made])
            pairs = [pair for _, text in made for pair in grams(text, 2)]
            copies = np.mean(
                [any(set(grams(text, 5)) & set(grams(s, 5)) for s in seeds[label]) for label, text in made]
            )
            voice = np.mean([any(word in text.lower() for word in VOICE) for _, text in made])
            shown = f"{right:>10.2f} {len(set(pairs)) / len(pairs):>11.2f} {copies:>7.2f} {voice:>6.2f} {spent:>6.1f}"
            print(f"{form.__name__:>10} {temperature:>12} {shown}", flush=True)
    await model.close()


if __name__ == "__main__":
    data = Path(sys.argv[1]) / "text/banking77/train.jsonl" if len(sys.argv) > 1 else None
    if data is None or not data.exists():
        print("needs FOLDER with text/banking77/train.jsonl in it")
    else:
        asyncio.run(main(data))
