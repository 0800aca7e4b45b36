"""The Python face: the same words as the command line. Each name is resolved when it is first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..recipe import Recipe
    from .attacking import redteam, redteam_rows
    from .augmenting import augment
    from .calibrating import calibrate_judge, judge_rows
    from .exporting import export
    from .files import complete_file, fit_file, sample_file
    from .hunting import edgecases, edgecases_text
    from .judging import collapse, inspect, validate, validate_files, validate_sets
    from .pairing import plan_preference, prefer, run_preference
    from .privatizing import plan_private, preview_private, privatize, run_private
    from .recipes import load_recipe, make_recipe, plan_recipe, preview_recipe, run_recipe
    from .tables import Synthesizer, synthesize
    from .teaching import distill, make_distill_recipe, plan_distill, run_distill
    from .writing import instruct, is_planned, make_instruct_recipe, plan_instruct, preview_instruct, run_instruct

__all__ = [
    "Recipe",
    "Synthesizer",
    "augment",
    "calibrate_judge",
    "collapse",
    "complete_file",
    "distill",
    "edgecases",
    "edgecases_text",
    "export",
    "fit_file",
    "inspect",
    "instruct",
    "is_planned",
    "judge_rows",
    "load_recipe",
    "make_distill_recipe",
    "make_instruct_recipe",
    "make_recipe",
    "plan_distill",
    "plan_instruct",
    "plan_preference",
    "plan_private",
    "plan_recipe",
    "prefer",
    "preview_instruct",
    "preview_private",
    "preview_recipe",
    "privatize",
    "redteam",
    "redteam_rows",
    "run_distill",
    "run_instruct",
    "run_preference",
    "run_private",
    "run_recipe",
    "sample_file",
    "synthesize",
    "validate",
    "validate_files",
    "validate_sets",
]

_HOMES = {
    "..recipe": ("Recipe",),
    ".hunting": ("edgecases", "edgecases_text"),
    ".attacking": ("redteam", "redteam_rows"),
    ".augmenting": ("augment",),
    ".calibrating": ("calibrate_judge", "judge_rows"),
    ".exporting": ("export",),
    ".files": ("complete_file", "fit_file", "sample_file"),
    ".writing": ("instruct", "is_planned", "make_instruct_recipe", "plan_instruct", "preview_instruct", "run_instruct"),
    ".judging": ("collapse", "inspect", "validate", "validate_files", "validate_sets"),
    ".privatizing": ("plan_private", "preview_private", "privatize", "run_private"),
    ".pairing": ("plan_preference", "prefer", "run_preference"),
    ".recipes": ("load_recipe", "make_recipe", "plan_recipe", "preview_recipe", "run_recipe"),
    ".tables": ("Synthesizer", "synthesize"),
    ".teaching": ("distill", "make_distill_recipe", "plan_distill", "run_distill"),
}
"""Module -> the names it holds."""


def __getattr__(name: str) -> Any:
    for home, held in _HOMES.items():
        if name in held:
            return getattr(importlib.import_module(home, __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
