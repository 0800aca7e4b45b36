"""What the road of `instruct` costs beside the model, what it keeps, and what the embedded model comes to as a writer.

python bench/instruct.py [ROWS] [SENTENCE]     the embedded model: rows from attempts, CPU seconds, rejects
                                               (some 2 CPU seconds a row; needs `simulacra models install`)
python bench/instruct.py --checks [ROWS ...]   CPU ms a row of the usual checks and of duplicate control, and how many
                                               rows it finds again that were accepted and changed a little
python bench/instruct.py --kept [ROWS]         with a scripted writer that repeats itself: near-duplicates that
                                               are delivered, the plan's cells, the bytes after kill -9
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import math
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from simulacra import api
from simulacra.check.rows._make import make_checks
from simulacra.contracts.models import Answer, Call, Capabilities, Usage
from simulacra.models.embedders import open_embedder
from simulacra.recipe.written import to_spec
from simulacra.registry import register
from simulacra.text.minhash import jaccard
from simulacra.text.ngrams import character_grams

SENTENCE = (
    "Generate 50 questions about Kubernetes with their answers. Each question should cover a different difficulty "
    "level. Include real production scenarios."
)
_FIRST = ("ba", "ko", "ri", "ven", "tash", "mu", "lor", "ghe", "nist", "dra", "wy", "quo", "bel")
_NEXT = ("zan", "fer", "oth", "lin", "mar", "tel", "sun", "pro", "gan")
_WORDS = [f"{a}{b}{c}" for a in _FIRST for b in _NEXT for c in ("", "s", "ed", "ing", "er")]
_SAYINGS, _REPEATS = 400, 0.2


def main() -> None:
    """Print what the arguments ask for."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    if "--child" in sys.argv:
        write(Path(sys.argv[-1]), numbers[0])
    elif "--checks" in sys.argv:
        time_checks(max(numbers or [10_000]), sorted(numbers or [1_000, 10_000]))
    elif "--ways" in sys.argv:
        try_ways((numbers or [8])[0])
    elif "--kept" in sys.argv:
        show_kept((numbers or [2_000])[0])
    else:
        write_embedded((numbers or [50])[0], next((word for word in sys.argv[1:] if not word.isdecimal()), SENTENCE))


@register("model")
class Drawn:
    """A writer that draws words by the call's seed, and every fifth time says one of a few hundred sayings again."""

    name = "drawn"

    def __init__(self, rest: str = "") -> None:
        self.identity = f"drawn:{rest}"
        self.capabilities = Capabilities(schema=("json_schema",), seed=True, local=True, deterministic=True)
        self.width = 64

    async def send(self, call: Call) -> Answer:
        """Answer with a question and an answer."""
        await asyncio.sleep(0)
        rng = random.Random(call.key())
        text = json.dumps(dict(zip(("question", "answer"), drawn_texts(rng), strict=True)))
        return Answer(text, usage=Usage(200, 60))

    async def close(self) -> None:
        """Nothing to release."""


def drawn_texts(rng: random.Random) -> tuple[str, str]:
    """Return a question and an answer: new ones, or old ones with two words changed."""
    old = random.Random(f"saying {rng.randrange(_SAYINGS)}")
    again = rng.random() < _REPEATS
    words = (old if again else rng).choices(_WORDS, k=14), (old if again else rng).choices(_WORDS, k=24)
    for part in words:
        part[rng.randrange(len(part))] = rng.choice(_WORDS)
    return f"How {' '.join(words[0])}?", f"{' '.join(words[1])}.".capitalize()


def time_checks(most: int, marks: list[int]) -> None:
    """Print CPU milliseconds a row, up to each mark and over the last tenth, of the checks that a sentence gets."""
    recipe = api.make_instruct_recipe(SENTENCE, model="openai:any", plan="rules")
    checks = make_checks(recipe.checks)
    print("checks:", ", ".join(check.name for check in checks))
    rng, accepted, refused = random.Random(1), 0, Counter[str]()
    said: list[str] = []
    spent, window, last = 0.0, 0.0, int(0.9 * most)
    _run(make_checks(recipe.checks), drawn_texts(random.Random(0)))  # tables and weights are read once
    while accepted < most:
        texts = drawn_texts(rng)
        start = time.process_time()
        reason = _run(checks, texts)
        took = time.process_time() - start
        spent, window = spent + took, window + (took if accepted >= last else 0.0)
        if reason:
            refused[reason] += 1
            continue
        accepted += 1
        said.append(texts[0])
        if accepted in marks:
            tried = accepted + refused.total()
            print(f"{accepted:>8,} rows accepted of {tried:,}: {1000 * spent / accepted:.2f} ms a row", flush=True)
    print(f"the last {most - last:,}: {1000 * window / max(1, most - last):.2f} ms a row; refused: {dict(refused)}")
    show_found(checks[-1], said, rng)
    show_growth(checks, recipe, said, rng)


