"""One file per embedder: a class under `@register("embedder")`, see `contracts.Embedder`; made without arguments.

The default is `static`, whose weights are installed once (`simulacra models install`); where they are not, it is
`hashing`, which sees spelling and no meaning. Whoever reports a figure made with embeddings names the embedder with it
(`identity`): the two are not the same measure.
"""

from __future__ import annotations

from ... import registry
from ...contracts.models import Embedder
from ..weights import CATALOGUE, locate_part

__all__ = ["open_embedder", "usual_embedder"]

_DEFAULT, _ALWAYS_THERE, _WEIGHTS = "static", "hashing", "wordllama-256"


def open_embedder(name: str | None = None) -> Embedder:
    """Return the embedder of that name, ready to embed.

    name : of `simulacra list embedders`; None takes `static` if its weights are on this machine, else `hashing`, and
    the embedder's `name` and `identity` say which it is.

    Raises RecipeError for a name that is none, MissingError if its weights are not installed.

    >>> open_embedder("hashing").embed(["a lost card", ""]).shape
    (2, 512)
    """
    embedder: Embedder = registry.find("embedder", name or usual_embedder())()
    return embedder


def usual_embedder() -> str:
    """Return the name of the embedder that is taken if none is named: `static` if its weights are here."""
    wanted = CATALOGUE[_WEIGHTS]
    here = all(locate_part(wanted, part) is not None for part in wanted.parts)
    return _DEFAULT if here else _ALWAYS_THERE
