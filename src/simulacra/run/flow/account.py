"""What an attempt asked of models and what it paid."""

from __future__ import annotations

__all__ = ["Account"]


class Account:
    """The calls of one attempt: their keys and models in the order they were made, tokens and dollars in all."""

    __slots__ = ("calls", "dollars", "models", "tokens_in", "tokens_out")

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.models: list[str] = []
        self.tokens_in = self.tokens_out = 0
        self.dollars = 0.0
