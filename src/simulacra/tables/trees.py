"""One grown tree, and the sum of trees that a model stores: small, and safe to load from a stranger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelFileError
from . import kernels

__all__ = ["Ensemble", "Tree", "grow"]

MAX_DEPTH = 64
_PARTS = {
    "columns": (np.int32, 1),
    "ranks": (np.uint8, 2),
    "left": (np.int32, 1),
    "leaf": (np.int32, 1),
    "feature": (np.int16, 1),
    "threshold": (np.uint8, 1),
    "trees": (np.int32, 2),
    "start": (np.float32, 1),
    "values": (np.int8, 2),
    "unit": (np.float32, 1),
    "gains": (np.float32, 1),
}


@dataclass(frozen=True, slots=True)
class Tree:
    """One grown tree, the training rows of its leaves (`rows[start:end]` for each span), the gain of each feature."""

    nodes: NDArray[Any]
    depth: int
    rows: NDArray[np.int32]
    spans: NDArray[np.int32]
    gains: NDArray[np.float64]

    def leaves(self, features: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Return the leaf of each row."""
        return kernels.route(features, self.nodes, self.depth)  # type: ignore[no-any-return]

    def own_leaves(self) -> NDArray[np.int32]:
        """Return the leaf of each row that the tree was grown on, if those were all rows: without walking down."""
        leaves = np.empty(len(self.rows), np.int32)
        leaves[self.rows] = np.repeat(np.arange(len(self.spans), dtype=np.int32), np.diff(self.spans, axis=1)[:, 0])
        return leaves


def grow(
    features: NDArray[np.uint8],
    lanes: NDArray[np.float32],
    offsets: NDArray[np.int32],
    *,
    depth: int,
    min_leaf: float,
    rows: NDArray[np.int32] | None = None,
) -> Tree:
    """Grow a tree on the given rows, by default all; see `kernels.grow_tree` for the layouts."""
    rows = np.arange(len(features), dtype=np.int32) if rows is None else rows
    nodes, spans, gains = kernels.grow_tree(features, lanes, rows, offsets, np.array([depth, min_leaf, 1e-6]))
    return Tree(nodes, _depth(nodes), rows, spans, gains)


