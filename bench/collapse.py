"""Model collapse, reproduced: replace collapses, a fixed real share holds; when the alarm fires, and how often it lies.

python bench/collapse.py [FOLDER] [--rows 2000] [--generations 6] [--seeds 1] [--runs 10]
    [--generators fast,cart,copula] [--regimes replace,accumulate,mixed] [--bounded 3]

FOLDER: a folder with NAME/train.parquet; without it the demo's table is used.

Three generators: this project's at `fast`, a plain leaf-drawing CART (it draws real values from the leaves), and a
Gaussian copula over frequency-ordered levels. Figures are means over seeds. False alarms: fresh real rows stand in for
generations, so every alarm is false (--runs of them; 0: none). The CPU seconds are printed.

--bounded SEEDS: does accumulate bound the loss or only slow it? First the linear models of the theorem (the error of
generation n is n times the first one's when data are replaced, at most pi^2/6 times when they accumulate; Gerstgrasser
et al. 2024, theorems 1 and 2), then CART on the first table: how much each sign loses from generation 1 to 2, 2 to 4, 4
to 8, 8 to 16. A loss without bound loses as much (steps as 1/g) or more with each doubling; steps as 1/g^2 lose half.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import stats
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from _cost import adult
from simulacra.contracts import Progress
from simulacra.data.dataset import Dataset
from simulacra.data.infer import infer_schema
from simulacra.data.schema import Schema
from simulacra.generate.table import TableGenerator
from simulacra.measure._monitor import collapsing, warnings
from simulacra.measure._support import Anchor
from simulacra.run.generations import CollapseRecord, Experiment, run_generations
from simulacra.run.source import load_frame
from simulacra.seeds import Seeds

REAL_SHARE = 0.5


@dataclass(frozen=True)
class Drawn:
    """What a baseline learned: a function from rows and a generator of chance to a frame."""

    draw: Any
    schema: Schema

    def sample(self, rows: int, seeds: Seeds, *, first_row: int = 0) -> pl.DataFrame:
        """Draw rows."""
        del first_row
        frame: pl.DataFrame = self.draw(rows, seeds.rng())
        return frame


def ranks(data: Dataset) -> tuple[np.ndarray, list[pl.Series]]:
    """Return (rows, columns) codes, levels ordered by frequency and numbers by size, and the values behind them."""
    codes, values = [], []
    for column in data.schema:
        series = data.frame[column.name]
        numeric = series.dtype.is_numeric()
        levels = series.unique().sort() if numeric else series.value_counts(sort=True)[column.name]
        places = dict(zip(levels.to_list(), range(len(levels)), strict=True))
        codes.append([places[value] for value in series])
        values.append(levels)
    return np.array(codes).T, values


@dataclass(frozen=True)
class Cart:
    """Column by column, a tree on the columns before; a value is drawn from the real members of the leaf.

    leaf : rows of a leaf at least, or their share of all rows (then a tree does not grow with the rows).
    """

    leaf: float = 5
    name: str = "cart"

    def fit(self, data: Dataset, seeds: Seeds, progress: Progress) -> Drawn:
        """Grow a tree a column."""
        del progress
        codes, values = ranks(data)
        state = seeds.integer() % 2**31
        trees: list[Any] = [None]
        for k in range(1, codes.shape[1]):
            kind = DecisionTreeRegressor if values[k].dtype.is_numeric() else DecisionTreeClassifier
            trees.append(kind(min_samples_leaf=self.leaf, random_state=state).fit(codes[:, :k], codes[:, k]))
        members = [_members(tree.apply(codes[:, :k])) if k else None for k, tree in enumerate(trees)]

        def draw(rows: int, rng: np.random.Generator) -> pl.DataFrame:
            made = np.zeros((rows, codes.shape[1]), dtype=np.int64)
            made[:, 0] = rng.choice(codes[:, 0], size=rows)
            for k in range(1, codes.shape[1]):
                order, starts, sizes = members[k]
                leaves = trees[k].apply(made[:, :k])
                made[:, k] = codes[order[starts[leaves] + (rng.random(rows) * sizes[leaves]).astype(int)], k]
            return pl.DataFrame({c.name: values[k][made[:, k]] for k, c in enumerate(data.schema)})

        return Drawn(draw, data.schema)


def _members(leaves: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows ordered by leaf, and where each leaf starts and how many rows it has."""
    sizes = np.bincount(leaves)
    return np.argsort(leaves, kind="stable"), np.cumsum(sizes) - sizes, sizes


