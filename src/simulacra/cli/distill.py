"""`simulacra distill`: a teacher writes or labels texts, a student learns from them, held-out real rows decide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .terminal import Terminal, align
from .verb import Count, Phrase, never_over, verb
from .verdict import exit_code, tell_verdict
from .writing import show_plan, tell_unknown

if TYPE_CHECKING:
    from ..run.flow.record import TextRecord
    from ..run.teaching.record import TeachingRecord

__all__ = ["command", "run_pairs", "run_teaching"]


@verb("distill")
@click.argument("seeds", type=options.as_paths, metavar="SEEDS")
@click.option("--teacher", default="embedded", show_default=True, help="The model that writes and labels.")
@click.option(
    "--student",
    type=click.Choice(["tfidf", "embedding", "embeddings"]),
    help="What is trained. [default: on embeddings where they are installed, else TF-IDF]",
)
@click.option("--text", default="text", show_default=True, metavar="COLUMN", help="The texts.")
@click.option("--label", default="label", show_default=True, metavar="COLUMN", help="Their classes.")
@click.option("--rows", type=Count(), default=100, show_default=True, help="Accepted rows to deliver.")
@click.option("--test", type=options.as_paths, metavar="FILE", help="Held-out real rows. [default: half of the rest]")
@click.option("--real", type=options.as_paths, metavar="FILE", help="More real rows: what are the made ones worth?")
@click.option("--unlabelled", type=options.as_paths, metavar="FILE", help="Real texts for the teacher to label.")
@click.option("--shots", type=Count(), help="Seeds a class; the other rows judge. [default: all with --test, else 5]")
@click.option("--about", default="", metavar="WORDS", help="What the texts are, in a line for the teacher.")
@click.option(
    "--class",
    "classes",
    type=Phrase("LABEL=WORDS"),
    multiple=True,
    help="A class in the teacher's words; repeatable.",
)
@click.option(
    "--filter",
    type=click.Choice(["auto", "seeds", "teacher", "none"]),
    default="auto",
    show_default=True,
    help="Who refuses texts of another class; one that is no better than chance never does.",
)
@click.option("--best-of", type=Count(), default=1, show_default=True, help="Texts written for a row.")
@click.option("--metric", type=click.Choice(["balanced", "accuracy"]), default="balanced", show_default=True)
@click.option("--teacher-rows", type=Count(0), default=100, show_default=True, help="Test rows it is asked about.")
@options.gates
@click.option("--recipe", type=options.as_paths, metavar="FILE", help="Write the recipe and stop.")
@click.option("--format", type=click.Choice(["jsonl", "parquet", "csv"]), default="jsonl", show_default=True)
@options.out("FOLDER", "Folder of the result: data, report, card, recipe, private/.")
@options.seed
@click.option("--dry-run", is_flag=True, help="Say rows, calls, tokens, money and time; ask nothing.")
@click.option("--fresh", is_flag=True, help="Throw away what another run left in the output folder.")
@options.workers
@options.asking
def command(
    terminal: Terminal,
    *,
    seeds: Path,
    out: Path | None,
    recipe: Path | None,
    classes: tuple[str, ...],
    gates: tuple[str, ...],
    student: str | None,
    **choices: Any,
) -> int:
    """Distil a teacher into a student by texts, and say what they are worth.

    \b
    simulacra distill labelled.jsonl --rows 120 -o out/
    simulacra distill seeds.jsonl --test held_out.jsonl --teacher openai:gpt-5-mini --best-of 4 -o out/
    simulacra distill seeds.jsonl --test held_out.jsonl --unlabelled pool.txt.jsonl -o out/
    """
    never_over(out, seeds, choices["test"], choices["real"], choices["unlabelled"])
    from .. import api
    from ..api.running import take_running

    running = {"dry_run": choices.pop("dry_run"), **take_running(choices, api.run_distill)}
    made = api.make_distill_recipe(
        seeds,
        student="embedding" if student == "embeddings" else student,
        classes=dict(_named(text) for text in classes),
        gates=list(gates) or None,
        **choices,
    )
    if recipe is not None:
        from ..data.files import write_atomic

        write_atomic(recipe, made.to_yaml().encode())
        terminal.say(f"the recipe is in {recipe}: look at it, then `simulacra run {recipe} -o FOLDER`")
        return 0
    return run_teaching(terminal, made, out, **running)


def run_teaching(terminal: Terminal, recipe: Any, out: Path | None, *, dry_run: bool = False, **running: Any) -> int:
    """Run a distill recipe into the folder `out`, or only show what --dry-run asks for."""
    from .. import api

    running = options.executing(running)
    if dry_run:
        show_plan(terminal, api.plan_distill(recipe, **options.planning(running)))
        return 0
    if out is None:
        raise click.UsageError("Say where the result goes: -o FOLDER.", click.get_current_context())
    with terminal.progress() as progress:
        record = api.run_distill(recipe, out, progress=progress, **running)
    if terminal.as_json:
        told = json.loads((out / "report.json").read_text(encoding="utf-8"))
        terminal.document({**told, "distill": json.loads((out / "distill.json").read_text(encoding="utf-8"))})
    else:
        _tell(terminal, record, out)
    return exit_code(record.text.assessment.verdict)


def run_pairs(terminal: Terminal, recipe: Any, out: Path | None, *, dry_run: bool = False, **running: Any) -> int:
    """Run a preference recipe into the folder `out`, or only show what --dry-run asks for."""
    from .. import api

    running = options.executing(running)
    if dry_run:
        show_plan(terminal, api.plan_preference(recipe, **options.planning(running)))
        return 0
    if out is None:
        raise click.UsageError("Say where the result goes: -o FOLDER.", click.get_current_context())
    with terminal.progress() as progress:
        record = api.run_preference(recipe, out, progress=progress, **running)
    if terminal.as_json:
        terminal.document(json.loads((out / "report.json").read_text(encoding="utf-8")))
    else:
        tell_verdict(terminal, record.assessment, record.notes)
        tell_unknown(terminal, record)
        _tell_rows(terminal, record, out, f"{record.rows:,} of at most {recipe.rows:,}")
    return exit_code(record.assessment.verdict)


def _tell(terminal: Terminal, record: TeachingRecord, out: Path) -> None:
    tell_verdict(terminal, record.text.assessment, record.text.notes)
    terminal.result("\n" + "\n".join(f"  {line}" for line in record.sentences()))
    _tell_rows(terminal, record.text, out, f"{record.text.rows:,} of {record.text.asked:,} asked for")


def _tell_rows(terminal: Terminal, text: TextRecord, out: Path, delivered: str) -> None:
    refused = sorted(text.totals.refused.items(), key=lambda item: (-item[1], item[0]))[:5]
    told = "".join(f"; {rows:,} {step}: {why}" for (step, why), rows in refused)
    lines = [
        ["rows", f"{delivered}, from {text.totals.attempts:,} attempts"],
        ["refused", f"{text.totals.rejected:,}{told}"],
        ["data", str(next((path for path in sorted(out.glob("data.*"))), out))],
        ["report", str(out / "report.html")],
    ]
    terminal.result("\n" + align(lines, limit=40))


def _named(text: str) -> tuple[str, str]:
    label, equals, words = text.partition("=")
    if not equals or not label.strip() or not words.strip():
        raise click.BadParameter(f"{text!r} names no class: give LABEL=WORDS.", param_hint="'--class'")
    return label.strip(), words.strip()
