"""What transforms cost and what they keep: `python bench/transforms.py [DATA_DIR] [speed,formats,checks,leaks,labels]`.

speed: outputs a CPU second of each transform on texts (TREC questions of the folder, or made-up ones), invariants that
broke; the import. formats: round trips of every pair on 10,000 random values a family. With a folder:
checks: variants a CPU second without a teacher. leaks: known ones, and planted variants of test
texts. labels: how often a
teacher that learned from all other real texts gives a variant another label than its source, where it knew that one.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from simulacra import registry
from simulacra.contracts.rows import Record
from simulacra.generate.augment.checks import VariantChecks
from simulacra.generate.augment.leaks import count_duplicates, find_leaks
from simulacra.generate.augment.sources import Variants, text_sources
from simulacra.generate.augment.students import TextStudent
from simulacra.seeds import Seeds
from simulacra.testing import example_records
from simulacra.transform.editing import broken_invariant
from simulacra.transform.formats.families import FAMILIES, FORMATS, sample

VALUES = 10_000
SKIPPED = {"back_translation", "translation", "model_paraphrase", "model_written"}  # need an engine or a model


def main() -> None:
    root = Path(sys.argv[1]) / "text" if len(sys.argv) > 1 else None
    parts = sys.argv[2].split(",") if len(sys.argv) > 2 else ["speed", "formats", "checks", "leaks", "labels"]
    records = read(root / "trec" / "train.jsonl")[:2000] if root else example_records() * 100
    records = [Record(f"{place}", one.text, one.label, one.spans, one.fields) for place, one in enumerate(records)]
    if "speed" in parts:
        for name in registry.names("transform"):
            if name not in SKIPPED:
                speed(name, records)
        imported()
    if "formats" in parts:
        for family in FAMILIES:
            round_trips(family)
    for name, measure in (("checks", checks), ("leaks", leaks), ("labels", labels)):
        if root and name in parts:
            measure(root)


def imported() -> None:
    code = "import time, simulacra.generate.augment.augmenting; print(time.process_time())"
    bare = "import time; print(time.process_time())"
    spent = [
        min(
            float(subprocess.run([sys.executable, "-c", one], capture_output=True, check=True).stdout) for _ in range(3)
        )
        for one in (code, bare)
    ]
    print(f"import of the augmentation: {spent[0] - spent[1]:.2f} CPU s beyond Python's own {spent[1]:.2f}")


def checks(root: Path) -> None:
    records, test = (read(root / "trec" / f"{part}.jsonl") for part in ("train", "test"))
    records = records[:500]
    variants = Variants(text_sources(), Seeds(1))
    made = [one for name in ("synonyms", "keyboard", "rewrite") for one in variants.of(name, records, 4)]
    for told, against in (("", []), (" and a test set", test)):
        start = time.process_time()
        found = VariantChecks(records, variants.keeps, against)(made)
        seconds = time.process_time() - start
        fit = sum(verdict is None for verdict in found)
        print(f"checks{told}: {len(made) / seconds:,.0f} of {len(made)} variants a CPU second, {fit} fit")


def labels(root: Path) -> None:
    for name, part in (("trec", "train"), ("sms-spam", "all")):
        rows = read(root / name / f"{part}.jsonl")
        order = np.random.default_rng(0).permutation(len(rows))
        records, others = [rows[place] for place in order[:300]], [rows[place] for place in order[300:]]
        classes = sorted({row.label for row in rows})
        teacher = TextStudent().fit(others, np.ones(len(others)), classes)
        said = dict(zip([one.identity for one in records], teacher(records).argmax(axis=1).tolist(), strict=True))
        known = [one for one in records if classes[said[one.identity]] == one.label]
        variants = Variants(text_sources(), Seeds(0))
        print(f"{name}: the teacher is right on {len(known)} of {len(records)}")
        for source in variants.sources:
            made = variants.of(source, known, 1)
            fit = VariantChecks(known, variants.keeps)(made)
            made = [one for one, verdict in zip(made, fit, strict=True) if verdict is None]
            turned = sum(
                classes[place] != one.label for one, place in zip(made, teacher(made).argmax(axis=1), strict=True)
            )
            print(f"  {source:18} {100 * turned / max(1, len(made)):4.1f} % of {len(made)} flip")


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
    train, test = (read(root / "trec" / f"{part}.jsonl") for part in ("train", "test"))
    train = train[:2000]
    variants = Variants(text_sources(), Seeds(2))
    real = {leak.train for leak in find_leaks(train, test)}
    print(f"trec: {100 * len(real) / len(train):.1f} % of the real training texts are taken for copies")
    for name in variants.sources:
        if name in ("mix", "splice"):
            continue  # half of such a text is another one's
        planted = variants.of(name, test, 1)
        found = len({leak.train for leak in find_leaks(planted, test)})
        print(f"  {name:18} {100 * found / len(planted):5.1f} % of {len(planted)} planted variants of test texts found")
    print(f"sms-spam: {count_duplicates(read(root / 'sms-spam' / 'all.jsonl'))} texts repeat another one")


def read(path: Path) -> list[Record]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Record(f"{path.stem}{place}", line["text"], line["label"]) for place, line in enumerate(lines)]


if __name__ == "__main__":
    main()
