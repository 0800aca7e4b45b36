"""How well the judge judges: planted leaks and flaws caught, alarms on clean rows, by kind and strength; what it costs.

    python bench/validation.py FOLDER [--rows 4000] [--seeds 5] [--only leaks,flaws,...] [--table NAME] [--cheap]

FOLDER: */train.parquet with info.json (and test.parquet, if there) beside it. "caught" is any gate of the default set
that warns or fails; "named" is a true column among the first three that the gravest scores name; "best" is how many
a test would catch that knows the place (one false alarm in a thousand). Parts:

leaks, controls   by the privacy gates    flaws   by all others (--cheap: without the learners, detection and utility)
clean             how many clean tables raise any alarm, all gates
uniform           p-values where nothing leaked, against the uniform law (Kolmogorov-Smirnov)
cover             how often 95 % intervals hold the mean of the same measure over all draws
cost              CPU seconds and memory of `simulacra validate` with the page, 50,000 rows x 3 tables, peers beside it
No argument: nothing is measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from scipy import stats

from _cost import cheapest
from simulacra.contracts import Assessment, Silent
from simulacra.data.dataset import Dataset
from simulacra.data.infer import infer_schema
from simulacra.generate.table import TableGenerator
from simulacra.measure.assess import assess, compare, usual_metrics
from simulacra.measure.gates import worst_places
from simulacra.seeds import Seeds
from simulacra.testing.suites import CONTROLS, FLAWS, LEAKS, Case, control_cases, flaw_cases, leak_cases

SMALL = ("fresh", "unequal")
LEARNERS = ("fidelity.detection", "utility.tstr")
Result = tuple[list[str], bool, float | None]
"""The scores that raised an alarm, whether a true place was named, and the power of the best test, if computed."""
PEER = Path(".venv-peers/bin/python")


def judge(case: Case, seed: int, families: tuple[str, ...] | None = None, *, cheap: bool = False) -> Assessment:
    """Return the assessment of a case, by all usual metrics or those of some families; cheap: without the learners."""
    tables = compare(
        case.synthetic, case.real, case.holdout, schema=case.schema, target=case.schema.target, seeds=Seeds(seed)
    )
    chosen = [name for name in usual_metrics() if families is None or name.split(".")[0] in families]
    chosen = [name for name in chosen if not cheap or name not in LEARNERS]
    return assess(tables, metrics=chosen)


def alarms(assessment: Assessment) -> list[str]:
    """Return the scores whose gates warn or fail."""
    return [result.gate.metric for result in assessment.gates if result.verdict in ("warn", "fail")]


def tables(folder: Path, only: str | None) -> Iterator[tuple[str, pl.DataFrame, str | None]]:
    """Yield name, rows and target of each table."""
    for info in sorted(folder.glob("*/info.json")):
        paths = [path for path in (info.parent / "train.parquet", info.parent / "test.parquet") if path.exists()]
        if paths and only in (None, info.parent.name):
            frame = pl.concat([pl.read_parquet(path) for path in paths])
            yield info.parent.name, frame, json.loads(info.read_text()).get("target")


def run_suite(name: str, frame: pl.DataFrame, target: str | None, options: argparse.Namespace) -> None:
    """Print one line per kind and strength of a suite."""
    maker = {"leaks": leak_cases, "flaws": flaw_cases, "controls": control_cases}[name]
    families = ("fidelity", "utility", "diversity", "validity") if name == "flaws" else ("privacy",)
    print(f"{'':>4}{'kind':<22}{'strength':>9}{'level':>7}{'caught':>9}{'best':>7}{'named':>9}   by")
    total: dict[str, list[Result]] = defaultdict(list)
    for kind in options.kinds or {"leaks": LEAKS, "flaws": FLAWS, "controls": CONTROLS}[name]:
        found: dict[tuple[float, str], list[Result]] = defaultdict(list)
        for seed in range(options.start, options.start + options.seeds):
            for case in maker(frame, rows=options.rows, target=target, seed=seed, kinds=[kind]):
                assessment = judge(case, seed, families, cheap=options.cheap)
                named = any(place in where for place in case.places for where in worst_places(assessment)[:3])
                found[case.strength, case.level].append((alarms(assessment), named or not case.places, case.power))
        for (strength, level), results in found.items():
            print(line(kind, strength, level, results), flush=True)
            total[level] += results
    for level, results in total.items():
        print(line("all", "", level, results).rpartition("   ")[0], flush=True)


def line(kind: str, strength: float | str, level: str, results: list[Result]) -> str:
    """Return a line of the table: how often caught, how often placed, and by which scores."""
    caught = [result for result in results if result[0]]
    often: dict[str, int] = defaultdict(int)
    for alarm in (alarm for result in caught for alarm in result[0]):
        often[alarm] += 1
    top = ", ".join(f"{key} {count}" for key, count in sorted(often.items(), key=lambda item: -item[1])[:4])
    named = f"{sum(result[1] for result in caught)}/{len(caught)}" if caught else "-"
    powers = [result[2] for result in results if result[2] is not None]
    best = f"{sum(powers):.1f}" if len(powers) == len(results) else "-"
    return f"    {kind:<22}{strength:>9}{level:>7}{f'{len(caught)}/{len(results)}':>9}{best:>7}{named:>9}   {top}"


def run_clean(frame: pl.DataFrame, target: str | None, options: argparse.Namespace) -> None:
    """Print how many small clean tables raise any alarm, and which."""
    runs, wrong = 0, defaultdict(int)
    hit = 0
    for seed in range(options.start, options.start + options.clean_seeds):
        for case in control_cases(frame, rows=options.clean_rows, target=target, seed=seed, kinds=SMALL):
            found = alarms(judge(case, seed, cheap=options.cheap))
            runs, hit = runs + 1, hit + bool(found)
            for alarm in found:
                wrong[alarm] += 1
    print(f"    clean tables of {options.clean_rows} rows with any alarm: {hit}/{runs}   {dict(wrong)}", flush=True)


def run_uniform(frame: pl.DataFrame, options: argparse.Namespace) -> None:
    """Print how p-values of the exchangeability test lie where nothing leaked."""
    found = []
    for seed in range(options.start, options.start + options.uniform_seeds):
        case = next(control_cases(frame, rows=500, seed=seed, kinds=["fresh"]))
        whole = compare(case.synthetic, case.real, case.holdout, schema=case.schema, target=None, seeds=Seeds(seed))
        scores = {score.name: score for score in assess(whole, metrics=["privacy.exposed"]).scores}
        found.append(scores["privacy.exchangeability"].value or 0.0)
    shares = ", ".join(f"{np.mean(np.array(found) <= level):.3f} at {level}" for level in (0.01, 0.05, 0.1, 0.25, 0.5))
    law = stats.kstest(found, "uniform")
    print(f"    p-values of {len(found)} clean tables, share at or below: {shares}; KS p {law.pvalue:.2f}", flush=True)


def run_cover(frame: pl.DataFrame, target: str | None, options: argparse.Namespace) -> None:
    """Print how often each score's interval holds the mean of that score over all draws of the same size.

    The synthetic rows are spoilt alike in every draw (half a column shuffled), so that values lie off their floors.
    """
    drawn: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for seed in range(options.start, options.start + options.cover_seeds):
        case = next(control_cases(frame, rows=options.clean_rows, target=target, seed=seed, kinds=["fresh"]))
        name = case.schema.names[0]
        rng = np.random.default_rng(seed)
        half = pl.Series(rng.random(case.synthetic.height) < 0.5)
        values = case.synthetic[name]
        mixed = values[rng.permutation(len(values))].zip_with(half, values).alias(name)
        spoilt = replace(case, synthetic=case.synthetic.with_columns(mixed))
        for score in judge(spoilt, seed, cheap=options.cheap).scores:
            if score.value is not None and score.low is not None and score.high is not None:
                drawn[score.name].append((score.value, score.low, score.high))
    print(f"    {'score':<28}{'n':>5}{'covered':>9}{'mean':>9}{'width':>9}")
    for name, values in sorted(drawn.items()):
        value, low, high = np.array(values).T
        held = float(np.mean((low <= value.mean()) & (value.mean() <= high)))
        print(f"    {name:<28}{len(value):>5}{held:>9.2f}{value.mean():>9.3f}{np.mean(high - low):>9.3f}", flush=True)


def run_cost(frame: pl.DataFrame, target: str | None, options: argparse.Namespace) -> None:
    """Print CPU seconds and memory of the whole command, all three tables drawn from one fitted model."""
    fitted = TableGenerator("fast").fit(Dataset(frame, infer_schema(frame, target=target)), Seeds(0), Silent())
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.parquet" for name in ("made", "real", "kept")]
        for place, path in enumerate(paths):
            fitted.sample(options.cost_rows, Seeds(place + 1)).write_parquet(path)
        command = [
            sys.executable, "-m", "simulacra.cli", "validate", str(paths[0]), "--real", str(paths[1]), "--holdout",
            str(paths[2]), "-o", f"{folder}/report.html", *(["--target", target] if target else []),
        ]  # fmt: skip
        told = [("simulacra validate, with the page", cheapest(command, 2, codes=(0, 1)))]
        if PEER.exists():
            script = [str(PEER), str(Path(__file__).with_name("_sdmetrics.py")), *map(str, paths[:2])]
            told.append(("sdmetrics Quality + Diagnostic", cheapest(script, 2)))
    for name, cost in told:
        print(f"    {options.cost_rows:,} rows: {name}: {cost.cpu:.1f} CPU s, {cost.memory:.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--only", default="leaks,controls,flaws,clean,uniform")
    parser.add_argument("--table")
    parser.add_argument("--kinds", type=lambda text: text.split(","))
    parser.add_argument("--clean-rows", type=int, default=300)
    parser.add_argument("--clean-seeds", type=int, default=100)
    parser.add_argument("--uniform-seeds", type=int, default=100)
    parser.add_argument("--cover-seeds", type=int, default=100)
    parser.add_argument("--cost-rows", type=int, default=50_000)
    parser.add_argument("--cheap", action="store_true")
    options = parser.parse_args()
    if options.folder is None:
        print("bench/validation.py needs a folder of real tables: nothing measured")
        return
    for name, frame, target in tables(options.folder, options.table):
        for part in options.only.split(","):
            start = time.process_time()
            print(f"{name}: {part}", flush=True)
            if part == "clean":
                run_clean(frame, target, options)
            elif part == "uniform":
                run_uniform(frame, options)
            elif part in ("cover", "cost"):
                {"cover": run_cover, "cost": run_cost}[part](frame, target, options)
            else:
                run_suite(part, frame, target, options)
            print(f"    {time.process_time() - start:.0f} CPU s", flush=True)


if __name__ == "__main__":
    main()