class Copula:
    """Normal scores of the codes, one correlation matrix, back by the quantiles of each column's values."""

    name = "copula"

    def fit(self, data: Dataset, seeds: Seeds, progress: Progress) -> Drawn:
        """Correlate jittered normal scores."""
        del progress
        codes, values = ranks(data)
        rng, n = seeds.rng(), len(data)
        places = np.argsort(np.argsort(codes + rng.random(codes.shape), axis=0), axis=0)
        correlation = np.corrcoef(stats.norm.ppf((places + 0.5) / n), rowvar=False)
        root = np.linalg.cholesky(correlation + 1e-6 * np.eye(len(correlation)))
        ordered = np.sort(codes, axis=0)

        def draw(rows: int, rng: np.random.Generator) -> pl.DataFrame:
            uniform = stats.norm.cdf(rng.normal(size=(rows, codes.shape[1])) @ root.T)
            made = np.take_along_axis(ordered, np.minimum((uniform * n).astype(int), n - 1), axis=0)
            return pl.DataFrame({c.name: values[k][made[:, k]] for k, c in enumerate(data.schema)})

        return Drawn(draw, data.schema)


def relative(record: CollapseRecord, number: int) -> str:
    """Return the signs of a generation as ratios to what fresh real rows show; repeats as they are."""
    values = record.generations[number - 1].values
    cells = [
        f"{value:8.3f}" if name == "repeats" else f"{value / record.floors[name].mean:8.2f}"
        for name, value in values.items()
    ]
    return "".join(cells)


def picture(name: str, real: Dataset, options: argparse.Namespace) -> None:
    """Print the curves of each generator and regime, mean over seeds, and the generations of the alarms."""
    makers = {"fast": lambda: TableGenerator("fast"), "cart": Cart, "copula": Copula}
    shown = sorted({1, 2, 3, 5, 8, options.generations} & set(range(1, options.generations + 1)))
    for generator in (makers[one]() for one in options.generators):
        for regime in options.regimes:
            records = [
                run_generations(
                    Experiment(options.generations, regime, REAL_SHARE, options.rows, seed=seed,
                               target=real.schema.target), real, generator=generator,
                )
                for seed in range(options.seeds)
            ]  # fmt: skip
            label = f"{regime} {REAL_SHARE:.0%}" if regime == "mixed" else regime
            alarms = [str(record.alarm.number) if record.alarm else "-" for record in records]
            print(f"\n{name}, {generator.name}, {label}: alarm at generation {', '.join(alarms)}")
            print(f"{'':>4}" + "".join(f"{sign[:7]:>8}" for sign in records[0].floors) + f"{'utility':>9}")
            for number in shown:
                lines = [relative(record, number) for record in records]
                means = np.mean([[float(cell) for cell in line.split()] for line in lines], axis=0)
                utility = [r.generations[number - 1].utility for r in records]
                told = f"{np.mean([u for u in utility if u is not None]):9.3f}" if any(utility) else ""
                print(f"g{number:<3}" + "".join(f"{value:8.2f}" for value in means) + told, flush=True)


