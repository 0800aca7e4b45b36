"""What is shown of a collapse experiment: one page with its curves, a document for programs, a table for terminals."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..contracts import Progress
from ..data.dataset import Dataset, Lineage
from ..data.files import write_atomic
from ..data.frames import to_polars
from ..data.infer import infer_schema
from ..measure._monitor import DEVIATIONS, FALL, STEP
from ..measure._support import SIGNS as TABLE_SIGNS
from ..measure._support_text import TEXT_SIGNS
from ..run.folder import open_folder
from ..run.generations import CollapseRecord, Experiment, Generation, fingerprint, run_generations
from ..run.lineage import depth_of
from ..run.source import digest, load_frame
from . import words
from .curves import Curve, draw_curve
from .disclosure import finite
from .document import to_bytes
from .page import page_template

__all__ = ["collapse_document", "explain_collapse", "render_collapse", "run_collapse", "table_rows", "write_collapse"]

SIGNS = (*TABLE_SIGNS, *TEXT_SIGNS)
FORMAT, FORMAT_VERSION = "simulacra.collapse", 1
_REGIMES = {
    "replace": "each generation learned from the one before alone",
    "accumulate": "each generation learned from the real rows and all generations before",
    "mixed": "each generation learned from a mix with a fixed share of real rows",
}
_UTILITY = ("utility", "Utility", "How well models trained on a generation predict the anchor's target column.")


_WORDS = {
    "pass": ("Pass", "The last generation still holds what real rows hold."),
    "warn": ("Warning", "Something of the real rows is lost; nothing fell twice in a row."),
    "fail": ("Collapse", "Each generation loses more of what the one before had left."),
}


@dataclass(frozen=True, slots=True)
class _Panel:
    """A curve with its words."""

    title: str
    meaning: str
    better: str
    svg: Markup


def run_collapse(
    experiment: Experiment, data: Any, out: Path | None, *, fresh: bool = False, progress: Progress | None = None
) -> CollapseRecord:
    """Run an experiment over a frame or a file, in a folder if one is given, and write its report there.

    What was made in the folder before is gone on with. Errors: OutputError if the folder holds another run and not
    `fresh`; those of `run_generations`.
    """
    if experiment.text is not None:
        from .collapse_texts import run_text_collapse

        return run_text_collapse(experiment, data, out, fresh=fresh, progress=progress)
    real, notes, told = _load(data, experiment.target)
    facts = {"source": Path(data).name if isinstance(data, str | Path) else "a table", "version": version("simulacra")}
    work = partial(run_generations, experiment, real, progress=progress, facts=facts, notes=notes)
    if out is None:
        return work()
    with open_folder(out, fingerprint(experiment, told), fresh=fresh) as store:
        record = work(store=store)
        write_collapse(record, out)
    return record


def _load(data: Any, target: str | None) -> tuple[Dataset, tuple[str, ...], str]:
    """Return the rows to start from, what to tell of them, and a digest."""
    if not isinstance(data, str | Path):
        frame, _ = to_polars(data)
        content = frame.write_ipc(None).getvalue()
        return Dataset(frame, infer_schema(frame, target=target)), (), hashlib.sha256(content).hexdigest()
    frame, notes = load_frame(Path(data))
    depth = depth_of(Path(data)) or 0
    if depth:
        away = f"{depth} generation{'s' if depth > 1 else ''}"
        notes += (f"The source was made, not observed: it is {away} away from real rows already.",)
    return Dataset(frame, infer_schema(frame, target=target), Lineage(depth=depth)), notes, digest(Path(data))


def explain_collapse(record: CollapseRecord) -> list[str]:
    """Return the sentences that say what was seen: the alarm, what was lost at the end, and where to go from here."""
    last, alarm = record.generations[-1], record.alarm
    count = f"{len(record.generations)} generation{'s' if len(record.generations) > 1 else ''}"
    if alarm is None:
        told = [f"No collapse in {count}: no sign fell twice in a row."]
    else:
        fell = words.listed(_title(name).lower() for name in alarm.collapse)
        told = [f"Collapse from generation {alarm.number}: twice in a row less was left than before ({fell})."]
    if last.warnings:
        lost = words.listed(_said(record, last, name) for name in last.warnings)
        told.append(f"At the end, beyond what chance does between real rows: {lost}.")
    else:
        told.append("At the end every sign is where fresh real rows are.")
    if alarm is not None:
        told.append("Keep a fixed share of real rows in each mix (a third to a half), or stop before the alarm.")
    else:
        told += _course(record)
    return told


def _course(record: CollapseRecord) -> list[str]:
    """Return what the numbers say of the way there: what fell at the last step, or that the first took the most."""
    done, told = record.generations, []
    before, last = (done[-2], done[-1]) if len(done) > 1 else (None, done[-1])
    if before is not None and last.falls:
        fell = (f"{_title(name).lower()} {before.values[name]:.3g} to {last.values[name]:.3g}" for name in last.falls)
        told.append(
            f"Generation {last.number} fell against the one before by more than chance does: {words.listed(fell)}. "
            "A second fall in a row would be the alarm: ask for more --generations."
        )
    if lost := _useful(record):
        told.append(lost)
    if not told and last.warnings and len(done) > 1 and _first_took_most(record):
        told.append(
            "The first generation lost the larger part: that is this generator's own smoothing, not its descent."
        )
    return told


def _useful(record: CollapseRecord) -> str:
    """Return where utility fell most from one generation to the next, if by more than its noise and 3 %; else ''."""
    done = [generation for generation in record.generations if generation.utility is not None]
    steps = [(old.utility - new.utility, old, new) for old, new in pairwise(done)]  # type: ignore[operator]
    loss, old, new = max(steps, key=lambda step: step[0], default=(0.0, None, None))
    if old is None or new is None or loss <= max(STEP * new.noise, FALL * abs(old.utility or 0.0)):
        return ""
    return (
        f"Utility fell from {old.utility:.3g} at generation {old.number} to {new.utility:.3g} "
        f"at generation {new.number}, more than its noise ({new.noise:.2g}) explains."
    )


def _first_took_most(record: CollapseRecord) -> bool:
    """Return whether the first step took more than all later ones of each sign that is lost at the end."""
    first, last = record.generations[0], record.generations[-1]
    return all(
        abs(first.values[name] - record.floors[name].mean) > abs(last.values[name] - first.values[name])
        for name in last.warnings
    )


def _said(record: CollapseRecord, last: Generation, name: str) -> str:
    floor = record.floors[name].mean
    return f"{_title(name).lower()} {last.values[name]:.3g} (fresh real rows {floor:.3g})"


def _title(name: str) -> str:
    return next(sign.title for sign in SIGNS if sign.name == name)


def table_rows(record: CollapseRecord) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of the table for a terminal: the floor first, then a line a generation.

    `!` marks a value beyond the floor, `v` one that fell against the generation before.
    """
    signs = [sign for sign in SIGNS if sign.name in record.floors]
    utility = record.experiment.target is not None
    header = ["generation", "real share", *(sign.name for sign in signs), *(["utility"] if utility else []), "alarm"]
    floors = [f"{record.floors[sign.name].mean:.3f}" for sign in signs]
    lines = [["real rows", "", *floors, *([_three(record.utility_floor)] if utility else []), ""]]
    for generation in record.generations:
        cells = [_cell(generation, sign.name) for sign in signs]
        alarm = "collapse" if generation.collapse else "below real" if generation.warnings else ""
        measured = [_three(generation.utility)] if utility else []
        lines.append([str(generation.number), f"{generation.real_share:.0%}", *cells, *measured, alarm])
    return header, lines


