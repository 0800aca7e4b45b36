"""Does the policy help? Held-out real rows decide: `python bench/augment.py DATA_DIR [text|table] [draws] [sets]`.

For each set, student and size a few examples a class are drawn, the policy looks at them alone and chooses, and the
student is trained on what it says. Printed: the metric on the test set without augmentation, with the policy's choice,
and with twice the real rows; how often it said "do not augment".
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from simulacra.contracts.rows import Record
from simulacra.generate.augment.policy import Plan, choose, make_field
from simulacra.generate.augment.sources import Variants, table_sources, text_sources
from simulacra.generate.augment.students import TableStudent, TextStudent
from simulacra.generate.augment.trials import Candidate, Field, training_rows
from simulacra.seeds import Seeds

SETS = {"trec": ("train", "test"), "sms-spam": ("all", ""), "banking77": ("train", "test")}
SIZES = (10, 20, 50)
BANKING = 10  # classes of banking77, the first by name; all 77 would take an hour


def main() -> None:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if root is None:
        print("augment: no folder of data given, nothing to measure")
        return
    what = sys.argv[2] if len(sys.argv) > 2 else "text"
    draws = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    only = sys.argv[4].split(",") if len(sys.argv) > 4 else None
    (texts if what == "text" else tables)(root, draws, only)


def texts(root: Path, draws: int, only: list[str] | None) -> None:
    students = {"tfidf": TextStudent("tfidf")}
    embedder = an_embedder()
    if embedder is not None:
        students["embedding"] = TextStudent("embedding", embedder)
    rows = []
    for name in only or SETS:
        for kind, student in students.items():
            for size in SIZES:
                rows.append(cell(name, kind, student, root, size, draws))
                print(rows[-1][0], flush=True)
    summary(rows)


def an_embedder() -> object:
    try:
        from simulacra.models.embedders import open_embedder
    except ImportError:
        return None
    return open_embedder()


def cell(name: str, kind: str, student: object, root: Path, size: int, draws: int) -> tuple[str, str, np.ndarray, int]:
    results, said, chosen, start = [], 0, Counter(), time.process_time()
    for draw in range(draws):
        few, more, test = drawn(root / "text" / name, name, size, draw)
        field = make_field(few, "accuracy")
        choice = choose(field, student, text_sources(), Seeds(draw), plan=Plan())
        said += choice.candidate is None
        chosen[str(choice.candidate)] += 1
        results.append(tested(field, student, choice.candidate, more, test, Seeds(draw)))
    table = np.array(results)
    base, policy, twice = table.mean(axis=0)
    spread = (table[:, 1] - table[:, 0]).std(ddof=1)
    seconds = (time.process_time() - start) / draws
    line = (
        f"{name:10} {kind:9} {size:3}  none {base:.3f}  policy {100 * (policy - base):+5.1f} ± {100 * spread:4.1f}  "
        f"twice the rows {100 * (twice - base):+5.1f}  said no {said}/{draws}  {seconds:5.1f} CPU s  {dict(chosen)}"
    )
    return line, kind, table, said


def tested(
    field: Field, student: object, candidate: Candidate | None, more: list[Record], test: list[Record], seeds: Seeds
) -> list[float]:
    truth = make_truth(test, field)
    variants = Variants(text_sources(), seeds.child("variants"))
    scores = []
    for rows, one in ((field.records, None), (field.records, candidate), (tuple(more), None)):
        made, weights = training_rows(rows, one or Candidate("none"), variants)
        guess = student.fit(made, weights, field.classes)(test).argmax(axis=1)
        scores.append(float((guess == truth).mean()))
    return scores


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


def tables(root: Path, draws: int, only: list[str] | None) -> None:
    means = []
    for name in only or ("adult", "magic", "shoppers"):
        for size in (50, 100, 200):
            table = np.array([one_table(root / name, size, draw) for draw in range(draws)])
            base, policy, twice = 100 * table[:, :3].mean(axis=0)
            means.append(policy - base)
            print(
                f"{name:10} {size:4} rows  AUC none {base:.1f}  policy {policy - base:+.1f}  "
                f"twice the rows {twice - base:+.1f}  said no {int(table[:, 3].sum())}/{draws}",
                flush=True,
            )
    print(f"tables: mean {np.mean(means):+.2f} points of AUC, worst {min(means):+.2f}")


def one_table(folder: Path, size: int, draw: int) -> tuple[float, float, float, float]:
    import polars as pl

    target = json.loads((folder / "info.json").read_text())["target"]
    train, test = (pl.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    order = np.random.default_rng(draw).permutation(train.height)
    few, more = (table_records(train[order[:count].tolist()], target) for count in (size, 2 * size))
    asked = table_records(test.head(3000), target)
    field = make_field(few, "auc")
    sources, student = table_sources(few), TableStudent.of(more)
    choice = choose(field, student, sources, Seeds(draw))
    variants = Variants(sources, Seeds(draw).child("variants"))
    truth = np.array([record.label == field.classes[1] for record in asked])
    scores = []
    for rows, one in ((field.records, None), (field.records, choice.candidate), (tuple(more), None)):
        made, weights = training_rows(rows, one or Candidate("none"), variants)
        guess = student.fit(made, weights, field.classes)(asked)[:, 1]
        scores.append(area(guess, truth))
    return scores[0], scores[1], scores[2], float(choice.candidate is None)


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
