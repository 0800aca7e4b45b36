"""Simulacra: synthetic data with a verdict.

The public names are resolved when they are first used, so that `import simulacra` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import (
        Recipe,
        Synthesizer,
        augment,
        calibrate_judge,
        collapse,
        distill,
        edgecases,
        edgecases_text,
        export,
        inspect,
        instruct,
        judge_rows,
        load_recipe,
        make_distill_recipe,
        make_instruct_recipe,
        make_recipe,
        prefer,
        privatize,
        redteam,
        redteam_rows,
        run_distill,
        run_instruct,
        run_preference,
        run_recipe,
        synthesize,
        validate,
    )
    from .errors import SimulacraError

__all__ = [
    "Recipe",
    "SimulacraError",
    "Synthesizer",
    "augment",
    "calibrate_judge",
    "collapse",
    "distill",
    "edgecases",
    "edgecases_text",
    "export",
    "inspect",
    "instruct",
    "judge_rows",
    "load_recipe",
    "make_distill_recipe",
    "make_instruct_recipe",
    "make_recipe",
    "prefer",
    "privatize",
    "redteam",
    "redteam_rows",
    "run_distill",
    "run_instruct",
    "run_preference",
    "run_recipe",
    "synthesize",
    "validate",
]

__version__ = "0.1.0.dev0"

_HOMES = {name: ".errors" if name == "SimulacraError" else ".api" for name in __all__}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'simulacra' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
