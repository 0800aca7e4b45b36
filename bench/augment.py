"""Does the policy help? Held-out real rows decide.

    python bench/augment.py DATA_DIR [WHAT] [draws] [sets, with commas] [students, with commas] [sizes] [model]

DATA_DIR: a folder of text/NAME/train.jsonl and NAME/train.parquet, or several, with ":" between; `_more_sets.py` makes
one.
WHAT: text, translated, model, table, rare; or texts-decide, tables-decide, rare-decide (-decide-all: with what is tried
with `--thorough` alone).

text, table, rare: for each set, student and size a few rows are drawn, the policy looks at them alone and chooses, and
the student is trained on what it says and the checks of a delivery let through. Printed: the metric on the test set
without augmentation, the change by the policy's choice, and by twice the real rows; how often it said "do not augment";
CPU seconds of a choice. translated, model: texts, 10 a class, with back-translation by the installed engine, or with
what the model writes ("embedded"), among what is tried. rare: tables at 1:50, for balanced accuracy: the policy beside
class weights, threshold and SMOTE to balance, our own and that of imbalanced-learn where it is installed.

-decide: on draws of their own (from 100), what each candidate gains in cross-validation and on the test set.
Printed: the mean and the spread of the latter over cells (set and size), which `generate/augment/evidence.py` holds;
how the two go along; and what the policy's rule gives if each set is judged by what was gained on the others alone.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from simulacra.contracts.rows import Record
from simulacra.generate.augment.checks import VariantChecks, teach
from simulacra.generate.augment.evidence import UNKNOWN, Evidence, Prior
from simulacra.generate.augment.field import Field, make_field
from simulacra.generate.augment.policy import LEAST_GAIN, Choice, Plan, candidates_of, choose
from simulacra.generate.augment.sources import Source, Variants, model_sources, table_sources, text_sources, twin_source
from simulacra.generate.augment.students import Student, TableStudent, TextStudent
from simulacra.generate.augment.trials import NONE, Candidate, training_rows
from simulacra.models.embedders import open_embedder
from simulacra.seeds import Seeds

TEXTS = ("trec", "sms-spam", "banking77")
TABLES = ("adult", "magic", "shoppers")
SIZES = (10, 20, 50)  # texts of a class
ROWS = (50, 100, 200)  # of a table
VARIANTS = 9  # of a row of a table, as without --factor
MOST_CLASSES = 10  # of a set of texts, the first by name; all 77 of banking77 would take an hour
MOST_TESTED = 3000
COMMON, RARE = 1000, 20


@dataclass
class Case:
    """Few rows of a set, and what they are judged by. more : twice as many real rows. peers : rows that others made."""

    name: str
    size: int
    draw: int
    field: Field
    student: Student
    sources: dict[str, Source]
    plan: Plan
    more: list[Record]
    test: list[Record]
    peers: dict[str, list[Record]]

    def choose(self) -> Choice:
        return choose(self.field, self.student, self.sources, Seeds(self.draw), plan=self.plan)

    def tested(self, candidates: Sequence[Candidate]) -> list[tuple[float, float]]:
        """Return (metric, AUC of two classes) on the test set of each candidate, of twice the rows and of the peers.

        The rows are those of a delivery: without what its checks refuse.
        """
        variants = Variants(self.sources, Seeds(self.draw).child("variants"))
        teacher = teach(self.field, self.student, variants.seeds.child("teacher").rng())
        checks = VariantChecks(self.field.records, variants.keeps, teacher=teacher, relabelled=variants.relabelled)
        rows = [training_rows(self.field.records, one, variants, checks=checks) for one in candidates]
        rows += [(own, np.ones(len(own))) for own in (self.more, *self.peers.values()) if own]
        moved = [one.threshold for one in candidates] + [False] * (len(rows) - len(candidates))
        return [self.score(*one, threshold=by) for one, by in zip(rows, moved, strict=True)]

    def score(self, rows: list[Record], weights: np.ndarray, *, threshold: bool) -> tuple[float, float]:
        scores = self.student.fit(rows, weights, self.field.classes)(self.test)
        truth = np.array([self.field.classes.index(str(record.label)) for record in self.test])
        area = auc(scores[:, 1], truth == 1) if scores.shape[1] == 2 else float("nan")
        if threshold:
            scores = scores / np.bincount(self.field.truth)
        right = scores.argmax(axis=1) == truth
        if self.field.metric == "auc":
            return area, area
        if self.field.metric == "accuracy":
            return float(right.mean()), area
        return float(np.mean([right[truth == label].mean() for label in np.unique(truth)])), area


def main() -> None:
    given = dict(enumerate(sys.argv[1:]))
    if not given:
        print("augment: no folder of data given, nothing to measure")
        return
    roots, what, draws = given[0].split(os.pathsep), given.get(1, "text"), int(given.get(2, "2"))
    only = given[3].split(",") if given.get(3) else None
    students = given[4].split(",") if given.get(4) else ["tfidf", "embedding"]
    sizes = tuple(int(size) for size in given[5].split(",")) if given.get(5) else None
    data = Data([Path(root) for root in roots])
    first = 100 if "decide" in what else 0
    every = what.endswith("-all")
    what = what.removesuffix("-all")
    seeds = range(first, first + draws)
    if what in ("text", "translated", "model", "texts-decide"):
        sources = text_sources()
        if what in ("translated", "model"):
            name = given.get(6, "embedded") if what == "model" else None
            sources |= model_sources(name, back_translation=what == "translated")
        usual = SIZES[:1] if what in ("translated", "model") else SIZES
        for kind in students:
            cases = data.texts(only or TEXTS, sizes or usual, seeds, a_student(kind), sources)
            decide(cases, kind, every=every) if first else judge(cases, kind)
    elif what in ("table", "tables-decide"):
        cases = data.tables(only or TABLES, sizes or ROWS, seeds)
        decide(cases, "boosting", every=every) if first else judge(cases, "boosting")
    else:
        cases = data.rare(only or TABLES, seeds)
        decide(cases, "boosting, balanced", every=every) if first else compare(cases)


def a_student(kind: str) -> TextStudent:
    return TextStudent("tfidf") if kind == "tfidf" else TextStudent("embedding", open_embedder())


@dataclass
class Data:
    """The sets of some folders."""

    roots: list[Path]

    def texts(
        self, names: Sequence[str], sizes: Sequence[int], draws: range, student: Student, sources: dict[str, Source]
    ) -> Iterator[Case]:
        for name, size, draw in itertools.product(names, sizes, draws):
            rows, test = self._read(name)
            few, more = drawn(rows, size, draw)
            yield Case(name, size, draw, make_field(few, "accuracy"), student, sources, Plan(), more, test, {})

    def tables(self, names: Sequence[str], sizes: Sequence[int], draws: range) -> Iterator[Case]:
        plan = Plan(amount=VARIANTS)
        for name, size, draw in itertools.product(names, sizes, draws):
            frame, test, target = self._open(name)
            if frame.height < 2 * size:
                continue
            order = np.random.default_rng(draw).permutation(frame.height)
            few, more = (table_records(frame[order[:count].tolist()], target) for count in (size, 2 * size))
            counts = Counter(record.label for record in few)
            if len(counts) == 2 and min(counts.values()) >= 4:
                student = TableStudent.of(more + test)
                sources = sources_of(few, frame, target)
                yield Case(name, size, draw, make_field(few, "auc"), student, sources, plan, more, test, {})

    def rare(self, names: Sequence[str], draws: range) -> Iterator[Case]:
        """Give tables of which one row in fifty is of the rarer class; there are no twice as many rows."""
        import polars as pl

        for name, draw in itertools.product(names, draws):
            frame, test, target = self._open(name)
            rng = np.random.default_rng(draw)
            counts = frame[target].value_counts(sort=True)
            if counts["count"].min() < RARE or counts["count"].max() < COMMON:
                continue
            parts = [frame.filter(pl.col(target) == kind) for kind in counts[target].to_list()]
            sizes = zip(parts, (COMMON, RARE), strict=True)
            taken = pl.concat([part[rng.permutation(part.height)[:count].tolist()] for part, count in sizes])
            few = table_records(taken, target)
            student = TableStudent.of(few + test)
            plan = Plan(goal="balance", amount=VARIANTS)
            peers = {}
            if find_spec("imblearn"):
                peers["SMOTE of imbalanced-learn"] = library_smote(few, frame.drop(target), draw)
            sources = sources_of(few, frame, target)
            yield Case(name, len(few), draw, make_field(few, "balanced"), student, sources, plan, [], test, peers)

    def _read(self, name: str) -> tuple[list[Record], list[Record]]:
        """Return rows to draw from and test rows of a set of texts; what stands in both is left out of the first."""
        folder = next(root / "text" / name for root in self.roots if (root / "text" / name).is_dir())
        if (folder / "all.jsonl").exists():
            rows = read(folder / "all.jsonl")
            order = np.random.default_rng(7).permutation(len(rows))
            test, rows = [rows[place] for place in order[:1500]], [rows[place] for place in order[1500:]]
        else:
            rows, test = read(folder / "train.jsonl"), read(folder / "test.jsonl")
        kept = set(sorted({str(record.label) for record in rows})[:MOST_CLASSES])
        rows, test = ([record for record in part if record.label in kept] for part in (rows, test))
        known = {record.text.lower().strip() for record in test}
        return [record for record in rows if record.text.lower().strip() not in known], test

    def _open(self, name: str) -> tuple[object, list[Record], str]:
        import polars as pl

        folder = next(root / name for root in self.roots if (root / name).is_dir())
        target = json.loads((folder / "info.json").read_text())["target"]
        train, test = (pl.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
        return train, table_records(test.head(MOST_TESTED), target), target


def judge(cases: Iterator[Case], kind: str) -> None:
    """Print what the policy's word gives, a line a cell, and their mean."""
    means, said, asked = [], 0, 0
    for (name, size), group in itertools.groupby(cases, key=lambda case: (case.name, case.size)):
        results, chosen, seconds = [], Counter(), 0.0
        for case in group:
            start = time.process_time()
            choice = case.choose()
            seconds += time.process_time() - start
            chosen[str(choice.candidate)] += 1
            results.append([value for value, _ in case.tested([NONE, choice.candidate or NONE])])
        table = 100 * np.array(results)
        gain, twice = table[:, 1] - table[:, 0], table[:, 2] - table[:, 0]
        spread = gain.std(ddof=1) if len(gain) > 1 else 0.0
        no, count = chosen["None"], len(results)
        means, said, asked = [*means, (name, gain.mean())], said + no, asked + count
        print(
            f"{name:10} {kind:9} {size:3}  none {table[:, 0].mean():.1f}  policy {gain.mean():+5.1f} ± {spread:4.1f}  "
            f"twice the rows {twice.mean():+5.1f}  said no {no}/{count}  {seconds / count:5.1f} CPU s  {dict(chosen)}",
            flush=True,
        )
    gains = [gain for _, gain in means]
    sets = {name: np.mean([gain for one, gain in means if one == name]) for name, _ in means}
    told = ", ".join(f"{name} {gain:+.2f}" for name, gain in sets.items())
    print(f"{kind}: mean {np.mean(gains):+.2f} points, worst cell {min(gains):+.2f}, said no {said} of {asked}; {told}")


