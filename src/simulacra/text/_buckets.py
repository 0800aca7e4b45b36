"""Hash tables of band keys in flat arrays: members that share a key of any band are found without looking at the rest.

One table per band. A slot holds the newest member, each member the one before it in the same slot.
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


class Buckets:
    """Members 0, 1, 2 ... under `bands` keys each. Memory: about 16 bytes per member and band."""

    def __init__(self, bands: int) -> None:
        self._bands = np.arange(bands, dtype=np.int64)
        self._size = 0
        self._keys = np.empty((_SMALLEST, bands), dtype=np.uint32)
        self._before = np.empty((_SMALLEST, bands), dtype=np.int32)
        self._slots = np.empty((_SMALLEST, bands), dtype=np.uint32)
        self._heads = np.full(_SMALLEST * bands, -1, dtype=np.int32)

    def __len__(self) -> int:
        return self._size

    def insert(self, keys: Keys) -> None:
        """Put in the next len(keys) members; keys : (members, bands)."""
        first, last = self._size, self._size + len(keys)
        if last > len(self._keys):
            self._grow(last)
        self._keys[first:last] = (keys >> np.uint64(32)).astype(np.uint32)
        self._slots[first:last] = keys.astype(np.uint32)
        self._size = last
        self._link(first, last)

    def lookup(self, keys: Keys, own: Members | None = None) -> tuple[Members, Members]:
        """Return (asked, member): all pairs that share a key of some band, each once, sorted.

        own : the keys are those of these members; only members before them are looked at.
        """
        marks = (keys >> np.uint64(32)).astype(np.uint32).ravel()
        bands = np.tile(self._bands, len(keys))
        asked = np.repeat(np.arange(len(keys)), len(self._bands))
        slots = keys.astype(np.uint32).ravel()
        member = self._heads[self._places(slots, bands)] if own is None else self._before[own].ravel()
        found = []
        for _ in range(MOST_STEPS):
            live = member >= 0
            if not live.any():
                break
            member, bands, asked, marks = member[live], bands[live], asked[live], marks[live]
            same = self._keys[member, bands] == marks
            found.append(asked[same] << 32 | member[same])
            member = self._before[member, bands]
        pairs = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
        return pairs >> 32, pairs & 0xFFFFFFFF

    def _places(self, slots: NDArray[np.uint32], bands: Members) -> Members:
        mask = len(self._heads) // len(self._bands) - 1
        return (slots & np.uint32(mask)).astype(np.int64) * len(self._bands) + bands

    def _grow(self, least: int) -> None:
        """Make room, twice as much as before or more; slots are linked anew."""
        room = max(1 << (least - 1).bit_length(), 2 * len(self._keys))
        for name in ("_keys", "_before", "_slots"):
            old = getattr(self, name)
            new = np.empty((room, len(self._bands)), dtype=old.dtype)
            new[: self._size] = old[: self._size]
            setattr(self, name, new)
        self._heads = np.full(room * len(self._bands), -1, dtype=np.int32)
        self._link(0, self._size)

    def _link(self, first: int, last: int) -> None:
        """Chain members [first, last) to their slots, in order."""
        count = last - first
        if not count:
            return
        bands = np.tile(self._bands, count)
        places = self._places(self._slots[first:last].ravel(), bands)
        members = np.repeat(np.arange(first, last, dtype=np.int32), len(self._bands))
        if count > 1:
            order = np.argsort(places, kind="stable")
            places, members, bands = places[order], members[order], bands[order]
            again = np.flatnonzero(places[1:] == places[:-1]) + 1
        else:
            again = np.empty(0, dtype=np.int64)
        before = self._heads[places]
        before[again] = members[again - 1]
        self._before[members, bands] = before
        self._heads[places] = members  # of several in one slot the last, the newest, stays
