"""The recipe of texts made private: which table, which of its columns, what stays, and by which way."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from .reading import Movable, dump_yaml, locate, resolve

__all__ = ["Recipe", "locate", "resolve"]


class Recipe(Movable):
    """One run: the same texts about other people; or, with `twin`, new ones that a model writes from attributes."""

    paths: ClassVar = ("source", "holdout", "key")
    simulacra: Literal[1] = Field(default=1, description="version of the recipe format")
    method: Literal["private"] = "private"
    source: str = Field(description="the table of real texts")
    text: str = Field(description="its column of texts")
    label: str | None = Field(default=None, description="a column of classes: passed on, and used to measure utility")
    keep: list[str] = Field(default_factory=list, description="other columns that are passed on; no other is")
    protect: list[str] = Field(default_factory=list, description="regular expressions of what stays")
    replace: list[str] = Field(default_factory=list, description="regular expressions of what is an identifier too")
    kinds: list[str] = Field(default_factory=list, description="kinds of values that are replaced; []: all")
    together: bool = Field(default=True, description="the same surrogates in all texts; false: each text its own")
    holdout: str | None = Field(default=None, description="file of real texts that are not among these, for the audit")
    key: str | None = Field(
        default=None,
        description="file of the secret that decides the surrogates; null: one of each folder's own, so that the same "
        "recipe gives other surrogates in another folder",
    )
    twin: str | None = Field(default=None, description="a model that writes new texts, in place of surrogates")
    rows: int | None = Field(default=None, ge=1, description="of `twin`: texts to write; null: as many as described")
    setting: str = Field(default="", description="of `twin`: what the texts are, in a line")
    seed: int = Field(default=0, ge=0)
    gates: list[str] = Field(default_factory=list, description="bounds in the place of the defaults")
    format: Literal["parquet", "csv", "jsonl"] = "csv"

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if self.twin is None and (self.rows is not None or self.setting):
            raise ValueError("rows and a setting are for twins: name the model that writes them under `twin`")
        if self.twin is not None and self.keep:
            raise ValueError("a twin has no other columns: leave `keep` away, or `twin`")
        return self

    def to_yaml(self) -> str:
        """Return the text of recipe.yaml, without what is left at its default."""
        content = self.model_dump(mode="json", exclude_defaults=True)
        return dump_yaml({"simulacra": 1, "method": "private", **content})
