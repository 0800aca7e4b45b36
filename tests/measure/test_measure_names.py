"""Names of columns stand in what is said as they stand in the table, also where a sentence begins with one."""

import re

import numpy as np
import polars as pl
import pytest

from simulacra.data.infer import infer_schema
from simulacra.errors import DataError
from simulacra.measure.assess import assess, compare
from simulacra.report.words import sentence
from simulacra.seeds import Seeds


def test_no_sentence_changes_the_spelling_of_a_column():
    rng = np.random.default_rng(1)
    rows = 1200
    dest = rng.choice(["atl", "bos", "sfo"], rows)
    frame = pl.DataFrame(
        {
            "dest": dest,
            "distance": np.select([dest == "atl", dest == "bos"], [700, 200], 2500) + rng.integers(0, 40, rows),
            "c259": rng.choice(["x", "y"], rows, p=[0.8, 0.2]),
            "flown": pl.Series(rng.integers(0, 700, rows)).cast(pl.Int32).cast(pl.Date),
        }
    )
    real, kept = frame.head(800), frame.tail(400)
    made = real.select(pl.col(name).shuffle(seed=i) for i, name in enumerate(real.columns))
    made = made.with_columns(c259=pl.lit("x"), distance=pl.col("distance") // 100 * 100)
    schema = infer_schema(frame)
    tables = compare(made, real, kept, schema=schema, target=None, seeds=Seeds(0))
    judged = assess(tables)
    told = [score.reason for score in judged.scores] + [finding.why for finding in judged.families.values()]
    assert any(reason.startswith("'") and " × " in reason for reason in told)
    wrong = re.compile("|".join(rf"\b{name.capitalize()}\b" for name in frame.columns))
    assert [text for text in map(sentence, told) if wrong.search(text)] == []


def test_blanks_around_a_name_do_not_part_a_text_file_from_a_frame() -> None:
    from simulacra.run.refusals import align

    bare = pl.DataFrame({"age": [1], "town": ["x"]})
    assert align(bare, bare.rename({"age": " age "}), "made.csv").columns == [" age ", "town"]
    both = bare.with_columns(pl.col("age").alias("age "))
    with pytest.raises(DataError, match="no column ' age '"):
        align(both, bare.rename({"age": " age "}), "made.csv")
