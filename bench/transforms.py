"""What transforms cost and what they keep: `bench/transforms.py [DATA_DIR] [speed,formats,checks,leaks,labels] [sets]`.

speed: outputs a CPU second of each transform on texts (TREC questions of the folder, or made-up ones), invariants that
broke; the import. formats: round trips of every pair on 10,000 random values a family; word problems worked out again.
With a folder: checks: variants a CPU second without a teacher. leaks: known ones, planted variants of test texts, real
texts taken for copies. labels: how often a teacher that learned from all other real texts gives a variant another label
than its source, where it knew that one; how often it is wrong about real texts.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from simulacra import registry
from simulacra.contracts.rows import Record
from simulacra.generate.augment.checks import VariantChecks, teach
from simulacra.generate.augment.field import make_field
from simulacra.generate.augment.leaks import count_duplicates, find_leaks
from simulacra.generate.augment.sources import Variants, text_sources
from simulacra.generate.augment.students import TextStudent
from simulacra.seeds import Seeds
from simulacra.testing import example_records
from simulacra.text.ngrams import compare_form
from simulacra.transform.arithmetic import Arithmetic
from simulacra.transform.editing import broken_invariant
from simulacra.transform.formats.families import FAMILIES, FORMATS, sample

VALUES = 10_000
PLANTED = 300  # variants of each kind, among the real training texts
SKIPPED = {"back_translation", "translation", "model_paraphrase", "model_written"}  # need an engine or a model


def main() -> None:
    root = Path(sys.argv[1]) / "text" if len(sys.argv) > 1 else None
    only = sys.argv[3].split(",") if len(sys.argv) > 3 else ["trec", "banking77", "sms-spam"]
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
        word_problems()
    for name, measure in (("checks", checks), ("labels", labels)):
        if root and name in parts:
            measure(root)
    if root and "leaks" in parts:
        leaks(root, only)


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
        knowing = TextStudent().fit(others, np.ones(len(others)), sorted({row.label for row in rows}))
        classes = sorted({row.label for row in rows})
        said = heard(knowing, records, classes)
        known = {one.identity for one in records if said[one.identity] == one.label}
        floor = 1 - len(known) / len(records)
        print(f"{name}: {100 * floor:.1f} % of untouched real texts have another label than a teacher of all data says")
        variants = Variants(text_sources(), Seeds(0))
        teacher = teach(make_field(records, "accuracy"), TextStudent(), np.random.default_rng(1))
        for source in variants.sources:
            made = variants.of(source, records, 1)
            told = []
            for own in (None, teacher):
                fit = VariantChecks(records, variants.keeps, teacher=own)(made)
                kept = [one for one, verdict in zip(made, fit, strict=True) if verdict is None]
                told.append(flips(kept, heard(knowing, kept, classes), known))
            print(f"  {source:18} without a teacher {told[0]};  as delivered {told[1]}")


def heard(knowing: object, records: list[Record], classes: list[str]) -> dict[str, str]:
    best = knowing(records).argmax(axis=1)
    return {one.identity: classes[place] for one, place in zip(records, best, strict=True)}


def flips(made: list[Record], said: dict[str, str], known: set[str]) -> str:
    """Return how many turn away from a label that the teacher knew, and how many of all it says another label of."""
    asked = [one for one in made if one.parents[0] in known]
    turned = sum(said[one.identity] != one.label for one in asked) / max(1, len(asked))
    other = sum(said[one.identity] != one.label for one in made) / max(1, len(made))
    return f"{100 * turned:4.1f} % of {len(asked):3} flip, {100 * other:4.1f} % of {len(made):3} have another label"


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


def word_problems() -> None:
    """Vary made-up problems with annotated steps; each step of a variant is worked out again by Python itself."""
    rng = np.random.default_rng(0)
    records = [problem(place, rng) for place in range(VALUES // 4)]
    start = time.process_time()
    made = [one for one in Arithmetic().apply(records, Seeds(0)) if one is not None]
    seconds = time.process_time() - start
    wrong = 0
    for one in made:
        steps = re.findall("<<([^=]+)=([^>]+)>>", one.fields["answer"])
        values = [abs(eval(step) - float(value)) < 1e-6 for step, value in steps]
        last = one.fields["answer"].rsplit("#### ", 1)[1]
        wrong += not (all(values) and last == steps[-1][1] == one.label)
    print(
        f"arithmetic: {len(made)} variants of {len(records)} problems, {wrong} do not re-evaluate to their answer, "
        f"{len(made) / seconds:,.0f} a CPU second"
    )


def problem(place: int, rng: np.random.Generator) -> Record:
    boxes, pens, price = (int(rng.integers(low, high)) for low, high in ((3, 12), (13, 40), (41, 90)))
    total, given = boxes * pens, int(rng.integers(91, 99))
    texts = (
        f"Ann has {boxes} boxes of {pens} pens, and {given} more. Each pen costs {price} cents. What are they worth?",
        f"A train has {boxes} cars with {pens} people in each. {given} more get on, all pay {price} euros. How much?",
    )
    number, label = total + given, str((total + given) * price)
    solution = (
        f"First {boxes}*{pens} = <<{boxes}*{pens}={total}>>{total}.\nThen {total}+{given} = "
        f"<<{total}+{given}={number}>>{number}.\nSo <<{number}*{price}={label}>>{label}.\n#### {label}"
    )
    return Record(f"p{place}", texts[place % 2], label, fields={"answer": solution})


def leaks(root: Path, only: list[str]) -> None:
    parted = [name for name in only if name != "sms-spam"]
    for name in parted:
        train, test = (read(root / name / f"{part}.jsonl") for part in ("train", "test"))
        found = find_leaks(train, test)
        print(
            f"{name}: {sum(leak.similarity == 1 for leak in found)} training texts stand in the test set, "
            f"{len(found)} with those that nearly do"
        )
    for name in parted:
        train, test = (read(root / name / f"{part}.jsonl") for part in ("train", "test"))
        order = np.random.default_rng(7).permutation(len(test))[:1000]
        planted(name, train, [test[place] for place in order])
    if "sms-spam" not in only:
        return
    rows = read(root / "sms-spam" / "all.jsonl")
    print(f"sms-spam: {count_duplicates(rows)} texts repeat another one")
    order = np.random.default_rng(7).permutation(len(rows))
    planted("sms-spam", [rows[place] for place in order[1000:]], [rows[place] for place in order[:1000]])


def planted(name: str, train: list[Record], test: list[Record]) -> None:
    """Print the share of real training texts that are taken for copies, and of planted variants that are found."""
    forms = {compare_form(one.text) for one in test}
    real = find_leaks(train, test)
    word_for_word = {one.identity for one in train if compare_form(one.text) in forms}
    false = sum(leak.train not in word_for_word for leak in real)
    print(
        f"{name}: {100 * false / len(train):.2f} % of the real training texts are taken for copies, without those that "
        "repeat a test text word for word"
    )
    chosen, kinds = registry.names("transform"), ("noise", "paraphrase")
    for transform in [registry.find("transform", one)() for one in chosen if one not in SKIPPED]:
        if transform.kind in kinds:
            made = [one for one in transform.apply(test, Seeds(2)) if one is not None][:PLANTED]
            found = {leak.train for leak in find_leaks([*train, *made], test)}
            share = sum(one.identity in found for one in made) / max(1, len(made))
            print(f"  {transform.name:18} {100 * share:5.1f} % of {len(made)} planted variants of test texts found")


def read(path: Path) -> list[Record]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Record(f"{path.stem}{place}", line["text"], line["label"]) for place, line in enumerate(lines)]


if __name__ == "__main__":
    main()
