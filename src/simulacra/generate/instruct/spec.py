"""What is to be written, settled to the last default: the normal form of an instruct recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .draw import Draw
from .plan import Axis

__all__ = ["Conversation", "Evolution", "Field", "Spec"]

Kind = Literal["written", "asked", "template", "drawn", "conversation", "continued", "evolved"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A field of several turns. rounds : pairs of turns. user, assistant : templates of what each side is told.

    continues : template of a script that a model goes on with; `user` and `assistant` are then the speakers' names.
    """

    rounds: int
    user: str
    assistant: str
    continues: str = ""


@dataclass(frozen=True, slots=True)
class Evolution:
    """A field that makes another one harder. of : that field. rounds : how often. ways : in which; see `evolve`."""

    of: str
    rounds: int = 1
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    kind : "written" together with the other such fields in one call; "asked" by a call of its own; "template" filled
    in; "drawn"; "conversation"; "continued": raw text that a model goes on with, from `begins` on, `cut` where it is
    whole; "evolved": another field made harder. schema : JSON schema of its value. about : what it holds, in words for
    the model.
    text : the template, or the prompt of its own call. when : a condition; where it does not hold the value is None.
    models : who answers its own call; several answer side by side and the value is {model: answer}. Of a conversation:
    who plays the assistant, or the user and the assistant.
    parameters : of its own call, beside the recipe's. system : template of its own call's system prompt.
    """

    name: str
    kind: Kind = "written"
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    about: str = ""
    text: str = ""
    when: str = ""
    models: tuple[str, ...] = ()
    deliver: bool = True
    draw: Draw | None = None
    conversation: Conversation | None = None
    begins: str = ""
    cut: str = ""
    system: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    evolve: Evolution | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole recipe of written records.

    instruction : the person's own words, told to the model. axes, balance : see `plan.Plan`. prompt, system : templates
    of the call that writes; "" for the usual ones. many : records that one call writes. examples : (identity, record)
    shown to the model, `shown` of them at a time. writers : models that write, in turn by slot.
    turns : the models of each role that several have.
    parameters : of the calls, e.g. {"temperature": 0.9}. pool : accepted rows shown beside them.
    """

    instruction: str
    fields: tuple[Field, ...]
    axes: tuple[Axis, ...] = ()
    balance: tuple[str, ...] = ()
    prompt: str = ""
    system: str = ""
    many: int = 1
    examples: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    shown: int = 3
    writers: tuple[str, ...] = ()
    turns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pool: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def written(self) -> list[Field]:
        """The fields that one call writes together."""
        return [one for one in self.fields if one.kind == "written"]

    def model(self, name: str, slot: int) -> str:
        """Return who has a role at a slot of the plan; a model's own name stays.

        >>> Spec("", (), turns={"writer": ("a", "b")}).model("writer", 3)
        'b'
        """
        turns = self.turns.get(name)
        return turns[slot % len(turns)] if turns else name

    def delivered(self) -> list[str]:
        """Return the names of what a finished row holds: axes first, then fields, in their order."""
        return [*(axis.name for axis in self.axes), *(one.name for one in self.fields if one.deliver)]
