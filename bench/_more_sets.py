"""More labelled sets for `bench/augment.py`, in the layout it reads, from packages that carry them.

    pip download --no-deps --no-binary :all: -d SITE vaderSentiment==3.3.2
    pip download --no-deps -d SITE chatterbot-corpus==1.3.3 islp==0.6.0
    python bench/_more_sets.py SITE OUT

Texts: sentences of film reviews, of product reviews, and tweets by sentiment (Hutto and Gilbert 2014, those of a mean
rating of .8 or more; MIT), questions to a chat bot by subject (BSD). Tables: those of "An introduction to statistical
learning" that have two classes, and scikit-learn's own. Nothing is imported but scikit-learn.
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import yaml

SENTIMENT = {"films": "movieReviewSnippets", "products": "amazonReviewSnippets", "tweets": "tweets"}
SUBJECTS = ("tech_support", "coding", "trivia", "ai", "psychology")
LEAST_RATING = 0.8
ISLP = {  # file -> (set, target), what gives the target away left out
    "OJ": ("orange-juice", "Purchase", ()),
    "Default": ("default", "default", ()),
    "Carseats": ("carseats", "high", ("Sales",)),
    "Caravan": ("caravan", "Purchase", ()),
    "Smarket": ("market", "Direction", ("Today", "Year")),
    "Hitters": ("hitters", "NewLeague", ()),
    "Wage": ("wage", "health", ()),
}


def main() -> None:
    site, out = Path(sys.argv[1]), Path(sys.argv[2])
    for name, rows in texts(site):
        test, train = parted(rows)
        folder = out / "text" / name
        folder.mkdir(parents=True, exist_ok=True)
        for part, own in (("train", train), ("test", test)):
            lines = [json.dumps({"text": text, "label": label}, ensure_ascii=False) for text, label in own]
            (folder / f"{part}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(name, len(train), len(test))
    for name, frame, target in tables(site):
        frame = frame.drop_nulls(target)
        test, train = parted(list(range(frame.height)))
        (out / name).mkdir(parents=True, exist_ok=True)
        for part, own in (("train", train), ("test", test)):
            frame[own].write_parquet(out / name / f"{part}.parquet")
        (out / name / "info.json").write_text(json.dumps({"target": target}))
        print(name, len(train), len(test), frame.width)


def parted(rows: list) -> tuple[list, list]:
    """Return two fifths, 1,500 at most, and the others."""
    order = np.random.default_rng(7).permutation(len(rows)).tolist()
    count = min(1500, 2 * len(rows) // 5)
    return [rows[place] for place in order[:count]], [rows[place] for place in order[count:]]


def texts(site: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    with tarfile.open(next(site.glob("vaderSentiment*.tar.gz"))) as outer:
        inner = next(one for one in outer.getnames() if one.endswith("hutto_ICWSM_2014.tar.gz"))
        with tarfile.open(fileobj=io.BytesIO(outer.extractfile(inner).read())) as files:
            for name, stem in SENTIMENT.items():
                member = next(one for one in files.getnames() if one.endswith(f"/{stem}_GroundTruth.txt"))
                lines = files.extractfile(member).read().decode("utf-8", "replace").splitlines()
                found = [line.split("\t") for line in lines if line.count("\t") == 2]
                yield (
                    name,
                    [
                        (text, "good" if float(rating) > 0 else "bad")
                        for _, rating, text in found
                        if abs(float(rating)) >= LEAST_RATING
                    ],
                )
    with zipfile.ZipFile(next(site.glob("chatterbot_corpus*.whl"))) as files:
        rows = []
        for subject in SUBJECTS:
            talks = yaml.safe_load(files.read(f"chatterbot_corpus/data/english/{subject}.yml"))["conversations"]
            rows += [(str(talk[0]), subject) for talk in talks]
        yield "chat", list(dict.fromkeys(rows))


def tables(site: Path) -> Iterator[tuple[str, pl.DataFrame, str]]:
    from sklearn import datasets

    with zipfile.ZipFile(next(site.glob("islp*.whl"))) as files:
        for stem, (name, target, without) in ISLP.items():
            frame = pl.read_csv(files.read(f"ISLP/data/{stem}.csv"), infer_schema_length=None)
            if name == "carseats":
                frame = frame.with_columns((pl.col("Sales") > 8).alias(target))
            yield name, frame.drop([*without, *(one for one in ("", "rownames") if one in frame.columns)]), target
    for name, read, rule in (
        ("cancer", datasets.load_breast_cancer, lambda y: y),
        ("digits", datasets.load_digits, lambda y: y % 2),
        ("diabetes", datasets.load_diabetes, lambda y: (y > 140).astype(int)),
    ):
        frame = read(as_frame=True).frame
        yield name, pl.from_pandas(frame.assign(target=rule(frame["target"]))), "target"


if __name__ == "__main__":
    main()
