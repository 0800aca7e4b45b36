"""One seed for a run, a tree of named random generators under it.

Whoever draws asks for the branch with its own name, so adding a draw in one place changes nothing in another, and a
batch's randomness depends on its index alone, never on the worker that happens to make it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Seeds"]


@dataclass(frozen=True, slots=True)
class Seeds:
    """A node of the seed tree.

    >>> root = Seeds(7)
    >>> root.child("batch", 3) == root.child("batch", 3)
    True
    >>> float(root.child("fit").rng().random()) == float(root.child("sample").rng().random())
    False
    """

    root: int
    path: tuple[str, ...] = ()

    def child(self, *names: str | int) -> Seeds:
        """Return the node below this one with the given name or names."""
        return Seeds(self.root, (*self.path, *(str(name) for name in names)))

    def integer(self) -> int:
        """Return this node's own seed, an integer in [0, 2**64)."""
        text = "\x1f".join((str(self.root), *self.path)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")

    def rng(self) -> np.random.Generator:
        """Return a fresh generator that starts at this node's seed."""
        import numpy as np

        return np.random.Generator(np.random.PCG64(self.integer()))
