"""The packages that Simulacra is made of: which are here, which extra brings them, and the line that installs them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

__all__ = ["Part", "part_of", "parts"]

_IMPORTED_AS = {"sklearn": "scikit-learn", "yaml": "pyyaml"}


@dataclass(frozen=True, slots=True)
class Part:
    """A package. group : "core" or the extra that brings it. version : None if it is not installed."""

    name: str
    group: str
    version: str | None

    @property
    def install(self) -> str:
        """The line that installs it, with the rest of its group."""
        wanted = "simulacra" if self.group == "core" else f"simulacra[{self.group}]"
        return f"pip install '{wanted}'"


def parts() -> list[Part]:
    """Return the packages that simulacra requires or, with an extra, can use; those of its developers left out."""
    found = []
    for text in requires("simulacra") or []:
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", text)
        group, name = extra[1] if extra else "core", re.split(r"[\s<>=!~;\[]", text, maxsplit=1)[0]
        if group != "dev":
            found.append(Part(name, group, _version(name)))
    return found


def part_of(module: str) -> Part | None:
    """Return the part that brings a module ("sklearn.ensemble"), None if it is none of ours."""
    top = module.split(".")[0]
    wanted = _IMPORTED_AS.get(top, top)
    return next((part for part in parts() if part.name == wanted), None)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