def _three(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _cell(generation: Generation, name: str) -> str:
    marks = ("!" if name in generation.warnings else "") + ("v" if name in generation.falls else "")
    return f"{_three(generation.values.get(name))}{marks}"


def collapse_document(record: CollapseRecord) -> dict[str, Any]:
    """Return report.json: plain JSON, numbers rounded to three significant digits; docs/collapse.md names its keys."""
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "verdict": record.verdict,
        "why": explain_collapse(record),
        "alarm": None if record.alarm is None else record.alarm.number,
        "rule": {"deviations": DEVIATIONS, "step": STEP, "fall": FALL, "times": 2},
        "experiment": asdict(record.experiment),
        "rows": {
            "generation": record.rows, "real": record.real_rows, "anchor": record.anchor_rows,
            "compared": record.compared,
        },
        "floors": {
            name: {"mean": finite(floor.mean), "spread": finite(floor.spread), "worst": finite(floor.worst)}
            for name, floor in record.floors.items()
        },
        "utility_floor": None if record.utility_floor is None else finite(record.utility_floor),
        "generations": [_generation(generation) for generation in record.generations],
        "cost": dict(record.cost),
        "facts": dict(record.facts),
        "notes": list(record.notes),
    }  # fmt: skip


def _generation(generation: Generation) -> dict[str, Any]:
    content = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(generation).items()}
    del content["noise"]
    return content | {
        "values": {name: finite(value) for name, value in generation.values.items()},
        "real_share": finite(generation.real_share),
        "utility": None if generation.utility is None else finite(generation.utility),
    }


