"""Which models can be asked from here: is there a key, are the weights installed. Asks nobody and shows no key."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from .. import registry
from .naming import look_up
from .weights import CATALOGUE, locate_part

__all__ = ["Presence", "presences"]

_EMBEDDED = next(iter(CATALOGUE))


@dataclass(frozen=True, slots=True)
class Presence:
    """One kind of model. ready : it can be asked as things are. told : why, or what to do; never a key's value."""

    name: str
    ready: bool
    told: str


def presences() -> list[Presence]:
    """Return the vendors that take a key and the models that can lie on this machine."""
    keyed = [registry.find("model", name) for name in registry.names("model")]
    found = [
        _key(kind.name, kind.key_variable, needed=kind.needs_key) for kind in keyed if hasattr(kind, "key_variable")
    ]
    return found + [_weights(name) for name in CATALOGUE]


def _key(name: str, variable: str, *, needed: bool) -> Presence:
    if look_up(variable) is not None:
        return Presence(name, True, f"key found in {variable}")
    if not needed:
        return Presence(name, True, f"needs no key; {variable} is taken if set")
    return Presence(name, False, f"no key: set {variable} in the environment or in .env")


def _weights(name: str) -> Presence:
    wanted = CATALOGUE[name]
    if not all(locate_part(wanted, part) for part in wanted.parts):
        return Presence(name, False, f"not installed: simulacra models install {name}")
    if importlib.util.find_spec("xllamacpp") is None and name == _EMBEDDED:
        return Presence(name, False, "weights installed, but not what runs them: pip install 'simulacra[local]'")
    return Presence(name, True, "installed")
