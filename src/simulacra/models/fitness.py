"""What a model is of no use for, said before it is asked: its profile has it, as it was measured."""

from __future__ import annotations

from collections.abc import Iterable

from .naming import identity_named
from .profile import profile_of

__all__ = ["tell_unfit"]


def tell_unfit(uses: Iterable[tuple[str, str]]) -> list[str]:
    """Return a sentence for each use that the profile of its model speaks against, each once; nothing is opened.

    uses : (model's name, key of `Profile.unfit`). Errors: RecipeError for a model of no known kind.

    >>> tell_unfit([("embedded", "judge"), ("openai:gpt-5-mini", "judge"), ("embedded", "judge")])
    ['embedded is of no use as a judge: of two answers it prefers the one that it is shown first.']
    """
    known = ((name, profile_of(identity_named(name)).unfit.get(use)) for name, use in dict.fromkeys(uses))
    return [f"{name} is of no use {why}." for name, why in known if why is not None]
