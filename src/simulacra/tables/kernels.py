"""Compiled loops over rows: growing trees, routing rows down them, drawing codes.

Everything that touches every row lives here; everything per leaf or per column is plain numpy elsewhere. Imported only
when a table is fitted or sampled: the first import on a machine compiles for some seconds, then a cache serves.

Layouts shared by all kernels
-----------------------------
features : (n_rows, n_features) uint8, C order; row-major because a split reads one row at a time.
lanes : (n_rows, 4) float32; three gradients and the row's weight, so one vector addition updates a histogram bin.
nodes : (n_nodes,) of `NODE`. A leaf points at itself and its threshold is 255, so that walking `depth` steps needs no
    branch. `leaf` is the leaf's number within its tree (while growing) or its row of the table (once stored).
trees : (n_trees, 2) int32; root node and depth.
values : (n_leaves, n_codes) int8; what each leaf adds to the logits, in units of one small number a model. The sum of
    at most `MOST_TREES` of them stays within an int16.

Not handled: bounds. Callers pass arrays that fit together; `trees.Ensemble` checks what comes from a file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba as nb
import numpy as np

__all__ = [
    "LANES",
    "MOST_TREES",
    "NODE",
    "add_trees",
    "draw_codes",
    "gather",
    "grow_tree",
    "mutual_information",
    "predict",
    "project",
    "reweight",
    "route",
    "sum_leaves",
]

LANES = 4
NODE = np.dtype([("left", np.int32), ("leaf", np.int32), ("feature", np.int16), ("threshold", np.uint8)], align=True)
MOST_TREES = 256
BLOCK = 64  # rows whose sums stay in the first-level cache while all trees pass over them

_node = nb.from_dtype(NODE)[::1]
_f32, _f64, _i32, _u8 = nb.float32, nb.float64, nb.int32, nb.uint8
_codes = _u8[:, ::1]
_matrix = _f32[:, ::1]
_ints = _i32[:, ::1]
_steps = nb.int8[:, ::1]


def _compiled(signature: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    compiled: Callable[[Callable[..., Any]], Callable[..., Any]]
    compiled = nb.njit(signature, cache=True, fastmath=True, nogil=True, error_model="numpy")
    return compiled


@nb.njit(fastmath=True, error_model="numpy")
def _fill_histogram(histogram, features, lanes, rows, offsets):  # type: ignore[no-untyped-def]
    """Add the lanes of `rows` to the bins of every feature."""
    histogram[:] = 0
    for i in range(rows.shape[0]):
        row = rows[i]
        a, b, c, d = lanes[row, 0], lanes[row, 1], lanes[row, 2], lanes[row, 3]
        for f in range(features.shape[1]):
            q = offsets[f] + features[row, f]
            # all loads before all stores: lets the compiler use one vector addition
            ha, hb, hc, hd = histogram[q, 0] + a, histogram[q, 1] + b, histogram[q, 2] + c, histogram[q, 3] + d
            histogram[q, 0] = ha
            histogram[q, 1] = hb
            histogram[q, 2] = hc
            histogram[q, 3] = hd


@nb.njit(fastmath=True, error_model="numpy")
def _best_split(histogram, offsets, min_weight, best_gain):  # type: ignore[no-untyped-def]
    """Return (feature, threshold, gain) of the best split above `best_gain`, feature -1 if there is none."""
    best_feature, best_threshold = -1, 0
    ta = tb = tc = tw = _f32(0)
    for q in range(offsets[1]):
        ta += histogram[q, 0]
        tb += histogram[q, 1]
        tc += histogram[q, 2]
        tw += histogram[q, 3]
    parent = (ta * ta + tb * tb + tc * tc) / (tw + 1)
    best_gain += parent
    for f in range(offsets.shape[0] - 1):
        a = b = c = w = _f32(0)
        for q in range(offsets[f], offsets[f + 1] - 1):
            if histogram[q, 3] == 0:
                continue
            a += histogram[q, 0]
            b += histogram[q, 1]
            c += histogram[q, 2]
            w += histogram[q, 3]
            if w < min_weight:
                continue
            v = tw - w
            if v < min_weight:
                break
            ra, rb, rc = ta - a, tb - b, tc - c
            gain = (a * a + b * b + c * c) / (w + 1) + (ra * ra + rb * rb + rc * rc) / (v + 1)
            if gain > best_gain:
                best_gain, best_feature, best_threshold = gain, f, q - offsets[f]
    return best_feature, best_threshold, best_gain - parent


@nb.njit(fastmath=True, error_model="numpy")
def _partition(features, rows, spare, feature, threshold):  # type: ignore[no-untyped-def]
    """Stable split of `rows` in place; return how many go left."""
    left = right = 0
    for i in range(rows.shape[0]):
        row = rows[i]
        if features[row, feature] <= threshold:
            rows[left] = row
            left += 1
        else:
            spare[right] = row
            right += 1
    rows[left:] = spare[:right]
    return left


_tree = nb.types.Tuple((_node, _ints, _f64[::1]))  # type: ignore[no-untyped-call]


@_compiled(_tree(_codes, _matrix, _i32[::1], _i32[::1], _f64[::1]))
def grow_tree(features, lanes, rows, offsets, limits):  # type: ignore[no-untyped-def]
    """Grow one tree depth first on histograms; permutes `rows` so that each leaf's rows lie together.

    offsets : (n_features + 1,) first bin of each feature. limits : depth, least weight of a leaf, least gain.
    Returns nodes, spans (n_leaves, 2): each leaf's slice of `rows`, and the gain of each feature. Gain of a split: sum
    of G^2 / (W + 1) of the two sides less the parent's. A child's histogram is the parent's less its brother's.
    """
    depth, min_weight, min_gain = int(limits[0]), limits[1], limits[2]
    most = 2 * int(rows.shape[0] / max(1.0, min_weight)) + 3
    if depth < 20:
        most = min(most, 2 ** (depth + 1) + 1)
    nodes = np.zeros(most, NODE)
    spans = np.zeros((most, 2), np.int32)
    pool = np.empty((depth + 2, offsets[-1], 4), np.float32)
    spare = np.empty_like(rows)
    stack = np.zeros((depth + 3, 5), np.int32)  # node, start, end, depth, histogram slot
    free = np.arange(depth + 2).astype(np.int32)
    gains = np.zeros(offsets.shape[0] - 1)
    n_nodes, n_leaves, height, top = 1, 0, 1, depth  # free[: top + 1] are unused slots of the pool
    stack[0, 2], stack[0, 4] = rows.shape[0], free[top + 1]
    if depth > 0 and offsets.shape[0] > 1:
        _fill_histogram(pool[free[top + 1]], features, lanes, rows, offsets)
    while height > 0:
        height -= 1
        node, start, end, level, slot = stack[height]
        feature, threshold, gain = -1, 0, 0.0
        if slot >= 0 and level < depth and offsets.shape[0] > 1 and n_nodes + 2 <= most:
            feature, threshold, gain = _best_split(pool[slot], offsets, min_weight, min_gain)
        if feature < 0:
            nodes[node].left, nodes[node].threshold, nodes[node].leaf = node, 255, n_leaves
            spans[n_leaves, 0], spans[n_leaves, 1] = start, end
            n_leaves += 1
            if slot >= 0:
                top += 1
                free[top] = slot
            continue
        gains[feature] += gain
        middle = start + _partition(features, rows[start:end], spare, feature, threshold)
        nodes[node].left, nodes[node].feature, nodes[node].threshold = n_nodes, feature, threshold
        small, large = (start, middle), (middle, end)
        if middle - start > end - middle:
            small, large = large, small
        small_slot, large_slot = -1, -1
        if level + 1 < depth and large[1] - large[0] >= 2 * min_weight:
            small_slot, large_slot = free[top], slot
            top -= 1
            _fill_histogram(pool[small_slot], features, lanes, rows[small[0] : small[1]], offsets)
            pool[large_slot] -= pool[small_slot]
        else:
            top += 1
            free[top] = slot
        for child in (1, 0):  # right below left on the stack: leaves are numbered in the order of their rows
            first, last = (start, middle) if child == 0 else (middle, end)
            stack[height, 0], stack[height, 1], stack[height, 2] = n_nodes + child, first, last
            stack[height, 3], stack[height, 4] = level + 1, small_slot if first == small[0] else large_slot
            height += 1
        n_nodes += 2
    return nodes[:n_nodes].copy(), spans[:n_leaves].copy(), gains


@_compiled(_i32[::1](_codes, _node, nb.int64))
def route(features, nodes, depth):  # type: ignore[no-untyped-def]
    """Return the leaf of each row."""
    leaves = np.empty(features.shape[0], np.int32)
    for i in range(features.shape[0]):
        node = 0
        for _ in range(depth):
            node = nodes[node].left + (features[i, nodes[node].feature] > nodes[node].threshold)
        leaves[i] = nodes[node].leaf
    return leaves


@_compiled(_matrix(_matrix, _i32[::1], nb.int64))
def sum_leaves(probabilities, leaves, n_leaves):  # type: ignore[no-untyped-def]
    """Return (n_leaves, n_codes): the sum of the probabilities of each leaf's rows."""
    sums = np.zeros((n_leaves, probabilities.shape[1]), np.float32)
    for i in range(probabilities.shape[0]):  # in the order of memory; the sums stay in the cache
        leaf = leaves[i]
        for k in range(probabilities.shape[1]):
            sums[leaf, k] += probabilities[i, k]
    return sums