def show_growth(checks: list[Any], recipe: Any, said: list[str], rng: random.Random, turns: int = 40) -> None:
    """Print the cost of a row among all accepted ones over that among a tenth of them, taken in turns."""
    few = make_checks(recipe.checks)
    for question in said[: len(said) // 10]:
        few[-1].accept({"question": question})
    spent: list[list[float]] = [[], []]
    for _ in range(turns):
        rows = [drawn_texts(rng) for _ in range(100)]
        for place, held in enumerate((few, checks)):
            start = time.process_time()
            kept = sum(not _run(held, texts) for texts in rows)
            spent[place].append((time.process_time() - start) / kept)
    ratio = float(np.median(np.array(spent[1]) / np.array(spent[0])))
    print(f"a row among {len(said):,} costs {ratio:.2f} times that among {len(said) // 10:,}, in turns")


def show_found(check: Any, said: list[str], rng: random.Random, asked: int = 1000) -> None:
    """Print how many of the accepted questions that are near by exact count are refused when they come changed."""
    near, found = Counter[str](), Counter[str]()
    embedder = open_embedder("static")
    for _ in range(asked):
        old = rng.choice(said)
        words = old.split()
        for _ in range(rng.randint(1, 4)):
            words[rng.randrange(len(words))] = rng.choice(_WORDS)
        if rng.random() < 0.5:
            rng.shuffle(words)
        new = " ".join(words)
        wording = jaccard(*(np.unique(character_grams([text], 5).values) for text in (old, new))) >= 0.6
        one, other = embedder.embed([old, new])
        kind = "by wording" if wording else "by meaning alone" if one @ other >= 0.95 else ""
        near[kind] += 1
        found[kind] += _ended(check({"question": new}, None)) is not None
    told = ", ".join(f"{kind} {found[kind]:,} of {near[kind]:,}" for kind in ("by wording", "by meaning alone"))
    print(f"accepted questions again, one to four words exchanged, half of them in another order; refused: {told}")


def _run(checks: list[Any], texts: tuple[str, str]) -> str:
    """Return who refuses a row, "" if nobody does."""
    return str(_ended(_check(checks, texts)))


def _ended(work: Any) -> Any:
    """Return what a coroutine returns; the checks never wait, so no loop is needed."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("a check waits")


async def _check(checks: list[Any], texts: tuple[str, str]) -> str:
    row: dict[str, Any] = {"topic": "x", "question": texts[0], "answer": texts[1]}
    for check in checks:
        if await check(row, None) is not None:
            return str(check.name)
    for check in checks:
        if check.ordered:
            check.accept(row)
    return ""


def write(out: Path, rows: int) -> None:
    """Write the rows of the scripted writer into a folder."""
    recipe = api.make_instruct_recipe(SENTENCE, model="drawn:words", plan="rules", rows=rows)
    own = [check for check in recipe.checks if not isinstance(check, dict) or "on_topic" not in check]
    api.run_instruct(recipe.model_copy(update={"checks": own}), out)


def show_kept(rows: int) -> None:
    """Print what a run of the scripted writer delivered, and whether killed ones come to the same bytes."""
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name) / "whole"
        start = time.process_time()
        write(whole, rows)
        spent = time.process_time() - start
        lines = (whole / "data.jsonl").read_text(encoding="utf-8").splitlines()
        made = [json.loads(line) for line in lines]
        report = json.loads((whole / "report.json").read_text(encoding="utf-8"))
        cost = report["cost"]
        print(
            f"{len(made):,} rows from {cost['attempts']:,.0f} attempts, {1000 * spent / rows:.1f} CPU ms a row in all"
        )
        near = near_duplicates([row["question"] for row in made])
        print(f"near-duplicates delivered: {near:,} of {len(made):,} ({near / len(made):.2%})")
        counts, cells = plan_of(whole / "recipe.yaml", made)
        off = max(abs(count - len(made) / cells) for count in (*counts.values(), *([0] if len(counts) < cells else [])))
        print(f"{cells} cells of the plan, the farthest {off:.2f} rows from its share")
        kills = killed(Path(name) / "killed", rows, (0.2, 0.5, 0.8), max(2.0, spent))
        same = (Path(name) / "killed" / "data.jsonl").read_bytes() == (whole / "data.jsonl").read_bytes()
        digest = hashlib.sha256((whole / "data.jsonl").read_bytes()).hexdigest()[:12]
        told = ", ".join(f"{done:,}" for done in kills)
        print(f"killed at {told} rows and gone on: {'the same bytes' if same else 'OTHER BYTES'} ({digest})")


def plan_of(path: Path, made: list[dict[str, str]]) -> tuple[Counter[tuple[str, ...]], int]:
    """Return how many rows each combination of the balanced axes got, and how many combinations there are."""
    spec = to_spec(api.load_recipe(path))
    sizes = [len(axis.levels) for axis in spec.axes if axis.name in spec.balance]
    return Counter(tuple(row[name] for name in spec.balance) for row in made), math.prod(sizes)


def near_duplicates(texts: list[str]) -> int:
    """Return how many texts share half of their pairs of words or more with an earlier one; exact, by an index."""
    index: dict[tuple[str, str], list[int]] = defaultdict(list)
    bags: list[set[tuple[str, str]]] = []
    found = 0
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        bag = set(itertools.pairwise(words))
        shared = Counter(place for pair in bag for place in index[pair])
        found += any(count >= 0.5 * len(bag | bags[place]) for place, count in shared.most_common(5))
        for pair in bag:
            index[pair].append(len(bags))
        bags.append(bag)
    return found


def killed(out: Path, rows: int, shares: tuple[float, ...], seconds: float) -> list[int]:
    """Return how many rows were there when the run was killed, for each share of the time it takes; then end it."""
    command = [sys.executable, __file__, "--child", str(rows), str(out)]
    seen = []
    for share in shares:
        with subprocess.Popen(command) as child:
            wanted, limit = share * rows, time.monotonic() + 60 * seconds
            data = out / "data.jsonl"
            while child.poll() is None and time.monotonic() < limit:
                if data.exists() and data.read_bytes().count(b"\n") >= wanted:
                    child.send_signal(signal.SIGKILL)
                time.sleep(0.05)
            child.kill()
        seen.append(data.read_bytes().count(b"\n"))
    subprocess.run(command, check=True)
    return seen


def write_embedded(rows: int, sentence: str) -> None:
    """Print the yield of one run of the embedded model and its first rows."""
    recipe = api.make_instruct_recipe(sentence, model="embedded", rows=rows)
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        record = api.run_instruct(recipe, Path(folder) / "out")
        spent = time.process_time() - start
        lines = (Path(folder) / "out" / "data.jsonl").read_text(encoding="utf-8").splitlines()
    totals = record.totals
    share = record.rows / max(1, totals.attempts)
    print(f"{record.rows} rows from {totals.attempts} attempts ({share:.0%}), {spent:.0f} CPU s")
    print(f"{totals.calls} calls, {totals.tokens_in:,} tokens read, {totals.tokens_out:,} written")
    for (step, why), count in sorted(totals.refused.items(), key=lambda item: -item[1]):
        print(f"{count:>5}  {step}: {why}")
    print(f"verdict {record.assessment.verdict}; diversity {record.assessment.families['diversity'].verdict}\n")
    for line in lines[:8]:
        print(json.dumps(json.loads(line), ensure_ascii=False))


def try_ways(rows: int) -> None:
    """Print what each way to more variety comes to with the embedded model, and its rows: read them."""
    plain = api.make_instruct_recipe("Write 8 questions about Kubernetes", model="embedded", rows=rows)
    grown = api.make_instruct_recipe("Write 8 questions about Kubernetes", model="embedded", rows=rows, grow=(6, 3))
    told = {name: list(axis) if isinstance(axis, dict) else axis.levels for name, axis in grown.axes.items()}
    print("grown topics:", json.dumps(told, default=list))
    evolve = {"of": "question", "rounds": 1}
    magpie = {"magpie": "You are an assistant for {{ topic }} in Kubernetes.", "begins": "{{ opener }}"}
    opener = plain.fields["opener"].model_dump(exclude_defaults=True)
    checks = [{"format": {"field": "turn", "of": "question"}}, {"near_duplicate": {"field": "turn"}}]
    about = {"on_topic": {"field": ["turn"], "about": "Kubernetes", "embedder": "static"}}
    entries = plain.model_dump(exclude_defaults=True, by_alias=True)
    turns = {**entries, "fields": {"opener": opener, "turn": magpie}, "checks": [*checks, about], "examples": None}
    for name, recipe in (
        ("as drawn up", plain),
        ("pool: 2", plain.model_copy(update={"pool": 2})),
        ("magpie", type(plain).model_validate(turns)),
        (
            "evolve",
            type(plain).model_validate({**entries, "fields": {**entries["fields"], "harder": {"evolve": evolve}}}),
        ),
    ):
        start = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            record = api.run_instruct(recipe, Path(folder) / "out")
            lines = (Path(folder) / "out" / "data.jsonl").read_text(encoding="utf-8").splitlines()
        made = [json.loads(line) for line in lines]
        field = {"magpie": "turn", "evolve": "harder"}.get(name, "question")
        attempts, spent = record.totals.attempts, time.process_time() - start
        near = near_duplicates([row[field] for row in made])
        print(f"{name}: {len(made)} rows from {attempts} attempts, {near} near-duplicates, {spent:.0f} CPU s")
        for row in made[:6]:
            print("   ", row["question"] + " -> " + row[field] if name == "evolve" else row[field], flush=True)


if __name__ == "__main__":
    main()
