"""`simulacra instruct`: a sentence in, rows that a model wrote out, with the plan, the rejects and the cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .terminal import Terminal
from .verb import Count, Phrase, verb
from .writing import write


@verb("instruct")
@click.argument("instruction", metavar="'SENTENCE'")
@click.option("--rows", type=Count(), help="Rows to deliver. [default: the number in the sentence, else 100]")
@click.option("--model", multiple=True, help="Who writes, e.g. embedded or openai:gpt-5-mini; several take turns.")
@options.out("FOLDER", "Folder of the result: data, report, card, recipe, private/.")
@click.option(
    "--axis",
    "axes",
    type=Phrase("NAME=A,B,C"),
    multiple=True,
    help="A way in which rows differ, with its levels; joins or replaces those found in the sentence; repeatable.",
)
@click.option("--docs", type=options.as_paths, metavar="FOLDER", help="Documents that the rows are about and quote.")
@click.option(
    "--examples", type=options.as_paths, metavar="FILE", help="Seed records to show: JSONL, JSON, CSV, Parquet."
)
@click.option(
    "--describes",
    type=options.as_paths,
    metavar="FILE",
    help="A product, policy or OpenAPI schema: persona x intent x scenario with the expected outcome.",
)
@click.option(
    "--plan",
    type=click.Choice(["auto", "rules", "model"]),
    default="auto",
    show_default=True,
    help="Who draws up fields and axes; auto: the model, unless it is a small local one.",
)
@click.option(
    "--recipe", type=options.as_paths, metavar="FILE", help="Write the recipe and stop: edit it, then run it."
)
@click.option("--grow", type=Count(), help="Have the model name so many topics, in place of the usual ones.")
@click.option("--below", type=Count(), help="With --grow: so many sub-topics of each topic.")
@click.option("--pool", type=Count(), help="Show so many accepted rows beside the examples (Self-Instruct).")
@click.option("--format", type=click.Choice(["jsonl", "parquet", "csv"]), default="jsonl", show_default=True)
@options.seed
@options.workers
@options.writing
def command(
    terminal: Terminal,
    *,
    instruction: str,
    out: Path | None,
    recipe: Path | None,
    axes: tuple[str, ...],
    **choices: Any,
) -> int:
    """Have a model write rows under an instruction.

    \b
    simulacra instruct "Generate 50 questions about Kubernetes with their answers.
      Each question should cover a different difficulty level." --model embedded -o out/
    simulacra instruct "Write 200 reviews of headphones labelled positive or negative" --dry-run
    simulacra instruct "Questions about our handbook with answers" --docs handbook/ -o out/
    """
    from .. import api
    from ..api.running import take_running
    from ..models.fitness import tell_unfit

    grow, below = choices.pop("grow"), choices.pop("below")
    if below is not None and grow is None:
        raise click.UsageError("--below goes with --grow, which says how many topics.", click.get_current_context())
    choices |= {"grow": (grow, below) if below else grow, "pool": choices.pop("pool") or 0}
    running = {name: choices.pop(name) for name in ("preview", "dry_run")} | take_running(choices, api.run_instruct)
    models = choices.pop("model") or ("embedded",)
    if running["dry_run"] and choices["describes"] is None and api.is_planned(models, choices["plan"]):
        terminal.say(f"nobody is asked: fields and axes are those of the rules; in a run {models[0]} draws them up")
        choices["plan"] = "rules"
    if running["dry_run"] and choices["grow"] is not None:
        terminal.say(f"nobody is asked: topics are the usual ones; in a run {models[0]} names them")
        for told in tell_unfit([(models[0], "subtopics")] if below else []):
            terminal.say(told)
        choices["grow"] = None
    with terminal.progress() as progress:
        made = api.make_instruct_recipe(
            instruction,
            model=models[0] if len(models) == 1 else list(models),
            axes=dict(_axis(text) for text in axes),
            documents=choices.pop("docs"),
            description=choices.pop("describes"),
            progress=progress,
            **choices,
        )
    if recipe is not None:
        from ..data.files import write_atomic

        write_atomic(recipe, made.to_yaml().encode())
        terminal.say(f"the recipe is in {recipe}: look at it, then `simulacra run {recipe} -o FOLDER`")
        return 0
    return write(terminal, made, out, **running)


def _axis(text: str) -> tuple[str, list[str]]:
    name, equals, levels = text.partition("=")
    found = [level.strip() for level in levels.split(",") if level.strip()]
    if not equals or len(found) < 1 or not name.strip().isidentifier():
        raise click.BadParameter(f"{text!r} is no axis: give NAME=A,B,C.", param_hint="'--axis'")
    return name.strip(), found