@_compiled(nb.void(_matrix, _i32[::1], _matrix))
def reweight(probabilities, leaves, factors):  # type: ignore[no-untyped-def]
    """Multiply each row by its leaf's factors and divide by the sum: softmax without an exponential per row."""
    for i in range(probabilities.shape[0]):
        leaf = leaves[i]
        total = _f32(0)
        for k in range(probabilities.shape[1]):
            p = probabilities[i, k] * factors[leaf, k]
            probabilities[i, k] = p
            total += p
        total = _f32(1) / total
        for k in range(probabilities.shape[1]):
            probabilities[i, k] *= total


@_compiled(nb.void(_matrix, _i32[::1], _matrix, _matrix))
def project(probabilities, targets, sketch, lanes):  # type: ignore[no-untyped-def]
    """Fill lanes 0..2 with the softmax gradient (one-hot less probabilities) times the sketch (3, n_codes)."""
    for i in range(probabilities.shape[0]):
        a = b = c = _f32(0)
        for k in range(probabilities.shape[1]):
            p = probabilities[i, k]
            a += p * sketch[0, k]
            b += p * sketch[1, k]
            c += p * sketch[2, k]
        y = targets[i]
        lanes[i, 0], lanes[i, 1], lanes[i, 2] = sketch[0, y] - a, sketch[1, y] - b, sketch[2, y] - c