def compare(cases: Iterator[Case]) -> None:
    """Print the policy beside what is usually done with rare classes."""
    usual = {
        "none": NONE, "class weights": Candidate("class weights", balance=True),
        "threshold": Candidate("threshold", threshold=True),
        "SMOTE to balance": Candidate("smote", ("smote",), 4, goal="balance"),
    }  # fmt: skip
    for name, group in itertools.groupby(cases, key=lambda case: case.name):
        results, chosen, names = [], Counter(), []
        for case in group:
            choice = case.choose()
            chosen[str(choice.candidate)] += 1
            results.append(case.tested([*usual.values(), choice.candidate or NONE]))
            names = [*usual, "policy", *case.peers]
        means = 100 * np.mean(results, axis=0)
        told = "  ".join(f"{one} {value:.1f}/{area:.1f}" for one, (value, area) in zip(names, means, strict=True))
        print(f"{name:10} 1:50  balanced accuracy/AUC: {told}  {dict(chosen)}", flush=True)


def decide(cases: Iterator[Case], kind: str, *, every: bool) -> None:
    """Print what each candidate gained elsewhere, and what the rule gives where a set is judged by the others."""
    told: list[tuple[str, int, dict[str, tuple[Evidence, float]]]] = []
    for case in cases:
        plan = replace(case.plan, thorough=every)
        tried = choose(case.field, case.student, case.sources, Seeds(case.draw), plan=plan).tried
        base, *values = [value for value, _ in case.tested([NONE, *(one.candidate for one in tried)])]
        found = {one.candidate.name: (one, value - base) for one, value in zip(tried, values, strict=False)}
        told.append((case.name, case.size, found))
        if len(told) % 20 == 0:
            print(f"{len(told)} cases, the last of {case.name}", flush=True)
    sets = {name for name, _, _ in told}
    names = list(dict.fromkeys(name for _, _, found in told for name in found))
    print(f"{kind}: mean and spread of the gain on test sets over cells of {len(sets)} sets; in cross-validation")
    for name in names:
        prior = prior_of(told, name)
        pairs = [(found[name][0].gain, found[name][1]) for _, _, found in told if name in found]
        along = np.corrcoef(np.transpose(pairs))[0, 1]
        (least, size), worst = min(cells(told, name).items(), key=lambda one: one[1])
        print(
            f'        "{name}": Prior({prior.mean:.4f}, {prior.spread:.4f}),  # worst {least} {size} {worst:+.3f}, '
            f"cross-validation {np.mean([gain for gain, _ in pairs]):+.3f}, correlation {along:+.2f}"
        )
    usual = {one.name for one in candidates_of(case.sources, case.field, case.plan)}
    for label, looked in (("what is tried as a rule", usual), ("all", set(names)))[: 1 + every]:
        gains: dict[tuple[str, int], list[float]] = {}
        refused = 0
        for name, size, found in told:
            others = [one for one in told if one[0] != name]
            best = max(
                (prior_of(others, key).weighed(one.gain, one.error)[0], gain)
                for key, (one, gain) in found.items()
                if key in looked
            )
            yes = best[0] > LEAST_GAIN
            gains.setdefault((name, size), []).append(best[1] if yes else 0.0)
            refused += not yes
        means = {cell: 100 * np.mean(own) for cell, own in gains.items()}
        each = {one: float(np.mean([gain for cell, gain in means.items() if cell[0] == one])) for one in sorted(sets)}
        (least, size), worst = min(means.items(), key=lambda one: one[1])
        print(
            f"{kind}, {label}, each set judged by the others: mean {np.mean(list(means.values())):+.2f} points, "
            f"worst cell {worst:+.2f} ({least} {size}), said no {refused} of {len(told)}; "
            + ", ".join(f"{one} {gain:+.2f}" for one, gain in each.items()),
            flush=True,
        )


