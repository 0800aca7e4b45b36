"""What transforms cost and whether formats come back: `python bench/transforms.py [DATA_DIR]`.

Printed: outputs a CPU second of each transform on texts (the folder's TREC questions, or made-up ones), invariants that
broke, and the round trips of every pair of formats on 10,000 random values a family.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path

import numpy as np

from simulacra import registry
from simulacra.contracts.rows import Record
from simulacra.generate.augment.leaks import count_duplicates, find_leaks
from simulacra.seeds import Seeds
from simulacra.testing import example_records
from simulacra.transform.editing import broken_invariant
from simulacra.transform.formats.families import FAMILIES, FORMATS, sample

VALUES = 10_000
SKIPPED = {"back_translation", "translation", "model_paraphrase"}  # need an engine or a model


def main() -> None:
    root = Path(sys.argv[1]) / "text" if len(sys.argv) > 1 else None
    records = read(root / "trec" / "train.jsonl")[:2000] if root else example_records() * 100
    records = [Record(f"{place}", one.text, one.label, one.spans, one.fields) for place, one in enumerate(records)]
    for name in registry.names("transform"):
        if name not in SKIPPED:
            speed(name, records)
    for family in FAMILIES:
        round_trips(family)
    if root:
        leaks(root)


def speed(name: str, records: list[Record]) -> None:
    transform = registry.find("transform", name)()
    transform.apply(records[:20], Seeds(0))
    start = time.process_time()
    made = transform.apply(records, Seeds(1))
    seconds = time.process_time() - start
    pairs = [(old, new) for old, new in zip(records, made, strict=True) if new is not None]
    broken = sum(broken_invariant(old, new, transform.keeps) is not None for old, new in pairs)
    print(
        f"{name:14} {len(records) / seconds:9,.0f} records and {len(pairs) / seconds:9,.0f} outputs a CPU second, "
        f"{broken} of {len(pairs)} break an invariant"
    )


def round_trips(family: str) -> None:
    rng = np.random.default_rng(0)
    values = [sample(family, rng) for _ in range(VALUES)]
    wrong = pairs = 0
    for first, second in itertools.product(FAMILIES[family], repeat=2):
        one, two = FORMATS[family, first], FORMATS[family, second]
        pairs += 1
        wrong += sum(
            two.parse(two.render(one.parse(one.render(value)))) != value for value in values[:: len(FAMILIES[family])]
        )
    for name in FAMILIES[family]:
        one = FORMATS[family, name]
        wrong += sum(one.parse(one.render(value)) != value for value in values)
    print(f"{family:11} {VALUES:,} values, {pairs} pairs of formats: {wrong} do not come back")


def leaks(root: Path) -> None:
    for name in ("trec", "banking77"):
        train, test = (read(root / name / f"{part}.jsonl") for part in ("train", "test"))
        found = find_leaks(train, test)
        print(
            f"{name}: {sum(leak.similarity == 1 for leak in found)} training texts stand in the test set, "
            f"{len(found)} with those that nearly do"
        )
    print(f"sms-spam: {count_duplicates(read(root / 'sms-spam' / 'all.jsonl'))} texts repeat another one")


def read(path: Path) -> list[Record]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Record(f"{path.stem}{place}", line["text"], line["label"]) for place, line in enumerate(lines)]


if __name__ == "__main__":
    main()