@_compiled(_codes(_codes, _i32[::1], _codes))
def gather(codes, columns, ranks):  # type: ignore[no-untyped-def]
    """Return the features: the given columns of `codes`, each code replaced by its rank (n_features, 256)."""
    features = np.empty((codes.shape[0], columns.shape[0]), np.uint8)
    for i in range(codes.shape[0]):
        for f in range(columns.shape[0]):
            features[i, f] = ranks[f, codes[i, columns[f]]]
    return features


@nb.njit(fastmath=True, error_model="numpy")
def _walk(features, nodes, root, depth, here):  # type: ignore[no-untyped-def]
    """Set `here` to the leaf of each row, level by level: the rows' loads do not wait for each other."""
    n = features.shape[0]
    for i in range(n):
        here[i] = root
    for _ in range(depth):
        for i in range(n):
            node = here[i]
            here[i] = nodes[node].left + (features[i, nodes[node].feature] > nodes[node].threshold)
    for i in range(n):
        here[i] = nodes[here[i]].leaf


@nb.njit(fastmath=True, error_model="numpy")
def _add_block(features, nodes, trees, values, sums):  # type: ignore[no-untyped-def]
    """Set `sums` to each row's sum of leaf values, in units."""
    here = np.empty(features.shape[0], np.int32)
    n_codes = values.shape[1]
    sums[: features.shape[0]] = 0
    for t in range(trees.shape[0]):
        _walk(features, nodes, trees[t, 0], trees[t, 1], here)
        for i in range(features.shape[0]):
            leaf = here[i]
            for k in range(n_codes):
                sums[i, k] += values[leaf, k]


@nb.njit(fastmath=True, error_model="numpy")
def _softmax_row(sums, start, unit, bits, row):  # type: ignore[no-untyped-def]
    """Fill `row` with 2 ** (start + unit * sums), scaled so that the largest is 1; return the sum.

    The fraction's power is a polynomial, the whole part's is written into the exponent of the float: no call of a
    library, so the loops are vectorised. Relative error below 1e-3; below 2 ** -120 it is 0.
    """
    n_codes = start.shape[0]
    most = _f32(-1e30)
    for k in range(n_codes):
        x = start[k] + unit * _f32(sums[k])
        row[k] = x
        most = max(most, x)
    for k in range(n_codes):
        x = max(row[k] - most, _f32(-120))
        whole = nb.int32(x)
        part = (x - _f32(whole)) * _f32(0.6931471805599453)
        bits[k] = 0 if x <= _f32(-120) else (whole + nb.int32(127)) << 23
        row[k] = 1 + part * (
            1 + part * (_f32(0.5) + part * (_f32(1 / 6) + part * (_f32(1 / 24) + part * _f32(1 / 120))))
        )
    powers = bits.view(np.float32)
    total = _f32(0)
    for k in range(n_codes):
        p = row[k] * powers[k]
        row[k] = p
        total += p
    return total


