"""The embedded model and the embedders: tokens a CPU second, alone and in parallel; JSON; cold start; memory.

    python bench/embedded.py

Needs `simulacra models install`. Everything runs in fresh processes one after the other; rates are per CPU second.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time

from simulacra.contracts.models import Call, Message
from simulacra.models.backends._llama import Settings
from simulacra.models.backends.embedded import Embedded
from simulacra.models.embedders import open_embedder

TOPICS = ("a lost card", "refunds", "opening hours", "passwords", "delivery", "an invoice", "pods", "a phone")
RECORD = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 30},
        "age": {"type": "integer", "minimum": 18, "maximum": 90},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}  # fmt: skip


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def generate(slots: int, calls: int) -> tuple[float, int]:
    """Return tokens per CPU second and peak megabytes."""
    model = Embedded(settings=Settings(slots=slots))
    parameters = {"max_tokens": 60, "ignore_eos": True}
    turns = [(Message("user", f"Write a question about {TOPICS[i % 8]}."),) for i in range(calls)]
    asked = [Call(model.identity, turn, parameters=parameters, seed=i) for i, turn in enumerate(turns)]
    await asyncio.to_thread(model.llama.load)
    start = time.process_time()
    answers = await asyncio.gather(*(model.send(call) for call in asked))
    spent = time.process_time() - start
    await model.close()
    return sum(answer.usage.tokens_out for answer in answers) / spent, megabytes()


async def records(calls: int = 24) -> tuple[float, int]:
    """Return CPU seconds to the first answer, and how many of the records are valid JSON that was not cut off."""
    start = time.process_time()
    model = Embedded()
    await model.send(Call(model.identity, prompt="One, two,", parameters={"max_tokens": 8}))
    cold = time.process_time() - start
    turns = (Message("user", "Write the record of one customer."),)
    asked = [Call(model.identity, turns, schema=RECORD, parameters={"max_tokens": 80}, seed=i) for i in range(calls)]
    answers = await asyncio.gather(*(model.send(call) for call in asked))
    await model.close()
    whole = [set(json.loads(answer.text)) == {"name", "age"} for answer in answers if answer.finish == "stop"]
    return cold, sum(whole)


def embed(name: str) -> tuple[float, int]:
    """Return sentences per CPU second and peak megabytes."""
    texts = [f"How do I ask about {TOPICS[i % 8]} if my number is {i} and nobody answers?" for i in range(20_000)]
    embedder = open_embedder(name)
    embedder.embed(texts[:100])
    start = time.process_time()
    embedder.embed(texts)
    return len(texts) / (time.process_time() - start), megabytes()


def part(words: list[str]) -> tuple[float, int]:
    if words[0] == "generate":
        return asyncio.run(generate(int(words[1]), int(words[2])))
    return asyncio.run(records()) if words[0] == "records" else embed(words[1])


def measure(*words: str) -> tuple[float, int]:
    """Run one part in a fresh process."""
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=True)
    return tuple(json.loads(done.stdout))


def main() -> None:
    alone = None
    print(f"{'slots':>6} {'tokens/CPU s':>13} {'x one stream':>13} {'peak MB':>8}")
    for slots in (1, 8, 16):
        rate, memory = measure("generate", str(slots), str(8 if slots == 1 else 3 * slots))
        alone = alone or rate
        print(f"{slots:>6} {rate:>13.1f} {rate / alone:>13.2f} {memory:>8}")
    cold, valid = measure("records")
    print(f"cold start to the first 8 tokens: {cold:.2f} CPU s; records valid under a schema: {valid} of 24")
    for name in ("static", "hashing"):
        rate, memory = measure("embed", name)
        print(f"embedder {name}: {rate:,.0f} sentences/CPU s, peak {memory} MB")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("generate", "records", "embed"):
        print(json.dumps(part(sys.argv[1:])))
    else:
        main()