def prior_of(told: list[tuple[str, int, dict[str, tuple[Evidence, float]]]], name: str) -> Prior:
    """Return mean and spread over cells, a spread of half a point at least; of one set alone nothing is known."""
    found = cells(told, name)
    if len({one for one, _ in found}) < 2:
        return UNKNOWN
    values = np.array(list(found.values()))
    return Prior(float(values.mean()), max(float(values.std(ddof=1)), 0.005))


def cells(told: list[tuple[str, int, dict[str, tuple[Evidence, float]]]], name: str) -> dict[tuple[str, int], float]:
    found: dict[tuple[str, int], list[float]] = {}
    for one, size, gains in told:
        if name in gains:
            found.setdefault((one, size), []).append(gains[name][1])
    return {cell: float(np.mean(own)) for cell, own in found.items()}


def drawn(rows: list[Record], size: int, draw: int) -> tuple[list[Record], list[Record]]:
    rng = np.random.default_rng(1000 + draw)
    few, more = [], []
    for label in sorted({str(record.label) for record in rows}):
        own = [record for record in rows if record.label == label]
        order = rng.permutation(len(own))
        few += [own[place] for place in order[: min(size, len(own) // 2)]]
        more += [own[place] for place in order[: min(2 * size, len(own))]]
    return few, more


def read(path: Path) -> list[Record]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Record(f"{path.stem}{place}", line["text"], line["label"]) for place, line in enumerate(lines)]


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


def sources_of(records: list[Record], frame: object, target: str) -> dict[str, Source]:
    types = {name: kind for name, kind in frame.schema.items() if name != target}
    return table_sources(records) | twin_source(types)


def table_records(frame: object, target: str) -> list[Record]:
    rows = frame.to_dicts()
    return [
        Record(str(place), "", str(row[target]), fields={name: value for name, value in row.items() if name != target})
        for place, row in enumerate(rows)
    ]


def auc(scores: np.ndarray, truth: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, scores))


if __name__ == "__main__":
    main()