def false_alarms(name: str, real: Dataset, options: argparse.Namespace, generations: int = 6) -> None:
    """Print how often fresh real rows raise an alarm: the level of one set, the slope over generations."""
    runs = options.runs
    size = min(options.rows, len(real) // (generations + 2))
    level = slope = sets = 0
    for run in range(runs):
        order = np.random.default_rng(run).permutation(len(real))
        parts = [real.frame[order[k * size : (k + 1) * size]] for k in range(generations + 2)]
        anchor = Anchor(parts[0], parts[1], real.schema, Seeds(run), size)
        history = [anchor.measure(part) for part in parts[2:]]
        level += sum(bool(warnings(values, anchor.floors)) for values in history)
        sets += len(history)
        slope += any(collapsing(history[: k + 1], anchor.floors) for k in range(len(history)))
    print(
        f"{name}, {size} rows: a warning in {level} of {sets} fresh real sets ({level / sets:.2%}), "
        f"a collapse alarm in {slope} of {runs} runs of {generations} ({slope / runs:.2%})",
        flush=True,
    )


def linear_models(rows: int = 100, columns: int = 10, generations: int = 64, runs: int = 100) -> None:
    """Print the error of linear models that learn from each other, relative to the first: replace and accumulate."""
    rng = np.random.default_rng(0)
    errors = np.zeros((2, runs, generations))
    for run in range(runs):
        for regime in (0, 1):
            weights, gram, sums = np.zeros(columns), np.zeros((columns, columns)), np.zeros(columns)
            for generation in range(generations):
                inputs = rng.normal(size=(rows, columns))
                answers = inputs @ weights + rng.normal(size=rows)
                kept = regime if generation else 0
                gram, sums = kept * gram + inputs.T @ inputs, kept * sums + inputs.T @ answers
                weights = np.linalg.solve(gram, sums)
                errors[regime, run, generation] = weights @ weights
    mean = errors.mean(axis=1) / errors[:, :, 0].mean()
    print(f"linear models, {runs} runs: error relative to the first generation (bound of accumulate: 1.645)")
    for generation in (1, 2, 4, 8, 16, 32, 64):
        law = sum(1 / k**2 for k in range(1, generation + 1))
        replaced, accumulated = mean[:, generation - 1]
        told = f"replace {replaced:6.2f} (law {generation})   accumulate {accumulated:5.2f} (law {law:.2f})"
        print(f"g{generation:<3} {told}")


def doublings(cart: Cart, real: Dataset, options: argparse.Namespace) -> None:
    """Print what each sign loses with each doubling of the generations, accumulate, mean over seeds."""
    steps = (1, 2, 4, 8, 16)
    chosen = Experiment(steps[-1], "accumulate", REAL_SHARE, options.rows, target=None)
    records = [run_generations(replace(chosen, seed=seed), real, generator=cart) for seed in range(options.bounded)]
    print(f"{cart.name}, accumulate, {options.rows} rows, {len(records)} seeds: points lost (of what real rows show)")
    print(f"{'':>14}" + "".join(f"{f'g{a}-g{b}':>9}" for a, b in pairwise(steps)) + f"{'steps as':>12}")
    for sign in records[0].floors:
        curve = np.mean([[_part(record, step, sign) for step in steps] for record in records], axis=0)
        lost = 100 * np.abs(np.diff(curve))
        power = 1 - np.polyfit(np.arange(len(lost)), np.log2(np.maximum(lost, 1e-9)), 1)[0]
        print(f"{sign:>14}" + "".join(f"{part:9.2f}" for part in lost) + f"{f'1/g^{power:.1f}':>12}", flush=True)


def _part(record: CollapseRecord, number: int, sign: str) -> float:
    value = record.generations[number - 1].values[sign]
    return value if sign == "repeats" else value / record.floors[sign].mean


def main() -> None:
    """Print the false alarms of every table, and the curves of the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--generations", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--generators", type=lambda text: text.split(","), default=["fast", "cart"])
    parser.add_argument("--regimes", type=lambda text: text.split(","), default=["replace", "accumulate"])
    parser.add_argument("--bounded", type=int, default=0)
    options = parser.parse_args()
    folder = options.folder
    tables = {"adult": adult([] if folder is None else [str(folder)])}
    if folder is not None:
        tables |= {name: folder / name / "train.parquet" for name in ("shoppers", "magic")}
    for name, path in tables.items():
        frame, _ = load_frame(path)
        real = Dataset(frame, infer_schema(frame, target="income" if name == "adult" else None))
        if options.bounded:
            if name == "adult":
                linear_models()
                doublings(Cart(name="cart, leaves of 5 rows"), real, options)
                doublings(Cart(5 / options.rows, "cart, leaves of a fixed share"), real, options)
            continue
        if options.runs:
            false_alarms(name, real, options)
        if name == "adult":
            picture(name, real, options)
    print(f"{time.process_time():.0f} CPU s")


if __name__ == "__main__":
    main()
