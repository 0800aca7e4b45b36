"""`simulacra redteam`: ways to make an assistant break its policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .terminal import Terminal, align
from .verb import Count, verb

_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
_HELPERS = (
    "attacker", "judge", "judge_examples", "judge_agreement", "model_calls", "reference", "budget", "prices",
    "decide",
)  # fmt: skip
_CODES = {"pass": 0, "warn": 0, "fail": 1, "unknown": 4}


@verb("redteam")
@click.argument("target", required=False)
@click.option("--policy", type=options.as_paths, metavar="FILE", help="What the assistant must never do, and must.")
@click.option("--rows", type=Count(), help="Without a target: write so many attacks as data.")
@click.option("--queries", type=Count(50), default=1_500, show_default=True, help="Replies to ask for, at most.")
@options.seed
@click.option("--fix-set", is_flag=True, help="Write the set that mends the findings: rephrasings, harmless twins.")
@click.option("--draft", type=options.as_paths, metavar="FILE", help="Print a first policy from a system prompt.")
@click.option("--replay", type=options.as_paths, metavar="FOLDER", help="Try the findings in this folder again.")
@click.option("--send-system", "instruct", is_flag=True, help="Send the policy's system prompt to a bare model.")
@click.option("--i-own-this-target", "owned", is_flag=True, help="A target elsewhere is yours to attack.")
@click.option("--per-minute", type=Count(), help="Requests a minute; needed for a target elsewhere.")
@click.option("--max-tokens", type=Count(), help="Length of a reply, at most.")
@click.option("--attacker", metavar="MODEL", help="A model that writes attacks and learns from the replies.")
@click.option("--judge", metavar="MODEL", help="A model that scores rules in words, if it proves itself.")
@click.option("--judge-examples", type=options.as_paths, metavar="FILE", help="Labelled replies for the judge.")
@click.option(
    "--judge-agreement",
    type=_SHARE,
    metavar="SHARE",
    default=0.7,
    show_default=True,
    help="Least agreement with the labels.",
)
@click.option("--model-calls", type=Count(), default=400, show_default=True, help="Questions to both, at most.")
@click.option("--reference", metavar="TARGET", help="Another version of it, to be compared with.")
@click.option("--budget", type=click.FloatRange(min=0), metavar="DOLLARS", help="Stop before more is spent.")
@options.prices
@click.option(
    "--decide", type=_SHARE, metavar="SHARE", help="Leave a cell once its rate is known to be below or above this."
)
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it costs; ask nothing.")
@click.option("--fresh", is_flag=True, help="Throw away what another run left in the output folder.")
@options.out("FOLDER", "Folder of the report, the transcripts and the tests.")
def command(
    terminal: Terminal,
    *,
    target: str | None,
    policy: Path | None,
    rows: int | None,
    **choices: Any,
) -> int:
    """Look for ways to make an assistant break its policy.

    Attack what is yours. TARGET is an address, module:function, a model's name, or the YAML file of a request.
    Exit code 1: weaknesses were found.

    \b
    simulacra redteam http://127.0.0.1:8000/v1 --policy policy.yaml -o findings/
    simulacra redteam app:reply --policy policy.yaml --fix-set -o findings/
    simulacra redteam app:reply --replay findings/
    simulacra redteam app:reply --policy policy.yaml --attacker openai:gpt-5-mini --reference app:old_reply
    simulacra redteam --policy policy.yaml --rows 500 -o attacks/
    simulacra redteam --draft system_prompt.txt > policy.yaml
    """
    limit, replay, draft, dry = (choices.pop(name) for name in ("max_tokens", "replay", "draft", "dry_run"))
    kept = {name: choices.pop(name) for name in ("owned", "per_minute", "instruct", *_HELPERS)}
    kept["parameters"] = {} if limit is None else {"max_tokens": limit}
    if draft is not None:
        return _draft(terminal, draft)
    if replay is not None:
        return _replay(terminal, replay, target, kept)
    if policy is None:
        raise click.UsageError("Give --policy FILE (docs/redteam.md shows one), or --replay FOLDER.")
    if rows is not None:
        if target is not None:
            raise click.UsageError("--rows writes attacks without a target: leave one of the two out.")
        return _rows(terminal, policy, rows, choices)
    if target is None:
        raise click.UsageError("Name a target, or give --rows to write the attacks as data.")
    if dry:
        return _plan(terminal, target, policy, choices | kept)
    return _attack(terminal, target, policy, choices | kept)


def _draft(terminal: Terminal, path: Path) -> int:
    import yaml

    from ..attack.assistants.draft import draft_policy
    from ..attack.assistants.policy import policy_to_dict
    from ..data.files import read_text
    from ..errors import DataError

    told = policy_to_dict(draft_policy(read_text(path, "the system prompt", DataError)))
    if terminal.as_json:
        terminal.document(told)
    else:
        terminal.result(yaml.safe_dump(told, sort_keys=False, allow_unicode=True).rstrip())
    terminal.say("Read it over. It lacks what the words do not tell: limits of tools, other users, benign requests.")
    return 0


def _plan(terminal: Terminal, target: str, policy: Path, choices: dict[str, Any]) -> int:
    from ..run.redteam_plan import plan_attack
    from ..run.redteam_target import Attack

    settings = {name: value for name, value in choices.items() if name not in ("out", "fresh", "fix_set")}
    plan = plan_attack(Attack(target, policy, **settings))
    if terminal.as_json:
        terminal.document(plan.document())
    else:
        terminal.result("\n".join(plan.sentences()))
    return 0


def _attack(terminal: Terminal, target: str, policy: Path, choices: dict[str, Any]) -> int:
    from .. import api
    from ..report.redteam import explain_redteam, finding_rows, redteam_document

    out = choices["out"]
    with terminal.progress() as progress:
        record = api.redteam(target, policy=policy, progress=progress, **choices)
    if terminal.as_json:
        terminal.document(redteam_document(record))
    else:
        header, lines = finding_rows(record)
        if lines:
            terminal.result(align(lines, header) + "\n")
        terminal.result("\n".join(explain_redteam(record)))
        if out is not None:
            terminal.result(f"report  {out / 'report.html'}")
    return _CODES[record.verdict]


def _rows(terminal: Terminal, policy: Path, rows: int, choices: dict[str, Any]) -> int:
    from .. import api

    made = api.redteam_rows(policy, rows=rows, out=choices["out"], fresh=choices["fresh"], seed=choices["seed"])
    if terminal.as_json:
        terminal.document(made.document)
    elif choices["out"] is None:
        import json

        terminal.result("\n".join(json.dumps(row) for row in made.rows))
    else:
        terminal.result(
            align([[name, str(count)] for name, count in made.document["coverage"]["risk"].items()], ["risk", "rows"])
        )
        terminal.result(f"data    {choices['out'] / 'data.jsonl'}\nreport  {choices['out'] / 'report.html'}")
    return _CODES[made.document["verdict"]]


def _replay(terminal: Terminal, folder: Path, target: str | None, kept: dict[str, Any]) -> int:
    from ..api.attacking import replay
    from ..report.redteam_again import explain_replay, replay_document

    if target is None:
        raise click.UsageError("Name the target that the findings are tried on again.")
    record = replay(folder, target, **kept)
    if terminal.as_json:
        terminal.document(replay_document(record))
    else:
        lines = [[one.identity, one.state, one.rate.sentence(), one.told] for one in record.findings]
        if lines:
            terminal.result(align(lines, ["id", "state", "again", "what it did"], limit=60) + "\n")
        terminal.result("\n".join(explain_replay(record)))
    return _CODES[record.verdict]
