"""The recipe of a distillation: seeds, teacher, student, how much is written, and on what it is judged."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from .reading import Movable, dump_yaml, locate, resolve

__all__ = ["Recipe", "locate", "resolve"]


class Recipe(Movable):
    """One run: a teacher writes or labels texts, a student learns from them, held-out real texts decide."""

    paths: ClassVar = ("seeds", "test", "real", "unlabelled")
    simulacra: Literal[1] = Field(default=1, description="version of the recipe format")
    method: Literal["distill"] = "distill"
    seeds: str = Field(description="file of labelled real texts; a few a class are enough")
    text: str = Field(default="text", description="its column of texts")
    label: str = Field(default="label", description="its column of classes")
    teacher: str = Field(default="embedded", description="the model that writes and labels")
    student: Literal["tfidf", "embedding"] | None = Field(
        default=None, description="what is trained; null: on embeddings where their weights are installed, else TF-IDF"
    )
    rows: int = Field(default=100, ge=1, le=1_000_000, description="accepted rows to deliver")
    seed: int = Field(default=0, ge=0)
    about: str = Field(default="", description="a line for the teacher that says what the texts are")
    classes: dict[str, str] = Field(default_factory=dict, description="label -> words by which the teacher knows it")
    shots: int | None = Field(
        default=None, ge=1, description="seeds a class; the file's other rows are kept for judging. "
        "null: all rows with a test file, else 5"
    )  # fmt: skip
    test: str | None = Field(default=None, description="file of held-out real rows; null: half of what is not seeds")
    real: str | None = Field(default=None, description="more labelled real rows, only to tell what the texts are worth")
    unlabelled: str | None = Field(
        default=None, description="file of real texts for the teacher to label: it writes none"
    )
    filter: Literal["auto", "seeds", "teacher", "none"] = Field(
        default="auto",
        description="who refuses texts of another class; one no better than chance never does",
    )
    best_of: int = Field(default=1, ge=1, le=16, description="texts written for a row, of which the best is kept")
    temperature: float = Field(default=0.8, ge=0, le=2)
    checks: list[str | dict[str, dict[str, Any]]] | None = Field(
        default=None, description="row checks; null: the usual ones, see docs/distill.md"
    )
    metric: Literal["balanced", "accuracy"] = Field(default="balanced", description="of the student on the test rows")
    teacher_rows: int = Field(default=100, ge=0, le=100_000, description="test rows that the teacher is asked about")
    tries: int = Field(default=12, ge=1, le=1000, description="tries of one row")
    attempts: int | None = Field(default=None, ge=1, description="ceiling on attempts; null: 6 a row and 50")
    gates: list[str] | None = Field(default=None, description="e.g. 'utility.gain >= 0.02'; null: the defaults")
    format: Literal["parquet", "csv", "jsonl"] = "jsonl"

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if self.text == self.label:
            raise ValueError(f"{self.text!r} cannot be both text and label")
        for name in (self.text, self.label):
            if name.startswith("_") or not name:
                raise ValueError(f"{name!r} cannot be a column here: names that begin with _ are ours")
        if self.unlabelled is not None and self.best_of > 1:
            raise ValueError("best_of is for texts that are written, not for those that are labelled")
        return self

    def to_yaml(self) -> str:
        """Return the text of recipe.yaml, without what is left at its default."""
        content = self.model_dump(mode="json", exclude_defaults=True)
        return dump_yaml({"simulacra": 1, "method": "distill", **content})
