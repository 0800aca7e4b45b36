"""Look at data: what it is, how good made rows are, and what becomes of them generation after generation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..contracts import Assessment, Progress
from ..data.infer import infer_schema
from ..data.relations import settle
from ..data.schema import Schema
from ..errors import DataError, RecipeError
from ..report.collapse import run_collapse
from ..report.notebook import show
from ..run.generations import CollapseRecord, Experiment
from ..run.judging import as_frame, judge_all
from ..run.judging_texts import judge_texts, read_texts
from ..run.record import RunRecord
from .files import read_schema
from .named import named_canaries, named_texts

__all__ = ["collapse", "inspect", "validate", "validate_files", "validate_sets"]


def inspect(data: Any) -> Schema:
    """Return what each column of a frame or file is, the rules that all its rows keep, and why."""
    frame = as_frame(data, words=False)
    return settle(frame, infer_schema(frame))


def validate(
    synthetic: Any,
    real: Any = None,
    *,
    holdout: Any = None,
    schema: Schema | str | Path | None = None,
    target: str | None = None,
    text: str | None = None,
    label: str | None = None,
    against: Sequence[str | Path] = (),
    canary: str | Path | None = None,
    gates: Sequence[str] | None = None,
    protected: Sequence[str] | None = None,
    epsilon: float | None = None,
    deep: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> Assessment:
    """Judge synthetic rows against real ones (frames or files); without a `holdout` privacy stays unknown.

    gates : bounds that take the place of the defaults on the same scores, e.g. "privacy.copies <= floor + 0.001".
    schema : what the columns are and which rules every row keeps, or the path of a schema.yaml.
    real : the rows the generator learned from. holdout : rows from the same source that it never saw.
    protected : columns whose groups must not fare worse than in the real rows; None: proposed by name.
    epsilon : the privacy budget that is stated of the rows; it is audited (needs a `holdout`).
    deep : take the measures that cost more, too. A notebook draws what is returned.
    text : judge the texts of this column, with the classes of the column `label`; then `real` may be left away: only
    diversity and validity are judged. against : files of texts that must not be found again, as a benchmark's; canary :
    a file of strings that were hidden among the real texts, one a line. See docs/texts.md.
    """
    told: dict[str, Any] = {
        "text": text,
        "label": label,
        "against": against,
        "canary": canary,
        "target": target,
        "gates": gates,
        "protected": protected,
        "epsilon": epsilon,
        "deep": deep,
        "seed": seed,
        "progress": progress,
    }
    return show(validate_files(synthetic, real, holdout=holdout, schema=schema, **told).assessment)


def validate_files(synthetic: Any, real: Any = None, **options: Any) -> RunRecord:
    """Judge like `validate`, with the same options, and return all that a report shows."""
    return validate_sets([synthetic], real, **options)[0]


def validate_sets(
    synthetics: Sequence[Any],
    real: Any = None,
    *,
    schema: Schema | str | Path | None = None,
    text: str | None = None,
    label: str | None = None,
    against: Sequence[str | Path] = (),
    canary: str | Path | None = None,
    **options: Any,
) -> list[RunRecord]:
    """Judge several sets like `validate`, with the same options; each is read and checked before any is judged."""
    if text is not None:
        files = {str(path): named_texts(Path(path), text) for path in against}
        hidden = () if canary is None else named_canaries(Path(canary), text)
        named = {"schema": schema, "files": files, "canaries": hidden}
        for synthetic in synthetics[1:]:
            read_texts(synthetic, [text] if label is None else [text, label], "the synthetic table")
        return [_judge_texts(synthetic, real, text=text, label=label, **options | named) for synthetic in synthetics]
    if against or canary is not None:
        raise RecipeError("files to look for are for texts", hint="name the column of texts to judge")
    if real is None:
        raise DataError("there are no real rows to judge by", hint="give them, or name the column of texts to judge")
    if label is not None:
        raise RecipeError("`label` goes with `text`", hint="name the column of texts, or use `target` for a table")
    told = read_schema(Path(schema), as_frame(real, words=False)) if isinstance(schema, str | Path) else schema
    return judge_all(synthetics, real, schema=told, **options)


def collapse(
    data: Any, *, out: str | Path | None = None, fresh: bool = False, progress: Progress | None = None, **choices: Any
) -> CollapseRecord:
    """Let generation after generation learn from what was made, and watch for model collapse; see docs/collapse.md.

    data : a frame or a file. out : a folder for the report, from which the same call goes on after an interruption.
    choices : generations, regime, real_share, rows, method, quality, seed, target; see `run.generations.Experiment`.
    """
    return run_collapse(Experiment(**choices), data, None if out is None else Path(out), fresh=fresh, progress=progress)


def _judge_texts(synthetic: Any, real: Any, **options: Any) -> RunRecord:
    """Judge texts; RecipeError for an option that only tables know."""
    for name in ("schema", "target", "protected", "epsilon", "deep"):
        if options.pop(name, None):
            raise RecipeError(f"`{name}` is for tables", hint="leave it away, or leave `text` away")
    return judge_texts(synthetic, real, **options | {"gates": options.get("gates") or ()})