def _depth(nodes: NDArray[Any]) -> int:
    """Return the number of steps from the root to the deepest leaf."""
    inner = nodes["left"] != np.arange(len(nodes))
    depth, level = 0, np.zeros(1, np.int64)
    while len(level := level[inner[level]]):
        depth, level = depth + 1, np.concatenate((nodes["left"][level], nodes["left"][level] + 1)).astype(np.int64)
    return depth


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A sum of trees over some columns of a code matrix; its outputs are logits.

    columns : (n_features,) int32, which columns of the matrix. ranks : (n_features, 256) what each code counts as.
    nodes, trees : see `kernels`. start : (n_outputs,) float32. values : (n_leaves, n_outputs) int8, to be multiplied
    by unit, (1,) float32.
    gains : (n_features,) float32, what splitting on each feature gained while learning.
    """

    columns: NDArray[np.int32]
    ranks: NDArray[np.uint8]
    nodes: NDArray[Any]
    trees: NDArray[np.int32]
    start: NDArray[np.float32]
    values: NDArray[np.int8]
    unit: NDArray[np.float32]
    gains: NDArray[np.float32]

    @classmethod
    def join(
        cls,
        grown: list[tuple[Tree, NDArray[np.int8]]],
        start: NDArray[np.float32],
        *,
        unit: float,
        columns: NDArray[np.int32],
        ranks: NDArray[np.uint8],
    ) -> Ensemble:
        """Put trees and their leaf values, (n_leaves, n_outputs) each, into one; features no tree uses are dropped."""
        nodes, trees, n_nodes, n_leaves = [np.zeros(0, kernels.NODE)], [], 0, 0
        for tree, values in grown:
            part = tree.nodes.copy()
            part["left"] += n_nodes
            part["leaf"] += n_leaves
            nodes.append(part)
            trees.append((n_nodes, tree.depth))
            n_nodes, n_leaves = n_nodes + len(part), n_leaves + len(values)
        joined = np.concatenate(nodes)
        inner = joined["left"] != np.arange(n_nodes)
        used, place = np.unique(joined["feature"][inner], return_inverse=True)
        joined["feature"][inner] = place
        return cls(
            np.ascontiguousarray(columns[used]),
            np.ascontiguousarray(ranks[used]),
            joined,
            np.array(trees, np.int32).reshape(-1, 2),
            start,
            np.concatenate([np.zeros((0, len(start)), np.int8), *(values for _, values in grown)]),
            np.array([unit], np.float32),
            np.sum([np.zeros(len(columns)), *(tree.gains for tree, _ in grown)], axis=0)[used].astype(np.float32),
        )

    def features(self, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the features of each row of a code matrix."""
        return kernels.gather(codes, self.columns, self.ranks)  # type: ignore[no-any-return]

    def probabilities(self, codes: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (n_rows, n_outputs): the softmax of the logits of each row of a code matrix."""
        parts = (self.nodes, self.trees, self.values, *self._to_base_2())
        return kernels.predict(self.features(codes), *parts)  # type: ignore[no-any-return]

    def draw(self, codes: NDArray[np.uint8], uniforms: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Return (n_rows,) outputs drawn with these probabilities."""
        parts = (self.nodes, self.trees, self.values, *self._to_base_2())
        return kernels.draw_codes(self.features(codes), *parts, uniforms)  # type: ignore[no-any-return]

    def _to_base_2(self) -> tuple[NDArray[np.float32], np.float32]:
        return self.start * np.float32(np.log2(np.e)), np.float32(self.unit[0] * np.log2(np.e))

    def to_state(self) -> dict[str, NDArray[Any]]:
        """Return arrays for a model file."""
        fields = {name: np.ascontiguousarray(self.nodes[name]) for name in kernels.NODE.names or ()}
        others = ("columns", "ranks", "trees", "start", "values", "unit", "gains")
        return fields | {name: getattr(self, name) for name in others}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], *, n_columns: int, n_outputs: int, where: str) -> Ensemble:
        """Return what `to_state` gave; ModelFileError if any number in it could lead a kernel out of its arrays."""
        parts = {name: _array(state, name, where) for name in _PARTS}
        nodes = np.zeros(len(parts["left"]), kernels.NODE)
        try:
            for name in kernels.NODE.names or ():
                nodes[name] = parts[name]
        except ValueError:
            raise _damaged("parts of different lengths", where) from None
        made = cls(
            nodes=nodes,
            **{name: parts[name] for name in ("columns", "ranks", "trees", "start", "values", "unit", "gains")},
        )
        if fault := made._fault(n_columns, n_outputs):
            raise _damaged(fault, where)
        return made

    def _fault(self, n_columns: int, n_outputs: int) -> str:
        """Return what is wrong with these arrays, "" if nothing."""
        n_nodes, n_features = len(self.nodes), len(self.columns)
        if self.ranks.shape != (n_features, 256) or self.gains.shape != (n_features,) or self.trees.shape[1] != 2:
            return "parts of different lengths"
        if len(self.start) != n_outputs or self.values.shape[1] != n_outputs:
            return "leaves for another number of codes"
        if not np.isfinite(self.start).all() or len(self.unit) != 1 or not 0 <= self.unit[0] <= 1:
            return "a leaf value that is not a small number"
        if len(self.trees) > kernels.MOST_TREES:
            return "more trees than any model needs"
        if not _within(self.columns, n_columns):
            return "a column that is not there"
        if not (_within(self.trees[:, 0], n_nodes) and _within(self.trees[:, 1], MAX_DEPTH + 1)):
            return "a tree without a root"
        here, left = np.arange(n_nodes), self.nodes["left"]
        inner = left != here
        if not ((left[inner] > here[inner]).all() and (left[inner] < n_nodes - 1).all()):
            return "a node whose branches lead nowhere"
        if not ((self.nodes["threshold"][~inner] == 255).all() and _within(self.nodes["feature"], max(1, n_features))):
            return "a node that looks at no feature"
        if not _within(self.nodes["leaf"], len(self.values)):
            return "a leaf without values"
        return "" if n_features or not self.trees[:, 1].any() else "a node that looks at no feature"


def _within(numbers: NDArray[Any], end: int) -> bool:
    return bool(((numbers >= 0) & (numbers < end)).all())


def _array(state: Mapping[str, Any], name: str, where: str) -> NDArray[Any]:
    dtype, n_axes = _PARTS[name]
    value = state.get(name) if isinstance(state, Mapping) else None
    if not isinstance(value, np.ndarray) or value.dtype != dtype or value.ndim != n_axes:
        raise _damaged(f"no {name} of the right kind", where)
    return np.ascontiguousarray(value)


def _damaged(fault: str, where: str) -> ModelFileError:
    return ModelFileError(f"the model has {fault}", where=where, hint="the file is damaged; fit the model again")
