"""How many planted weaknesses of record functions are found, what the hardened twins raise, and what it costs.

    python bench/edgecases.py [DATA_DIR] [--seeds N]

With DATA_DIR (folders adult, shoppers, magic with train.parquet; text/<set>/*.jsonl) scikit-learn models of those
tables and texts are tried as well: targets that nobody planted anything in. Of the tables' findings the line says how
many fail again, each time, in a pytest file that knows nothing but the model.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

import polars as pl

from simulacra.attack.records.search import search
from simulacra.attack.records.target import RecordTarget
from simulacra.attack.texts.search import search_texts
from simulacra.attack.texts.suite import make_suite
from simulacra.attack.texts.target import TextTarget
from simulacra.run.edgecases import Hunt, run_edgecases
from simulacra.seeds import Seeds
from simulacra.testing.targets import intents, loans, quotes

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
    classifiers(options.seeds)
    if options.data is not None:
        models(options.data)
        text_models(options.data)


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


def classifiers(seeds):
    """Count planted weaknesses of a text classifier, and what its hardened twin raises."""
    found = findings = true = twins = texts = 0
    missed: Counter[str] = Counter()
    began = time.process_time()
    for seed in range(seeds):
        campaign = robustness(intents.IntentModel(seed=seed), seed)
        hits = [touched_texts(seed, one) for one in campaign.findings]
        seen = set().union(*hits)
        missed.update(set(intents.PLANTS) - seen)
        found, findings, true = found + len(seen), findings + len(hits), true + sum(1 for one in hits if one)
        texts = max(texts, campaign.calls)
    spent = (time.process_time() - began) / seeds
    for seed in range(seeds):
        twins += len(robustness(intents.IntentModel((), seed=seed), seed).findings)
    count = len(intents.PLANTS)
    print(
        f"intents  {found / seeds:7.1f} {count:4d} {'':8} {texts:7,d} {findings / seeds:9.1f} "
        f"{true / max(findings, 1):6.1%} {twins:5d} {spent:6.2f}"
    )
    print(f"         share {found / seeds / count:.1%}; missed (times of {seeds}): {dict(missed) or 'none'}")


def robustness(model, seed):
    rows = intents.make_messages(300, seed)
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    suite = make_suite(intents.TESTS, Seeds(seed))
    return search_texts(TextTarget(model.predict), suite, texts, Seeds(seed), labels=labels)


def touched_texts(seed, finding):
    """Return the plants that a finding's own texts run into."""
    batches = {"empty batch": "empty batch", "order of rows": "order", "single against batch": "order"}
    if finding.test in batches:
        return {batches[finding.test]}
    found = set()
    for text in (finding.text, finding.before):
        if text is not None:
            model = intents.IntentModel(seed=seed)
            with suppress(ArithmeticError, LookupError, MemoryError):
                model.predict([text])
            found |= model.touched
    return found


def text_models(folder):
    """Try TF-IDF with logistic regression on real texts: by capability, the share of texts whose answer changes."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    for name, train, test in (("trec", "train", "test"), ("sms-spam", "all", ""), ("banking77", "train", "test")):
        home = folder / "text" / name
        if not (home / f"{train}.jsonl").exists():
            continue
        rows = read(home / f"{train}.jsonl")
        known, held = (rows, read(home / f"{test}.jsonl")) if test else (rows[::2], rows[1::2])
        for kind, units in (("words", {}), ("characters", {"analyzer": "char_wb", "ngram_range": (2, 4)})):
            model = make_pipeline(TfidfVectorizer(**units), LogisticRegression(C=10, max_iter=500))
            model.fit([row["text"] for row in known], [row["label"] for row in known])
            texts, labels = [row["text"] for row in held], [row["label"] for row in held]
            began = time.process_time()
            suite = make_suite({}, Seeds(0))
            campaign = search_texts(TextTarget(model.predict_proba), suite, texts, Seeds(0), labels=labels)
            spent = time.process_time() - began
            show_capabilities(f"{name}, {kind}", campaign, spent)


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def show_capabilities(name, campaign, spent):
    told = defaultdict(lambda: [0, 0])
    for one in campaign.rates:
        told[one.test.capability][0] += one.rate.hits
        told[one.test.capability][1] += one.rate.trials
    grave = Counter(one.severity for one in campaign.findings)
    again = sum(one.reproduced.hits == one.reproduced.trials for one in campaign.findings)
    print(
        f"{name}: accuracy {campaign.accuracy.value:.1%} of {campaign.sample}, {len(campaign.findings)} findings "
        f"{dict(grave)}, {again} fail again each time, {campaign.calls:,} texts, {spent:.1f} CPU s"
    )
    shares = []
    for capability, (hits, trials) in told.items():
        shares.append(f"{capability} {hits / max(trials, 1):.1%} of {trials}")
    print("   " + "; ".join(shares))


def models(folder):
    """Try models on real tables: what they do with empty batches, single rows, nulls, unseen levels, wrong types."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    def boosting(text):
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        columns = make_column_transformer((encoder, text), remainder="passthrough")
        return make_pipeline(columns, HistGradientBoostingClassifier(max_iter=30, random_state=0))

    def forest(text):
        columns = make_column_transformer((OrdinalEncoder(), text), remainder="passthrough")
        return make_pipeline(columns, SimpleImputer(), RandomForestClassifier(30, random_state=0))

    def linear(text):
        known = OneHotEncoder(handle_unknown="ignore")
        columns = make_column_transformer((known, text), remainder=StandardScaler())
        return make_pipeline(columns, LogisticRegression(max_iter=300))

    for table, target in (("adult", "income"), ("shoppers", "Revenue"), ("magic", "class")):
        path = folder / table / "train.parquet"
        if not path.exists():
            continue
        frame = pl.read_parquet(path)
        frame = frame.sample(min(5_000, frame.height), seed=0)
        names = [name for name in frame.columns if name != target]
        text = [name for name in names if frame[name].dtype == pl.String]
        for make in (boosting, forest, linear):
            model = make(text)
            model.fit(frame.select(names).to_pandas(), frame[target].cast(pl.String).to_list())
            for ask in (model.predict, model.predict_proba):
                tried(f"{table}, {make.__name__}, {ask.__name__}", ask, frame.select(names))


def tried(name, ask, rows):
    hunt = Hunt(ask, data=rows, style="pandas", records=300, calls=1_500)
    record = run_edgecases(hunt)
    found = record.campaign.findings
    valid = sum(1 for case, _ in record.campaign.tried if case.valid)
    again = sum(one.reproduced.hits == one.reproduced.trials for one in found)
    allowed = sum(one.input == "valid" for one in found)
    made = len(record.campaign.tried)
    print(
        f"{name}: {len(found)} findings ({allowed} on allowed records), {again} fail again each time; {valid} of "
        f"{made} records allowed, {record.campaign.calls:,} calls, {record.cost['cpu_seconds']} CPU s"
    )
    for one in found if ask.__name__ == "predict" else ():
        print(f"   {one.severity:6} {one.input:7} {one.oracle:20} {', '.join(one.changed)[:30]:30} {one.told[:110]}")


if __name__ == "__main__":
    main()
