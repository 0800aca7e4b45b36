"""Cut texts into the word pieces of a byte-pair encoding whose vocabulary marks word beginnings by "▁" (Llama 2's).

No piece of such a vocabulary holds a "▁" after another sign, so a text can be cut before each run of them and every
chunk merged by itself, once: words come again.

Source: Sennrich et al. 2016; the file format of the package tokenizers ("BPE" with byte fallback).
Not handled: special tokens written out in a text (they are read as text); chunks of more than 64 signs are cut there.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

__all__ = ["Pieces"]

_CHUNK = re.compile(r"▁+[^▁]*|[^▁]+")
_LONGEST = 64
_REMEMBERED = 200_000


class Pieces:
    """The vocabulary and its merges."""

    def __init__(self, path: Path) -> None:
        model = json.loads(path.read_text(encoding="utf-8"))["model"]
        self._codes: dict[str, int] = model["vocab"]
        merges = (merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"])
        self._ranks = {(left, right): rank for rank, (left, right) in enumerate(merges)}
        self._known: dict[str, tuple[int, ...]] = {}

    def codes(self, text: str) -> list[int]:
        """Return the numbers of the text's pieces; an empty text has none."""
        codes: list[int] = []
        if not text:
            return codes
        for chunk in _CHUNK.findall("▁" + text.replace(" ", "▁")):
            codes += self._known.get(chunk) or self._learn(chunk)
        return codes

    def _learn(self, chunk: str) -> tuple[int, ...]:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        cuts = range(0, len(chunk), _LONGEST)
        codes = tuple(code for start in cuts for code in self._merge(chunk[start : start + _LONGEST]))
        self._known[chunk] = codes
        return codes

    def _merge(self, chunk: str) -> list[int]:
        """Merge the best-ranked neighbours, leftmost first, until none can be merged."""
        parts = [part for sign in chunk for part in self._start(sign)]
        while len(parts) > 1:
            ranks = [self._ranks.get(pair, len(self._ranks)) for pair in pairwise(parts)]
            best = min(ranks)
            if best == len(self._ranks):
                break
            place = ranks.index(best)
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        return [self._codes[part] for part in parts]

    def _start(self, sign: str) -> list[str]:
        """Return the sign, or its bytes if the vocabulary does not have it."""
        return [sign] if sign in self._codes else [f"<0x{byte:02X}>" for byte in sign.encode("utf-8", "replace")]
