"""Hash tables of band keys in flat arrays: members that share a key of any band are found without looking at the rest.

One table per band. A slot holds the newest member, each member the four before it in the same slot: a look at a long
slot is as many steps as there are fours in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Buckets"]

Keys = NDArray[np.uint64]
Members = NDArray[np.int64]

MOST_STEPS = 64
"""So many members of a slot are looked at, newest first: a heap of look-alikes must not cost its square."""

_SMALLEST = 256
_STRIDE = 4
_BLOCK = 4096


class Buckets:
    """Members 0, 1, 2 ... under `bands` keys each. Memory: 24 to 48 bytes per member and band."""

    def __init__(self, bands: int) -> None:
        self._bands = np.arange(bands, dtype=np.int64)
        self._size = 0
        self._marks = np.empty((_SMALLEST, bands), dtype=np.uint32)
        self._before = np.empty((_SMALLEST, bands, _STRIDE), dtype=np.int32)
        self._heads = np.full(_SMALLEST * bands, -1, dtype=np.int32)

    def __len__(self) -> int:
        return self._size

    def insert(self, keys: Keys) -> None:
        """Put in the next len(keys) members; keys : (members, bands)."""
        first, last = self._size, self._size + len(keys)
        if last > len(self._marks):
            self._grow(last)
        self._marks[first:last] = _marks_of(keys)
        self._size = last
        self._link(first, last)

    def lookup(self, keys: Keys, own: Members | None = None) -> tuple[Members, Members]:
        """Return (asked, member): all pairs that share a key of some band, each once, sorted.

        own : the keys are those of these members; only members before them are looked at.
        """
        marks, width = _marks_of(keys).ravel(), len(self._bands)
        bands = np.tile(self._bands, len(keys))
        if own is None:
            member = self._heads.take(self._places(marks, bands))[:, None]
        else:
            member = self._before.take(own, axis=0).reshape(-1, _STRIDE)
        looks, before = np.arange(len(marks)), self._before.reshape(-1, _STRIDE)
        met, met_by = [], []
        for _ in range(1 + MOST_STEPS // _STRIDE):
            places = member * np.int64(width) + bands[:, None]
            met.append(places.ravel())
            met_by.append(looks.repeat(member.shape[1]))
            live = places[:, -1] >= 0
            if not live.any():
                break
            looks, bands = looks[live], bands[live]
            member = before.take(places[live, -1], axis=0)
        places, look = np.concatenate(met), np.concatenate(met_by)
        same = (places >= 0) & (self._marks.take(places) == marks.take(look))
        pairs = np.unique(look[same] // width << 32 | places[same] // width)
        return pairs >> 32, pairs & 0xFFFFFFFF

    def _places(self, marks: NDArray[np.uint32], bands: Members) -> Members:
        mask = len(self._heads) // len(self._bands) - 1
        return (marks & np.uint32(mask)).astype(np.int64) * len(self._bands) + bands

    def _grow(self, least: int) -> None:
        """Make room, twice as much as before or more; slots are linked anew."""
        room = max(1 << (least - 1).bit_length(), 2 * len(self._marks))
        marks = np.empty((room, len(self._bands)), dtype=np.uint32)
        marks[: self._size] = self._marks[: self._size]
        self._marks = marks
        self._before = np.empty((room, len(self._bands), _STRIDE), dtype=np.int32)
        self._heads = np.full(room * len(self._bands), -1, dtype=np.int32)
        self._link(0, self._size)

    def _link(self, first: int, last: int) -> None:
        """Chain members [first, last) to their slots, in order."""
        for start in range(first, last, _BLOCK):
            self._link_block(start, min(start + _BLOCK, last))

    def _link_block(self, first: int, last: int) -> None:
        count = last - first
        bands = np.tile(self._bands, count)
        places = self._places(self._marks[first:last].ravel(), bands)
        members = np.repeat(np.arange(first, last, dtype=np.int32), len(self._bands))
        if count > 1:
            order = np.argsort(places, kind="stable")
            places, members, bands = places[order], members[order], bands[order]
            again = np.flatnonzero(places[1:] == places[:-1]) + 1
        else:
            again = np.empty(0, dtype=np.int64)
        before = self._heads.take(places)
        before[again] = members[again - 1]
        self._before[members, bands, 0] = before
        for step in range(1, _STRIDE):
            before = np.where(before >= 0, self._before[before, bands, 0], -1)
            self._before[members, bands, step] = before
        self._heads[places] = members  # of several in one slot the last, the newest, stays


def _marks_of(keys: Keys) -> NDArray[np.uint32]:
    return (keys >> np.uint64(32)).astype(np.uint32)
