"""What one call of a target gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call gave: a value, or an error with its kind, its message and the place in the target's code."""

    value: Any = None
    error: str = ""
    message: str = ""
    place: str = ""
    kinds: tuple[str, ...] = ()
    """Names of the error's class and all it is derived from."""

    @property
    def ok(self) -> bool:
        """Whether a value came back."""
        return not self.error
