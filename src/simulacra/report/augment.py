"""The bundle of an augmentation: rows, page, document, card; in private/ who came of whom and what was refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import polars as pl
from markupsafe import Markup

from ..data.files import ensure_writable_folder, make_private_folder, write_atomic
from ..data.write import FORMATS, write_table
from ..generate.augment.augmenting import Augmentation
from ..generate.augment.evidence import Evidence
from ..generate.augment.policy import LEAST_GAIN, METRICS
from .augment_curve import draw_learning
from .page import page_template

__all__ = ["describe_augmentation", "summary_lines", "write_augmentation"]

_SHOWN = 12


def write_augmentation(
    result: Augmentation, frame: pl.DataFrame, out: Path, *, format: Literal["parquet", "csv", "jsonl"] = "parquet"
) -> None:
    """Write the bundle into the folder `out`; report.json comes last: where it is, the bundle is whole.

    Public: data.<format>, report.html, report.json, README.md. private/ (mode 0700): lineage.parquet, rejects.parquet.
    The rows hold the real training rows, so the whole folder is as private as they are.
    Raises OutputError when the folder cannot be written.
    """
    ensure_writable_folder(out)
    private = make_private_folder(out / "private")
    (out / "report.json").unlink(missing_ok=True)
    for other in set(FORMATS) - {format}:
        (out / f"data.{other}").unlink(missing_ok=True)
    write_table(_lineage(result), private / "lineage.parquet", "parquet")
    write_table(_rejects(result), private / "rejects.parquet", "parquet")
    write_table(frame, out / f"data.{format}", format)
    document = describe_augmentation(result)
    write_atomic(out / "README.md", _card(result, f"data.{format}", frame.height).encode())
    page = page_template("augment.html.jinja").render(
        document=document, lines=summary_lines(result), samples=_samples(result), verdict=_verdict(result),
        rejects=_counted(result), curve=result.choice.curve, picture=_picture(result),
        least=LEAST_GAIN, metric=METRICS[result.choice.metric],
    )  # fmt: skip
    write_atomic(out / "report.html", page.encode())
    write_atomic(out / "report.json", (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())


def describe_augmentation(result: Augmentation) -> dict[str, Any]:
    """Return the result as plain values: verdict, what was tried, counts, reasons."""
    choice = result.choice
    return {
        "verdict": _verdict(result),
        "says": choice.says,
        "augment": None if choice.candidate is None else _evidence(choice.tried[0]),
        "metric": choice.metric,
        "student": choice.student,
        "without": round(choice.base, 4),
        "worth_in_real_rows": None if choice.worth is None else [round(one, 1) for one in choice.worth],
        "tried": [_evidence(one) for one in choice.tried],
        "learning_curve": [[rows, round(value, 4)] for rows, value in choice.curve],
        "rows": {"real": len(result.real), "made": len(result.made), "asked": result.asked},
        "shortfall": result.shortfall,
        "rejects": dict(_counted(result)),
        "leaks": [asdict(leak) for leak in result.leaks],
        "duplicates": result.duplicates,
        "skipped": result.skipped,
    }


def summary_lines(result: Augmentation) -> list[str]:
    """Return the verdict and what must not be missed, a sentence each."""
    choice = result.choice
    lines = [choice.says]
    if choice.worth is not None:
        middle, low, high = choice.worth
        lines.append(f"worth about {middle:.0f} more real rows ({low:.0f} to {high:.0f}), by the learning curve")
    elif choice.candidate is not None:
        lines.append("what it is worth in real rows cannot be told: with more of them the learning curve does not rise")
    if (flat := _flat_curve(result)) is not None:
        lines.append(flat)
    if result.used is not None and choice.candidate is None:
        lines.append(f"the variants of {result.used} were made all the same, as asked; nothing says that they help")
    if result.used is not None and result.used.sources:
        by = Counter(one.operation for one in result.made).most_common()
        told = f" ({', '.join(f'{count} by {name}' for name, count in by)})" if len(by) > 1 else ""
        lines.append(
            f"{len(result.made)} variants{told} beside {len(result.real)} real rows; {result.asked} were asked for"
        )
    elif result.used is not None:
        lines.append(f"no rows are made for it: train with {result.used.name}")
    if result.used is not None and result.used.balance:
        lines.append("`_weight` holds the class weights: rows of all classes weigh the same together")
    if result.used is not None and result.used.threshold:
        lines.append(
            f"move the threshold: divide the model's probabilities by the share of each class ({_shares(result)})"
        )
    if result.used is not None and "taught" in result.used.sources:
        lines.append(
            "`taught` rows have the label that an ensemble gives them, so it may be another than their parent's"
        )
    if result.shortfall:
        lines.append(result.shortfall)
    if result.leaks:
        lines.append(f"{len(result.leaks)} training rows stand in the test set and were left out")
    if result.skipped:
        lines.append(f"{result.skipped} rows without a label or without a text were left out")
    if result.duplicates:
        lines.append(f"{result.duplicates} training rows repeat another one")
    return lines


def _shares(result: Augmentation) -> str:
    counts = Counter(one.label for one in result.real)
    return ", ".join(f"{label} {count / len(result.real):.3g}" for label, count in sorted(counts.items()))


def _flat_curve(result: Augmentation) -> str | None:
    """Return what is to be thought of a learning curve that does not rise, None if it does."""
    curve = result.choice.curve
    if not curve or curve[-1][1] > curve[0][1]:
        return None
    (few, low), *_, (rows, high) = curve
    label, count = min(Counter(one.label for one in result.real).items(), key=lambda one: one[1])
    return (
        f"the learning curve does not rise ({low:.3f} with {few} rows, {high:.3f} with {rows}): more rows like these "
        f"would not help either, or the {count} of {label!r} are too few to tell"
    )


def _picture(result: Augmentation) -> Markup:
    choice = result.choice
    reached = None if choice.candidate is None else choice.base + choice.tried[0].belief
    return Markup(draw_learning(choice.curve, reached, METRICS[choice.metric]))


def _verdict(result: Augmentation) -> str:
    return "pass" if result.choice.candidate is not None else "warn"


def _evidence(one: Evidence) -> dict[str, Any]:
    told = {"name": one.candidate.name, "transforms": list(one.candidate.sources), "amount": one.candidate.amount}
    numbers = {name: round(getattr(one, name), 4) for name in ("gain", "error", "belief", "doubt")}
    prior = (
        {"elsewhere": round(one.prior.mean, 4), "elsewhere_spread": round(one.prior.spread, 4)}
        if one.prior.measured
        else {"elsewhere": None, "elsewhere_spread": None}
    )
    told["goal"] = one.candidate.goal
    return {**told, "weight": one.candidate.weight, **numbers, **prior}


def _counted(result: Augmentation) -> list[tuple[str, int]]:
    counts = Counter[str]()
    for (step, reason), count in result.refused.items():
        counts[f"{step}: {reason}"] += count
    return counts.most_common(20)


def _samples(result: Augmentation) -> list[tuple[str, str, str]]:
    """Return (operation, from, to) of some variants, the first of each operation before any second."""
    real = {record.identity: record for record in result.real}
    turn: Counter[str] = Counter()
    ranked = []
    for one in result.made:
        turn[one.operation] += 1
        ranked.append((turn[one.operation], one))
    shown = [one for _, one in sorted(ranked, key=lambda pair: pair[0])[:_SHOWN]]
    return [(one.operation, _shown(real[one.parents[0]]), _shown(one)) for one in shown]


def _shown(record: Any) -> str:
    cells = ", ".join(f"{name} {value}" for name, value in list(record.fields.items())[:6])
    return record.text or f"{record.label}: {cells}"


def _lineage(result: Augmentation) -> pl.DataFrame:
    rows: Sequence[Any] = (*result.real, *result.made)
    return pl.DataFrame(
        {
            "identity": [one.identity for one in rows],
            "parents": [list(one.parents) for one in rows],
            "operation": [one.operation for one in rows],
            "parameters": [json.dumps(dict(one.parameters), ensure_ascii=False, default=str) for one in rows],
            "seed": [str(one.seed) for one in rows],
        },
        schema={
            "identity": pl.String, "parents": pl.List(pl.String), "operation": pl.String, "parameters": pl.String,
            "seed": pl.String,
        },
    )  # fmt: skip


def _rejects(result: Augmentation) -> pl.DataFrame:
    columns = {
        "parent": [one.parents[0] for one, _, _ in result.rejected],
        "operation": [one.operation for one, _, _ in result.rejected],
        "text": [_shown(one) for one, _, _ in result.rejected],
        "step": [step for _, step, _ in result.rejected],
        "reason": [reason for _, _, reason in result.rejected],
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _card(result: Augmentation, data_file: str, rows: int) -> str:
    lines = "\n".join(f"- {line}" for line in summary_lines(result))
    columns = "`_parent`, `_operation` and `_weight` say where a row comes from: split by `_parent`, never by row."
    return (
        f"---\nconfigs:\n- config_name: default\n  data_files: {data_file}\ntags:\n- synthetic\n- augmentation\n---\n\n"
        f"# Augmented training rows\n\n{lines}\n\n{rows} rows in `{data_file}`, the real ones among them: "
        f"keep this folder as private as they are. {columns}\n"
    )
