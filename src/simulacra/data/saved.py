"""Reading the parts of a saved state: every part is checked before it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..errors import ModelFileError

__all__ = ["array_of", "damaged", "value_of"]

T = TypeVar("T")


def damaged(part: str, seen: str) -> ModelFileError:
    """Return the error for a part of a saved model that does not make sense."""
    return ModelFileError(
        f"the part {part!r} {seen}", where="saved codes", hint="the file is damaged; fit and save again"
    )


def value_of(state: Mapping[str, Any], part: str, kind: type[T]) -> T:
    """Return state[part], which must be of that type (a bool is no int here); ModelFileError otherwise."""
    if part not in state:
        raise damaged(part, "is missing")
    value = state[part]
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise damaged(part, f"should be {kind.__name__} and is {type(value).__name__}")
    return value


def array_of(
    state: Mapping[str, Any], part: str, dtype: npt.DTypeLike, shape: tuple[int | None, ...]
) -> npt.NDArray[Any]:
    """Return state[part], a finite array of that dtype and shape (None: any length); ModelFileError otherwise."""
    values = value_of(state, part, np.ndarray)
    if values.dtype != np.dtype(dtype):
        raise damaged(part, f"should hold {np.dtype(dtype)} and holds {values.dtype}")
    if values.ndim != len(shape) or any(want not in (None, has) for want, has in zip(shape, values.shape, strict=True)):
        raise damaged(part, f"has the shape {values.shape}")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise damaged(part, "holds a number that is not finite")
    return values
