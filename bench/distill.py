"""Is what the embedded model writes worth anything to a student? Held-out real rows decide.

    python bench/distill.py DATA_DIR [SET ...] [--draws 5] [--rows 12] [--store FOLDER]

DATA_DIR holds text/<set>/*.jsonl with {"text", "label"}. For each set and draw: three seeds a class are drawn, the
embedded model writes ROWS texts a class from the classes' names, a line that says what the texts are, and these seeds;
a classifier of the seeds refuses texts of other classes. Printed: balanced accuracy on the test rows of a student
trained on the seeds alone, on the written texts alone, on both; how many real rows the texts are worth; mean and
standard deviation over draws. The same two students every time. STORE keeps the model's answers between runs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulacra.api.teaching import make_distill_recipe, run_distill


@dataclass(frozen=True)
class Set:
    train: str
    test: str
    about: str
    classes: dict[str, str]
    first: int = 0


SETS = {
    "trec": Set(
        "train", "test", "Questions that people ask, each after what it asks for.",
        {"ABBR": "an abbreviation", "DESC": "a description or explanation", "ENTY": "a thing", "HUM": "a person",
         "LOC": "a place", "NUM": "a number or date"},
    ),
    "sms-spam": Set(
        "all", "", "Text messages received on a phone.",
        {"ham": "private message from a friend", "spam": "spam, advertising with a prize"},
    ),
    "banking77": Set("train", "test", "Messages that customers sent to their bank.", {}, first=6),
}  # fmt: skip
SHOTS = 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--rows", type=int, default=12)
    parser.add_argument("--store", type=Path)
    given = parser.parse_args()
    if given.data is None:
        print("distill: no folder of data given, nothing to measure")
        return
    for name in given.sets or SETS:
        start = time.process_time()
        results = [measure(name, given, draw) for draw in range(given.draws)]
        for student in ("tfidf", "embedding"):
            show(name, student, [found[student] for found in results if student in found])
        print(f"{name:10} {(time.process_time() - start) / given.draws:.0f} CPU s a draw", flush=True)


def measure(name: str, given: argparse.Namespace, draw: int) -> dict[str, dict[str, float]]:
    told = SETS[name]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        seeds, real, test = part(given.data / "text" / name, told, draw)
        for file, rows in (("seeds", seeds), ("real", real), ("test", test)):
            (home / f"{file}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        classes = len({row["label"] for row in seeds})
        recipe = make_distill_recipe(
            home / "seeds.jsonl", test=home / "test.jsonl", real=home / "real.jsonl", about=told.about,
            classes=told.classes, rows=given.rows * classes, seed=draw, filter="seeds", teacher_rows=0,
        )  # fmt: skip
        store = given.store / f"{name}.sqlite" if given.store else None
        record = run_distill(recipe, home / "out", store=store)
    found = {}
    for worth in record.worths:
        arms = {arm.name: arm.value for arm in worth.arms}
        found[worth.student] = {**arms, "chance": worth.chance, "worth": worth.replaces[0] or np.nan}
        shown = "  ".join(f"{arm} {value:.3f}" for arm, value in arms.items())
        print(f"  {name} draw {draw} {worth.student:9} {shown}  worth {worth.replaces}", flush=True)
    return found


def part(folder: Path, told: Set, draw: int) -> tuple[list[dict], list[dict], list[dict]]:
    """Three seeds a class, up to 400 more real rows for the curve, and the test rows."""
    rows = read(folder / f"{told.train}.jsonl")
    if told.test:
        test = read(folder / f"{told.test}.jsonl")
    else:
        order = np.random.default_rng(7).permutation(len(rows))
        test, rows = [rows[place] for place in order[:1500]], [rows[place] for place in order[1500:]]
    if told.first:  # six classes, drawn once: all 77 would take an hour
        known = sorted({row["label"] for row in rows})
        kept = {known[place] for place in np.random.default_rng(3).permutation(len(known))[: told.first]}
        rows, test = ([row for row in side if row["label"] in kept] for side in (rows, test))
    known_texts = {row["text"].lower().strip() for row in test}
    rows = [row for row in rows if row["text"].lower().strip() not in known_texts]
    rng = np.random.default_rng(1000 + draw)
    seeds, rest = [], []
    for label in sorted({row["label"] for row in rows}):
        own = [row for row in rows if row["label"] == label]
        order = rng.permutation(len(own))
        seeds += [own[place] for place in order[:SHOTS]]
        rest += [own[place] for place in order[SHOTS : SHOTS + 50]]
    return seeds, rest, test


def read(path: Path) -> list[dict]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [{"text": row["text"], "label": row["label"]} for row in rows]


def show(name: str, student: str, found: list[dict[str, float]]) -> None:
    if not found:
        return
    told = []
    for arm in ("chance", "seeds", "written", "seeds and written", "real"):
        values = [one[arm] for one in found]
        told.append(f"{arm} {np.mean(values):.3f} ± {np.std(values, ddof=1) if len(values) > 1 else 0:.3f}")
    gains = np.array([one["written"] - one["seeds"] for one in found])
    wins = int((gains > 0).sum())
    print(f"{name:10} {student:9} {'  '.join(told)}  written over seeds {gains.mean():+.3f}, in {wins} of {len(found)}")


if __name__ == "__main__":
    main()