@_compiled(_u8[::1](_codes, _node, _ints, _steps, _f32[::1], nb.float32, _f64[::1]))
def draw_codes(features, nodes, trees, values, start, unit, uniforms):  # type: ignore[no-untyped-def]
    """Draw one code per row from the softmax of its leaves' sum, by inverting the distribution function.

    start : (n_codes,) logits, and unit : what a leaf value of 1 adds, both to base 2.
    """
    n_codes = start.shape[0]
    drawn = np.empty(features.shape[0], np.uint8)
    sums = np.empty((BLOCK, n_codes), np.int16)
    bits, row = np.empty(n_codes, np.int32), np.empty(n_codes, np.float32)
    for first in range(0, features.shape[0], BLOCK):
        end = min(first + BLOCK, features.shape[0])
        _add_block(features[first:end], nodes, trees, values, sums)
        for i in range(end - first):
            goal = _f32(uniforms[first + i] * _softmax_row(sums[i], start, unit, bits, row))
            code, reached = 0, row[0]
            while reached <= goal and code < n_codes - 1:
                code += 1
                reached += row[code]
            while row[code] == 0 and code > 0:  # rounding at the upper end must not give an impossible code
                code -= 1
            drawn[first + i] = code
    return drawn


@_compiled(_matrix(_codes, _node, _ints, _steps, _f32[::1], nb.float32))
def predict(features, nodes, trees, values, start, unit):  # type: ignore[no-untyped-def]
    """Return (n_rows, n_codes) probabilities; `start` and `unit` as in `draw_codes`."""
    n_codes = start.shape[0]
    probabilities = np.empty((features.shape[0], n_codes), np.float32)
    sums, bits = np.empty((BLOCK, n_codes), np.int16), np.empty(n_codes, np.int32)
    for first in range(0, features.shape[0], BLOCK):
        end = min(first + BLOCK, features.shape[0])
        _add_block(features[first:end], nodes, trees, values, sums)
        for i in range(end - first):
            row = probabilities[first + i]
            total = _f32(1) / _softmax_row(sums[i], start, unit, bits, row)
            for k in range(n_codes):
                row[k] *= total
    return probabilities


@_compiled(_f32[::1](_codes, _node, _ints, _f32[::1]))
def add_trees(features, nodes, trees, table):  # type: ignore[no-untyped-def]
    """Return one number per row: the sum of its leaves' values; table : (n_leaves,)."""
    sums = np.zeros(features.shape[0], np.float32)
    here = np.empty(BLOCK, np.int32)
    for first in range(0, features.shape[0], BLOCK):
        end = min(first + BLOCK, features.shape[0])
        for t in range(trees.shape[0]):
            _walk(features[first:end], nodes, trees[t, 0], trees[t, 1], here)
            for i in range(end - first):
                sums[first + i] += table[here[i]]
    return sums


@_compiled(_f64[:, ::1](_codes, _i32[::1]))
def mutual_information(codes, sizes):  # type: ignore[no-untyped-def]
    """Return (n_columns, n_columns) nats between all pairs of columns; codes : (n_columns, n_rows), below 16."""
    n_columns, n = codes.shape
    information = np.zeros((n_columns, n_columns))
    counts = np.zeros((16, 16), np.int32)
    logs = np.log(np.maximum(np.arange(n + 1), 1) / max(1, n))
    for i in range(n_columns):
        for j in range(i + 1):
            counts[:] = 0
            for r in range(n):
                counts[codes[i, r], codes[j, r]] += 1
            total = 0.0
            for a in range(sizes[i]):
                for b in range(sizes[j]):
                    if counts[a, b] > 0:
                        total += counts[a, b] * logs[counts[a, b]]
            information[i, j] = total / n
    for i in range(n_columns):  # with itself a column has its entropy, negative so far
        for j in range(n_columns):
            if i > j:
                information[i, j] -= information[i, i] + information[j, j]
                information[j, i] = information[i, j]
    for i in range(n_columns):
        information[i, i] = -information[i, i]
    return information
