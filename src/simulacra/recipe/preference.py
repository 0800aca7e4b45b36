"""The recipe of preference pairs and verified reasoning: prompts, who answers, and what makes one answer the better."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from .reading import Movable, dump_yaml, locate, resolve

__all__ = ["Recipe", "locate", "resolve"]


class Recipe(Movable):
    """One run: k answers to each prompt; judged, revised or verified; pairs or verified traces come out."""

    paths: ClassVar = ("prompts",)
    simulacra: Literal[1] = Field(default=1, description="version of the recipe format")
    method: Literal["preference"] = "preference"
    prompts: str = Field(description="file of prompts, e.g. the data file of an instruct run")
    prompt: str = Field(default="prompt", description="its column of prompts")
    answer: str = Field(default="", description="its column of known final answers; needed by `verified`")
    by: Literal["judged", "principles", "verified"] = Field(
        default="judged",
        description="judged: the best and the worst of k answers; principles: an answer and its revision; "
        "verified: reasoning whose final answer is the known one",
    )
    answers: list[str] = Field(default_factory=lambda: ["embedded"], min_length=1, description="models that answer")
    temperatures: list[float] = Field(default_factory=lambda: [0.3, 1.1], min_length=1, description="of each model")
    judges: list[str] = Field(default_factory=list, description="models that judge; []: the first that answers")
    aspects: list[str] = Field(default_factory=lambda: ["helpful", "accurate", "clear"], min_length=1)
    principles: list[str] = Field(default_factory=list, description="sentences that a revision must satisfy")
    margin: float = Field(default=0.5, gt=0, le=1, description="least lead of the chosen answer, of 1")
    deliver: Literal["pairs", "traces"] = Field(default="pairs", description="of `verified`: right and wrong, or right")
    keep: int = Field(default=2, ge=1, le=16, description="traces of one prompt, each by another path")
    rows: int = Field(default=100, ge=1, le=1_000_000, description="rows to deliver at most; each prompt is tried once")
    max_tokens: int = Field(default=512, ge=1)
    seed: int = Field(default=0, ge=0)
    format: Literal["parquet", "csv", "jsonl"] = "jsonl"

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if self.by == "principles" and not self.principles:
            raise ValueError("there are no principles to revise by")
        if self.by == "verified" and not self.answer:
            raise ValueError("verified needs `answer`, the column of known answers")
        if self.by != "principles" and len(self.answers) * len(self.temperatures) < 2:
            raise ValueError("one answer cannot be compared: give several models or temperatures")
        if self.deliver == "traces" and self.by != "verified":
            raise ValueError("traces are delivered by: verified")
        return self

    def to_yaml(self) -> str:
        """Return the text of recipe.yaml, without what is left at its default."""
        return dump_yaml(
            {"simulacra": 1, "method": "preference", **self.model_dump(mode="json", exclude_defaults=True)}
        )
