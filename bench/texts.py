"""What the judge of texts sees: planted leaks by kind and strength, false alarms of clean controls; speed of the index.

    python bench/texts.py [FOLDER] [seeds]      FOLDER: */train.jsonl or */all.jsonl with {"text", "label"}

Without a folder, on the made-up tickets that the project brings. Privacy gates alone; 600 texts a set.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from simulacra.measure.assess_texts import assess_texts, compare_texts
from simulacra.registry import find, names
from simulacra.seeds import Seeds
from simulacra.testing.suites.texts import TextCase, example_texts, text_control_cases, text_leak_cases
from simulacra.text.near import NearDuplicates

PRIVACY = [name for name in names("text_metric") if find("text_metric", name).family == "privacy"]


def read_sets(folder: Path | None) -> dict[str, list[str]]:
    """Return name -> texts."""
    if folder is None:
        return {"tickets": example_texts(2400)}
    files = sorted([*folder.glob("*/train.jsonl"), *folder.glob("*/all.jsonl")])
    return {file.parent.name: [json.loads(line)["text"] for line in file.open()] for file in files}


def alarms(case: TextCase, seed: int) -> list[str]:
    """Return the privacy gates that fail."""
    texts = compare_texts(case.synthetic, case.real, case.holdout, seeds=Seeds(seed), canaries=case.canaries)
    found = assess_texts(texts, metrics=PRIVACY)
    return [result.gate.metric for result in found.gates if result.verdict == "fail"]


def run_suites(name: str, texts: list[str], seeds: int) -> None:
    """Print the table of one set of texts."""
    caught: dict[tuple[str, str, float], list[bool]] = defaultdict(list)
    clean: list[list[str]] = []
    start = time.process_time()
    for seed in range(seeds):
        for case in text_leak_cases(texts, seed=seed):
            caught[case.level, case.kind, case.strength].append(bool(alarms(case, seed)))
        clean += [[case.kind, *alarms(case, seed)] for case in text_control_cases(texts, seed=seed)]
    cases = sum(map(len, caught.values())) + len(clean)
    print(f"\n{name}: {cases} cases, {(time.process_time() - start) / cases:.2f} CPU s each")
    for (level, kind, strength), hits in sorted(caught.items()):
        print(f"  {level:5} {kind:16} {strength:<6g} {sum(hits)} of {len(hits)}", flush=True)
    must = [hit for (level, *_), hits in caught.items() if level == "must" for hit in hits]
    wrong = [alarm for alarm in clean if len(alarm) > 1]
    print(f"  must: {sum(must)} of {len(must)} ({sum(must) / len(must):.0%}); alarms on clean controls: "
          f"{len(wrong)} of {len(clean)} {wrong}", flush=True)  # fmt: skip


def run_speed() -> None:
    """Print texts a CPU second of the near-duplicate index, at 10,000 and at 100,000 texts."""
    vocabulary = np.array(sorted({word for text in example_texts(2000) for word in text.split()}))
    rows = vocabulary[np.random.default_rng(0).integers(0, len(vocabulary), (100_000, 25))]
    texts = [" ".join(row) for row in rows]
    index, before = NearDuplicates(), 0
    for size in (10_000, 100_000):
        index.add(texts[before : size - 4000])
        start = time.process_time()
        index.add(texts[size - 4000 : size - 2000])
        middle = time.process_time()
        for text in texts[size - 2000 : size]:
            index.admit(text)
        end = time.process_time()
        print(f"index at {size:,}: {2000 / (middle - start):,.0f} texts a CPU s in batches, "
              f"{2000 / (end - middle):,.0f} one by one", flush=True)  # fmt: skip
        before = size


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    run_speed()
    for name, texts in read_sets(folder).items():
        run_suites(name, texts, int(sys.argv[2]) if len(sys.argv) > 2 else 5)


if __name__ == "__main__":
    main()
