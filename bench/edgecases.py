"""How many planted weaknesses of record functions are found, what the hardened twins raise, and what it costs.

    python bench/edgecases.py [DATA_DIR] [--seeds N]

With DATA_DIR (folders adult, shoppers ... with train.parquet) scikit-learn models of those tables are tried as well:
targets that nobody planted anything in.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import polars as pl

from simulacra.attack.records.search import search
from simulacra.attack.records.target import RecordTarget
from simulacra.run.edgecases import Hunt, run_edgecases
from simulacra.seeds import Seeds
from simulacra.testing.targets import loans, quotes

BATCHES = {"empty batch": "empty", "memory": "remembers", "single against batch": "batch mean",
           "order of rows": "order", "duplicates in a batch": "duplicates"}  # fmt: skip


def loan(plants, seed):
    target = loans.LoanDecision(plants, seed)
    return target, RecordTarget(target, target.domain.names)


def quote(plants, seed):
    model = quotes.QuoteModel(plants, seed)
    return model, RecordTarget(model.predict, model.domain.names, style="polars")


def touched(made, finding):
    """Return the plants that a finding's own records run into."""
    if finding.oracle in BATCHES:
        return {BATCHES[finding.oracle]}
    found = set()
    for record in (finding.record, finding.partner):
        if record is not None:
            fresh, target = made()
            target.call(record)
            found |= fresh.touched
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    print("target     found   of  records   calls  findings   true  twin  CPU s")
    for name, make, plants in (("loans", loan, loans.PLANTS), ("quotes", quote, quotes.PLANTS)):
        counted(name, make, plants, options.seeds)
    if options.data is not None:
        models(options.data)


def counted(name, make, plants, seeds):
    found = findings = true = twins = calls = records = 0
    missed: dict[str, int] = {}
    began = time.process_time()
    for seed in range(seeds):
        made, target = make(tuple(plants), seed)
        campaign = search(made.domain, target, Seeds(seed))
        hits = [touched(lambda seed=seed: make(tuple(plants), seed), one) for one in campaign.findings]
        seen = set().union(*hits)
        for plant in set(plants) - seen:
            missed[plant] = missed.get(plant, 0) + 1
        found, findings, true = found + len(seen), findings + len(hits), true + sum(1 for one in hits if one)
        calls, records = max(calls, campaign.calls), max(records, len(campaign.tried))
    spent = (time.process_time() - began) / seeds
    for seed in range(seeds):
        made, target = make((), seed)
        twins += len(search(made.domain, target, Seeds(seed)).findings)
    print(
        f"{name:8} {found / seeds:7.1f} {len(plants):4d} {records:8,d} {calls:7,d} {findings / seeds:9.1f} "
        f"{true / max(findings, 1):6.1%} {twins:5d} {spent:6.2f}"
    )
    print(f"         share {found / seeds / len(plants):.1%}; missed (times of {seeds}): {missed or 'none'}")


def models(folder):
    """Try gradient boosting on real tables: what it does with empty batches, single rows, nulls, unseen levels."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    for table, target in (("adult", "income"), ("shoppers", "Revenue")):
        path = folder / table / "train.parquet"
        if not path.exists():
            continue
        frame = pl.read_parquet(path).head(5_000)
        names = [name for name in frame.columns if name != target]
        text = [name for name in names if frame[name].dtype == pl.String]
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        columns = make_column_transformer((encoder, text), remainder="passthrough")
        model = make_pipeline(columns, HistGradientBoostingClassifier(max_iter=30))
        model.fit(frame.select(names).to_pandas(), frame[target].cast(pl.String).to_list())
        hunt = Hunt(model.predict, data=frame.select(names), style="pandas", records=300, calls=1_500)
        record = run_edgecases(hunt)
        print(f"{table}: {record.campaign.calls:,} calls, {record.cost['cpu_seconds']} CPU s")
        for one in record.campaign.findings:
            print(f"   {one.input:7} {one.oracle:20} {one.told[:110]}")


if __name__ == "__main__":
    main()
