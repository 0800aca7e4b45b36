"""The picture of what columns were learned from: every column has a line, nothing but names and shares is in it."""

import numpy as np
import polars as pl
import pytest

from simulacra.data.schema import Column
from simulacra.generate.dependencies import Dependencies, dependencies_of
from simulacra.report.links import draw_links
from simulacra.report.margins import draw_margin


@pytest.mark.parametrize("columns", [1, 15, 100])
def test_every_column_has_a_readable_line(columns):
    shares = np.triu(np.random.default_rng(0).random((columns, columns)), 1)
    total = shares.sum(axis=0)
    shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    names = tuple(f"column <{k}>" for k in range(columns))
    svg = draw_links(Dependencies(names, shares, {names[-1]: (names[0],)} if columns > 1 else {}))
    assert all(f"column &lt;{k}&gt;" in svg for k in range(columns))
    assert "by itself" in svg
    assert ("computed from column &lt;0&gt;" in svg) == (columns > 1)
    assert f"{24 * columns}" in svg.split("viewBox")[1][:24]
    assert len(svg) < 1_600 * columns + 400


def test_a_column_names_what_it_was_learned_from():
    from simulacra import Synthesizer

    rng = np.random.default_rng(0)
    x, other = rng.integers(0, 9, 800), rng.integers(0, 9, 800)
    frame = pl.DataFrame({"x": x, "y": (x + (rng.random(800) < 0.2)) % 9, "other": other, "total": x + other})
    fitted = Synthesizer(quality="fast").fit(frame)._fitted
    found = dependencies_of(fitted)
    assert found.names == ("x", "y", "other", "total")
    assert found.computed == {"total": ("x", "other")}
    pair = found.shares[0, 1] + found.shares[1, 0]
    assert pair > 0.9
    sums = found.shares.sum(axis=0)
    assert (np.isclose(sums, 0) | np.isclose(sums, 1)).all()


def test_times_held_as_text_have_a_picture():
    spans = [f"{m // 60:02}:{m % 60:02}" for m in np.random.default_rng(0).integers(0, 1400, 500)]
    margin = draw_margin(Column("t", "duration", format="%H:%M"), pl.Series("t", spans), pl.Series("t", spans))
    assert margin.form == "bins"
    assert (margin.distance or 0) < 0.05


@pytest.mark.parametrize(
    ("made", "real", "told"),
    [
        ([7, 7], [7, 7], "One value in every row."),
        ([7, None], [7, None], "One value wherever there is one."),
        ([None, None], [7, None], "too few real rows hold its one value"),
        ([None, None], [None, None], "No value in any row."),
    ],
)
def test_a_constant_is_told_as_it_is(made, real, told):
    series = [pl.Series("c", values, dtype=pl.Int64) for values in (made, real)]
    assert told in draw_margin(Column("c", "constant"), *series).notes[0]
