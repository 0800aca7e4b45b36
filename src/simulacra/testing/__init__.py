"""For those who build on Simulacra: laws that every plug-in must keep, and tables with planted leaks and flaws.

`conformance` holds the laws, `suites` the ground truth that a judge of synthetic data is held to, `server` a fake model
server. The names are resolved when they are first used: the server needs none of the libraries that the laws need.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .attacks import check_operator, check_oracle
    from .conformance import check_check, check_generator, check_metric, example_table
    from .transforms import check_transform, example_records

__all__ = [
    "check_check", "check_generator", "check_metric", "check_operator", "check_oracle", "check_transform",
    "example_records", "example_table",
]  # fmt: skip

_HOMES = {
    "check_transform": "transforms", "example_records": "transforms", "check_operator": "attacks",
    "check_oracle": "attacks",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES.get(name, 'conformance')}", __name__), name)
