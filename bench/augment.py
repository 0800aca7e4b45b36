"""Does the policy help? Held-out real rows decide.

    python bench/augment.py DATA_DIR [WHAT] [draws] [sets, with commas] [students, with commas] [sizes] [model]

WHAT: text, translated, model, table, rare, always or decides.

text, table: for each set, student and size a few rows are drawn, the policy looks at them alone and chooses, and the
student is trained on what it says and the checks of a delivery let through. Printed: the metric on the test set without
augmentation, with the policy's choice, and with twice the real rows; how often it said "do not augment"; CPU seconds of
a choice. translated, model: texts, 10 a class, with back-translation by the installed engine, or with what the model
writes ("embedded"), among what is tried. rare: tables at 1:50, for balanced accuracy: the policy beside class weights,
threshold and SMOTE to balance, our own and that of imbalanced-learn where it is installed.
always: each candidate without any policy, on draws of their own (from 100): what the short list of candidates was
chosen by. decides: on those draws, how well the gain of accuracy and that of the log-likelihood in cross-validation go
along with the gain on the test set (correlation over candidates and draws), and what deciding by either would give.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections import Counter
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from simulacra.contracts.rows import Record
from simulacra.generate.augment.checks import VariantChecks, teach
from simulacra.generate.augment.field import Field, make_field
from simulacra.generate.augment.policy import TABLES, Plan, candidates_of, choose
from simulacra.generate.augment.sources import Source, Variants, model_sources, table_sources, text_sources, twin_source
from simulacra.generate.augment.students import TableStudent, TextStudent
from simulacra.generate.augment.trials import NONE, Candidate, training_rows
from simulacra.models.embedders import open_embedder
from simulacra.seeds import Seeds

SETS = {"trec": ("train", "test"), "sms-spam": ("all", ""), "banking77": ("train", "test")}
FOLDERS = ("adult", "magic", "shoppers")
SIZES = (10, 20, 50)  # texts of a class
ROWS = (50, 100, 200)  # of a table
BANKING = 10  # classes of banking77, the first by name; all 77 would take an hour


def main() -> None:
    given = dict(enumerate(sys.argv[1:]))
    if not given:
        print("augment: no folder of data given, nothing to measure")
        return
    root, what, draws = Path(given[0]), given.get(1, "text"), int(given.get(2, "2"))
    only = given[3].split(",") if 3 in given else None
    students = given.get(4, "tfidf,embedding").split(",")
    sizes = tuple(int(size) for size in given[5].split(",")) if 5 in given else None
    if what in ("text", "translated", "model"):
        sources = text_sources()
        if what != "text":
            name = given.get(6, "embedded") if what == "model" else None
            sources |= model_sources(name, back_translation=what == "translated")
        texts(root, draws, only or list(SETS), students, sizes or (SIZES if what == "text" else SIZES[:1]), sources)
    elif what == "always":
        always(root, draws, only or list(SETS), students)
    elif what == "decides":
        decides(root, draws, only or list(SETS), students, sizes or SIZES[:2])
    elif what == "table":
        tables(root, draws, only or list(FOLDERS), sizes or ROWS)
    else:
        rare(root, draws, only or list(FOLDERS))


def a_student(kind: str) -> TextStudent:
    return TextStudent("tfidf") if kind == "tfidf" else TextStudent("embedding", open_embedder())


def texts(
    root: Path, draws: int, only: list[str], students: list[str], sizes: tuple[int, ...], sources: dict[str, Source]
) -> None:
    rows = []
    for kind in students:
        student = a_student(kind)
        for name in only:
            for size in sizes:
                rows.append(cell(name, kind, student, root, size, draws, sources))
                print(rows[-1][0], flush=True)
    summary(rows)


def cell(
    name: str, kind: str, student: object, root: Path, size: int, draws: int, sources: dict[str, Source]
) -> tuple[str, str, np.ndarray, int]:
    results, said, chosen, seconds = [], 0, Counter(), 0.0
    for draw in range(draws):
        few, more, test = drawn(root / "text" / name, name, size, draw)
        field = make_field(few, "accuracy")
        start = time.process_time()
        choice = choose(field, student, sources, Seeds(draw), plan=Plan())
        seconds += (time.process_time() - start) / draws
        said += choice.candidate is None
        chosen[str(choice.candidate)] += 1
        variants = Variants(sources, Seeds(draw).child("variants"))
        results.append(tested(field, student, [NONE, choice.candidate or NONE], more, test, variants))
    table = np.array(results)
    base, policy, twice = table.mean(axis=0)
    spread = (table[:, 1] - table[:, 0]).std(ddof=1) if draws > 1 else 0.0
    line = (
        f"{name:10} {kind:9} {size:3}  none {base:.3f}  policy {100 * (policy - base):+5.1f} ± {100 * spread:4.1f}  "
        f"twice the rows {100 * (twice - base):+5.1f}  said no {said}/{draws}  {seconds:5.1f} CPU s  {dict(chosen)}"
    )
    return line, kind, table, said


def tested(
    field: Field, student: object, candidates: list[Candidate], more: list[Record], test: list[Record],
    variants: Variants,
) -> list[float]:  # fmt: skip
    truth = make_truth(test, field)
    trained = delivered(field, student, candidates, variants)
    trained.append((more, np.ones(len(more))))
    return [float((student.fit(*rows, field.classes)(test).argmax(axis=1) == truth).mean()) for rows in trained]


def delivered(
    field: Field, student: object, candidates: list[Candidate], variants: Variants
) -> list[tuple[list[Record], np.ndarray]]:
    """Return the training rows of each candidate, without what the checks of a delivery refuse, and their weights."""
    teacher = teach(field, student, variants.seeds.child("teacher").rng())
    checks = VariantChecks(field.records, variants.keeps, teacher=teacher)
    return [training_rows(field.records, one, variants, checks=checks) for one in candidates]


def always(root: Path, draws: int, only: list[str], students: list[str]) -> None:
    for kind in students:
        student, means = a_student(kind), []
        for name in only:
            for size in SIZES:
                results = []
                for draw in range(100, 100 + draws):
                    few, more, test = drawn(root / "text" / name, name, size, draw)
                    field = make_field(few, "accuracy")
                    tried = [NONE, *candidates_of(text_sources(), field, Plan(thorough=True))]
                    variants = Variants(text_sources(), Seeds(draw).child("variants"))
                    results.append(tested(field, student, tried, more, test[:1000], variants))
                mean = 100 * np.mean(results, axis=0)
                means.append(mean - mean[0])
        print(f"{kind}: change against none, mean and worst of {len(means)} cells of {draws} draws")
        for place, one in enumerate([*tried, "twice the real rows"]):
            gains = [mean[place] for mean in means]
            print(f"  {one!s:45} {np.mean(gains):+5.2f} {min(gains):+5.2f}", flush=True)


def decides(root: Path, draws: int, only: list[str], students: list[str], sizes: tuple[int, ...]) -> None:
    plan = Plan(screening=3, repeats=3)
    for kind in students:
        student, found, chosen = a_student(kind), [], []
        for name, size, draw in itertools.product(only, sizes, range(100, 100 + draws)):
            few, more, test = drawn(root / "text" / name, name, size, draw)
            field = make_field(few, "accuracy")
            tried = choose(field, student, text_sources(), Seeds(draw), plan=plan).tried
            variants = Variants(text_sources(), Seeds(draw).child("variants"))
            base, *held, _ = tested(field, student, [NONE, *(one.candidate for one in tried)], more, test, variants)
            told = [(one.gain, one.belief, value - base) for one, value in zip(tried, held, strict=True)]
            found += told
            chosen.append([max(told, key=lambda one, by=by: one[by]) for by in (0, 1)])
        table = np.array(found)
        for by, word in enumerate(("accuracy", "log-likelihood")):
            kept = [best[by][2] * (best[by][by] > 0) for best in chosen]
            along = np.corrcoef(table[:, by], table[:, 2])[0, 1]
            print(
                f"{kind}: gain of {word} in cross-validation, correlation {along:+.2f} with that on the test set "
                f"({len(table)} trials); the best by it, if above zero, gives {100 * np.mean(kept):+.2f} points "
                f"({len(kept)} draws)",
                flush=True,
            )


def make_truth(test: list[Record], field: Field) -> np.ndarray:
    return np.array([field.classes.index(str(record.label)) for record in test])


def drawn(folder: Path, name: str, size: int, draw: int) -> tuple[list[Record], list[Record], list[Record]]:
    train_name, test_name = SETS[name]
    rows = read(folder / f"{train_name}.jsonl")
    rng = np.random.default_rng(1000 + draw)
    if test_name:
        test = read(folder / f"{test_name}.jsonl")
    else:
        order = np.random.default_rng(7).permutation(len(rows))
        test, rows = [rows[place] for place in order[:1500]], [rows[place] for place in order[1500:]]
    if name == "banking77":
        kept = sorted({record.label for record in rows})[:BANKING]
        rows, test = ([record for record in part if record.label in kept] for part in (rows, test))
    known = {record.text.lower().strip() for record in test}
    rows = [record for record in rows if record.text.lower().strip() not in known]
    few, more = [], []
    for label in sorted({str(record.label) for record in rows}):
        own = [record for record in rows if record.label == label]
        order = rng.permutation(len(own))
        few += [own[place] for place in order[: min(size, len(own) // 2)]]
        more += [own[place] for place in order[: min(2 * size, len(own))]]
    return few, more, test


def read(path: Path) -> list[Record]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Record(f"{path.stem}{place}", line["text"], line["label"]) for place, line in enumerate(lines)]


def summary(rows: list[tuple[str, str, np.ndarray, int]]) -> None:
    for kind in dict.fromkeys(row[1] for row in rows):
        means = [100 * (row[2][:, 1] - row[2][:, 0]).mean() for row in rows if row[1] == kind]
        said = sum(row[3] for row in rows if row[1] == kind)
        asked = sum(len(row[2]) for row in rows if row[1] == kind)
        print(
            f"{kind}: mean {np.mean(means):+.2f} points, worst cell {min(means):+.2f}, said no {said} of {asked} times"
        )


def tables(root: Path, draws: int, only: list[str], sizes: tuple[int, ...]) -> None:
    cells = []
    for name in only:
        for size in sizes:
            table = np.array([one_table(root / name, size, draw) for draw in range(draws)])
            base, policy, twice = 100 * table[:, :3].mean(axis=0)
            cells.append((name, policy - base))
            print(
                f"{name:10} {size:4} rows  AUC none {base:.1f}  policy {policy - base:+.1f}  "
                f"twice the rows {twice - base:+.1f}  said no {int(table[:, 3].sum())}/{draws}  "
                f"{table[:, 4].mean():.1f} CPU s",
                flush=True,
            )
    gains = [gain for _, gain in cells]
    sets = {name: float(np.mean([gain for one, gain in cells if one == name])) for name in only}
    told = ", ".join(f"{name} {gain:+.2f}" for name, gain in sets.items())
    print(f"tables: mean {np.mean(gains):+.2f} points of AUC, worst cell {min(gains):+.2f}; {told}")


def one_table(folder: Path, size: int, draw: int) -> tuple[float, ...]:
    frame, test, target = opened(folder)
    order = np.random.default_rng(draw).permutation(frame.height)
    few, more = (table_records(frame[order[:count].tolist()], target) for count in (size, 2 * size))
    asked = table_records(test.head(3000), target)
    field = make_field(few, "auc")
    sources, student = sources_of(few, frame, target), TableStudent.of(more)
    start = time.process_time()
    choice = choose(field, student, sources, Seeds(draw), plan=TABLES)
    seconds = time.process_time() - start
    variants = Variants(sources, Seeds(draw).child("variants"))
    truth = np.array([record.label == field.classes[1] for record in asked])
    trained = delivered(field, student, [NONE, choice.candidate or NONE], variants)
    trained.append((more, np.ones(len(more))))
    scores = [area(student.fit(*rows, field.classes)(asked)[:, 1], truth) for rows in trained]
    return (*scores, float(choice.candidate is None), seconds)


def rare(root: Path, draws: int, only: list[str]) -> None:
    names = ["none", "class weights", "threshold", "SMOTE to balance", "policy", "SMOTE of imbalanced-learn"]
    for name in only:
        results, chosen = [], Counter()
        for draw in range(draws):
            found, said = one_rare(root / name, draw)
            results.append(found)
            chosen[said] += 1
        means = 100 * np.mean(results, axis=0)
        told = "  ".join(f"{one} {value:.1f}/{area:.1f}" for one, (value, area) in zip(names, means, strict=False))
        print(f"{name:10} 1:50  balanced accuracy/AUC: {told}  {dict(chosen)}", flush=True)


def one_rare(folder: Path, draw: int) -> tuple[list[tuple[float, float]], str]:
    """Return (balanced accuracy, AUC) of each way on rows of which one in fifty is of the rarer class."""
    import polars as pl

    frame, test, target = opened(folder)
    rng = np.random.default_rng(draw)
    counts = frame[target].value_counts(sort=True)[target].to_list()
    parts = [frame.filter(pl.col(target) == kind) for kind in counts]
    taken = [part[rng.permutation(part.height)[:count].tolist()] for part, count in zip(parts, (1000, 20), strict=True)]
    few, asked = table_records(pl.concat(taken), target), table_records(test.head(3000), target)
    field = make_field(few, "balanced")
    sources, student = sources_of(few, frame, target), TableStudent.of(few + asked)
    plan = replace(TABLES, goal="balance", screening=1, repeats=2)
    choice = choose(field, student, sources, Seeds(draw), plan=plan)
    ways = [
        NONE, Candidate("class weights", balance=True), Candidate("threshold", threshold=True),
        Candidate("smote", ("smote",), 4, goal="balance"), choice.candidate or NONE,
    ]  # fmt: skip
    variants, truth = Variants(sources, Seeds(draw).child("variants")), make_truth(asked, field)
    second = truth == 1
    found = []
    peer = [library_smote(few, frame.drop(target), draw)] if find_spec("imblearn") else []
    trained = [*delivered(field, student, ways, variants), *((rows, np.ones(len(rows))) for rows in peer)]
    for one, (rows, weights) in zip([*ways, *(NONE for _ in peer)], trained, strict=True):
        scores = student.fit(rows, weights, field.classes)(asked)
        auc = area(scores[:, 1], second)
        if one.threshold:
            scores = scores / np.bincount(field.truth)
        right = scores.argmax(axis=1) == truth
        found.append((float((right[second].mean() + right[~second].mean()) / 2), auc))
    return found, str(choice.candidate)


def library_smote(few: list[Record], frame: object, seed: int) -> list[Record]:
    """Return the rows with those that imbalanced-learn's SMOTE, or SMOTENC where there are words, adds to balance."""
    import pandas as pd
    from imblearn.over_sampling import SMOTE, SMOTENC

    table = pd.DataFrame([dict(record.fields) for record in few])
    words = [name for name, kind in frame.schema.items() if not kind.is_numeric()]
    numbers = [name for name in table if name not in words]
    table = table.astype({**dict.fromkeys(numbers, float), **dict.fromkeys(words, object)})
    table = table.fillna({name: table[name].median() for name in numbers}).fillna("?")
    sampler = SMOTENC(words, random_state=seed) if words else SMOTE(random_state=seed)
    made, labels = sampler.fit_resample(table, [record.label for record in few])
    rows = zip(made.to_dict("records"), labels, strict=True)
    return [Record(f"peer{place}", "", label, fields=fields) for place, (fields, label) in enumerate(rows)]


def opened(folder: Path) -> tuple[object, object, str]:
    import polars as pl

    target = json.loads((folder / "info.json").read_text())["target"]
    train, test = (pl.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    return train, test, target


def sources_of(records: list[Record], frame: object, target: str) -> dict[str, object]:
    types = {name: kind for name, kind in frame.schema.items() if name != target}
    return table_sources(records) | twin_source(types)


def table_records(frame: object, target: str) -> list[Record]:
    rows = frame.to_dicts()
    return [
        Record(str(place), "", str(row[target]), fields={name: value for name, value in row.items() if name != target})
        for place, row in enumerate(rows)
    ]


def area(scores: np.ndarray, truth: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, scores))


if __name__ == "__main__":
    main()
