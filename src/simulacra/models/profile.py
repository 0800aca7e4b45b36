"""Which form of question suits a model: chat with instructions for the able, lines to be continued for the weak.

The profile of the embedded model was found by measurement (`docs/embedded.md`): in a chat it answers as an assistant
("I'm sorry to hear ..."), continuing lines of examples it writes as the people in them do, at half the price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Example", "Profile", "continue_examples", "profile_of"]

Example = tuple[str, str]
"""What was asked for (a label, a topic), and what was written."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How to ask a model.

    style : "chat": instructions in a chat, several rows a call if wished. "completion": `continue_examples`, one row a
    call. examples : how many examples of what is wanted the prompt should hold; others : how many of something else.
    structured : for records with typed fields, whether to hold the model to a JSON schema. unfit : use -> what it was
    found to do there in place of what is wanted (`evolve`, `facts`, `judge`, `languages` other than English, `revise`,
    `subtopics`); said before a run pays for it (`fitness.tell_unfit`). speed : tokens read, and tokens written, a
    second on one core, None where that is not known. rework : up to how many times the time of first attempts rows
    were seen to take, with what is refused and on a busy machine.
    """

    style: Literal["chat", "completion"] = "chat"
    examples: int = 0
    others: int = 0
    one_per_call: bool = False
    structured: bool = True
    max_tokens: int = 1024
    parameters: Mapping[str, Any] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    speed: tuple[float, float] | None = None
    rework: float = 1.0


_ABLE = Profile()
_WEAK = Profile(
    style="completion", examples=3, others=2, one_per_call=True, max_tokens=60,
    parameters={"temperature": 0.8, "min_p": 0.05, "stop": ["\n"]},
    unfit={
        "evolve": "to make texts harder (evolve): an answer or a remark comes in place of a harder text",
        "facts": "for facts: what it states is wrong more often than right",
        "judge": "as a judge: of two answers it prefers the one that it is shown first",
        "languages": "in other languages: it writes English",
        "revise": "to revise answers by principles: its critique says the answer again",
        "subtopics": "for topics below topics (--below): most of them do not belong there",
    },
    speed=(500.0, 80.0), rework=4.0,
)  # fmt: skip
_PROFILES = {"embedded:smollm2-135m": _WEAK}


def profile_of(identity: str) -> Profile:
    """Return the profile of a model by its identity; one that is not known is taken to be able.

    >>> profile_of("embedded:smollm2-135m").style, profile_of("openai:gpt-5-mini").style
    ('completion', 'chat')
    """
    return _PROFILES.get(identity, _ABLE)


def continue_examples(setting: str, examples: Sequence[Example], wanted: str) -> str:
    """Return a prompt whose continuation, up to the end of the line, is the text that is wanted.

    setting : a line that says what the texts are. examples : in the order in which they are to stand, those of what is
    wanted last: what stands nearest is imitated most. wanted : what the new text is to be about.

    >>> print(continue_examples("Messages to a bank.", [("lost card", "My card is gone!")], "exchange rate"))
    Messages to a bank.
    <BLANKLINE>
    About lost card: My card is gone!
    About exchange rate:
    """
    lines = [f"About {_line(about)}: {_line(text)}" for about, text in examples]
    return "\n".join([_line(setting), "", *lines, f"About {_line(wanted)}:"])


def _line(text: str) -> str:
    return " ".join(text.split())
