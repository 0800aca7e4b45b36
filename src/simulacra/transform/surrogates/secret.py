"""What decides which surrogate a value gets: a key that only the owner of the texts has.

A surrogate is a function of the key and the value, so the same person gets the same name in every text, on any worker,
in any order, and nothing has to be remembered. Without the key nobody can try out names to see which one it was; that
is why the key is drawn by the machine's own source of chance, and never follows from a seed that a report shows.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Sequence

from ..editing.draws import Draws
from .names import fold

__all__ = ["KEY_BYTES", "Secret", "draw_key"]

KEY_BYTES = 32
_TRIES = 64


def draw_key() -> bytes:
    """Return a fresh key of 32 bytes; another call never gives the same."""
    return secrets.token_bytes(KEY_BYTES)


class Secret:
    """Draws that follow from a key and a value.

    scope : put into every value's digest: texts with different scopes share no surrogates.

    >>> secret = Secret(b"k" * 32)
    >>> secret.draws("last", "Miller").below(1000) == secret.draws("last", "Miller").below(1000)
    True
    """

    __slots__ = ("_key", "_scope")

    def __init__(self, key: bytes, scope: str = "") -> None:
        self._key, self._scope = key, scope

    def scoped(self, scope: str) -> Secret:
        """Return the same key for another scope."""
        return Secret(self._key, scope)

    def draws(self, kind: str, value: str) -> Draws:
        """Return the random numbers of a value of a kind; source: keyed BLAKE2b (RFC 7693)."""
        text = "\x1f".join((self._scope, kind, value)).encode("utf-8", "surrogatepass")
        return Draws(int.from_bytes(hashlib.blake2b(text, key=self._key, digest_size=8).digest(), "little"))

    def pick(self, kind: str, value: str, pool: Sequence[str], avoid: Collection[str] = ()) -> str:
        """Return one of a pool for a value: neither the value itself nor, if any other is met, one of `avoid`.

        avoid : as `names.fold` writes them.
        """
        draws = self.draws(kind, value)
        made = draws.pick(pool)
        for _ in range(_TRIES):
            if fold(made) not in avoid and fold(made) != fold(value):
                break
            made = draws.pick(pool)
        return made

    def until(self, kind: str, value: str, make: Callable[[Draws], str]) -> str:
        """Return what `make` makes of the value's draws, drawn again while it is the value itself."""
        draws = self.draws(kind, value)
        made = make(draws)
        for _ in range(_TRIES):
            if made != value:
                break
            made = make(draws)
        return made
