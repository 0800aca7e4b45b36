"""A hunt for edge cases of a record function, from what a person names to what was found."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from ..attack.records.domain import Domain, domain_to_dict, read_domain
from ..attack.records.guess import guess_domain, to_examples
from ..attack.records.journal import Journal
from ..attack.records.search import Campaign, search
from ..attack.records.target import RecordTarget, Style
from ..contracts import Progress, Silent, Verdict
from ..data.infer import infer_schema
from ..data.relations import settle
from ..errors import DataError, RecipeError
from ..functions import forgetting_functions, load_function
from ..seeds import Seeds
from .source import load_frame
from .target_code import code_digest, name_of

__all__ = ["EdgecasesRecord", "Hunt", "fingerprint", "keeping_answers", "run_edgecases"]

_EXAMPLES = 200


@dataclass(frozen=True, slots=True)
class Hunt:
    """What to hunt: the function (or its name "module:function"), what it takes, and the limits.

    schema : a domain, or the path of a file with one. data : a table of rows like those that it will meet.
    records, calls : how many records are made and how often the function is called, at most. only_allowed : try no
    forbidden record.
    """

    target: str | Callable[..., Any]
    schema: Domain | Path | None = None
    data: Any = None
    style: Style | None = None
    records: int = 2_000
    calls: int = 10_000
    seed: int = 0
    only_allowed: bool = False

    @property
    def name(self) -> str:
        """The target's name."""
        return name_of(self.target)


@dataclass(frozen=True, slots=True)
class EdgecasesRecord:
    """Everything known at the end of a hunt."""

    hunt: Hunt
    domain: Domain
    style: Style
    campaign: Campaign
    facts: dict[str, str] = field(default_factory=dict)
    cost: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """fail: something of weight was found; warn: something small; pass: nothing was, within the limits."""
        grave = {finding.severity for finding in self.campaign.findings}
        return "fail" if grave & {"high", "medium"} else "warn" if grave else "pass"


@forgetting_functions()
def run_edgecases(hunt: Hunt, journal: Path | None = None, *, progress: Progress | None = None) -> EdgecasesRecord:
    """Hunt for records that break the target; answers are kept in `journal`, so that a killed hunt goes on.

    progress : told of each call.

    Errors: RecipeError if the target cannot be loaded or answers nothing, or nothing says what it takes; SchemaError,
    DataError for what is wrong with the schema or the data.
    """
    began = (time.process_time(), time.perf_counter())
    function = load_function(hunt.target) if isinstance(hunt.target, str) else hunt.target
    domain, examples, notes = _domain(hunt)
    target = RecordTarget(function, domain.names, style=hunt.style, budget=hunt.calls)
    target.tell(progress or Silent())
    with keeping_answers(target, journal):
        campaign = search(
            domain, target, Seeds(hunt.seed), records=hunt.records, examples=examples, only_allowed=hunt.only_allowed
        )
    cost = {
        "cpu_seconds": round(time.process_time() - began[0], 2),
        "wall_seconds": round(time.perf_counter() - began[1], 2),
        "records": len(campaign.tried),
        "calls": campaign.calls,
    }
    facts = {"target": hunt.name, "style": target.style, "seed": str(hunt.seed), "version": version("simulacra")}
    return EdgecasesRecord(hunt, domain, target.style, campaign, facts, cost, notes)


@contextmanager
def keeping_answers(target: RecordTarget, path: Path | None) -> Iterator[None]:
    """Keep a target's answers in a file, if one is named, so that a killed hunt goes on; a refused one keeps none."""
    if path is None:
        yield
        return
    target.journal = Journal(path, code_digest(target.function))
    try:
        yield
    except (DataError, RecipeError):
        path.unlink(missing_ok=True)  # the same command, once that is mended, asks anew
        raise
    finally:
        target.journal.close()


def fingerprint(hunt: Hunt) -> str:
    """Return a digest of all that decides which records are tried."""
    schema = hunt.schema.read_text(encoding="utf-8") if isinstance(hunt.schema, Path) else None
    told = domain_to_dict(hunt.schema) if isinstance(hunt.schema, Domain) else schema
    data = Path(hunt.data).read_bytes() if isinstance(hunt.data, str | Path) else b""
    content = [hunt.name, told, hashlib.sha256(data).hexdigest(), hunt.style, hunt.records, hunt.calls, hunt.seed]
    content += ["only allowed"] if hunt.only_allowed else []
    return hashlib.sha256(json.dumps([*content, version("simulacra")]).encode()).hexdigest()


def _domain(hunt: Hunt) -> tuple[Domain, list[dict[str, Any]], tuple[str, ...]]:
    if hunt.schema is None and hunt.data is None:
        hint = "give --schema (a JSON Schema of one record), or --data (a table of rows like those it will meet)"
        raise RecipeError("nothing says what the target takes", hint=hint)
    told = read_domain(hunt.schema) if isinstance(hunt.schema, Path) else hunt.schema
    if hunt.data is None and told is not None:
        return told, [], ()
    frame = hunt.data if isinstance(hunt.data, pl.DataFrame) else load_frame(Path(hunt.data))[0]
    schema = settle(frame, infer_schema(frame))
    examples = to_examples(frame, schema, _EXAMPLES)
    if told is not None:
        known = [{name: row[name] for name in told.names if name in row} for row in examples]
        return told, known, ()
    note = "No schema was given: ranges and levels are those of the data. Values outside were tried and not judged."
    return guess_domain(frame, schema), examples, (note,)