def render_collapse(record: CollapseRecord) -> str:
    """Return the page: the verdict first, then why, the curves with their floors, the table, the rule.

    No script, nothing from outside, and no real row: every figure is a share of many rows.
    """
    header, lines = table_rows(record)
    source = record.facts.get("source", "a table")
    return page_template("collapse.html.jinja").render(
        record=record,
        experiment=record.experiment,
        word=_WORDS[record.verdict][0],
        meaning=_WORDS[record.verdict][1],
        headline=f"{len(record.generations)} generations learned from {source}",
        regime=_REGIMES[record.experiment.regime],
        sentences=explain_collapse(record),
        panels=[*(_panel(record, sign.name) for sign in SIGNS if sign.name in record.floors), *_utility(record)],
        header=header,
        lines=lines,
        deviations=DEVIATIONS,
        fall=FALL,
        step=STEP,
    )


def _panel(record: CollapseRecord, name: str) -> _Panel:
    sign = next(sign for sign in SIGNS if sign.name == name)
    floor, done = record.floors[name], record.generations
    reach = DEVIATIONS * floor.spread
    curve = Curve(
        sign.title,
        [generation.values.get(name) for generation in done],
        floor.mean,
        max(0.0, floor.mean - reach),
        floor.mean + reach,
        warned=[generation.number for generation in done if name in generation.warnings],
        fallen=[generation.number for generation in done if name in generation.falls],
        alarm=next((generation.number for generation in done if name in generation.collapse), None),
    )
    return _Panel(sign.title, sign.meaning, sign.better, Markup(draw_curve(curve)))


def _utility(record: CollapseRecord) -> list[_Panel]:
    values = [generation.utility for generation in record.generations]
    if record.utility_floor is None or all(value is None for value in values):
        return []
    curve = Curve(_UTILITY[1], values, record.utility_floor, record.utility_floor, record.utility_floor)
    return [_Panel(_UTILITY[1], _UTILITY[2], "higher", Markup(draw_curve(curve)))]


def write_collapse(record: CollapseRecord, out: Path) -> None:
    """Write report.html, report.schema.json and report.json into the folder `out`; report.json comes last.

    Raises OutputError when the folder cannot be written.
    """
    page = render_collapse(record)
    (out / "report.json").unlink(missing_ok=True)
    write_atomic(out / "report.html", page.encode())
    write_atomic(out / "report.schema.json", (files(__package__) / "collapse.schema.json").read_bytes())
    write_atomic(out / "report.json", to_bytes(collapse_document(record)))
