"""How a schema is put to a model: the server's own schema mode, a tool, JSON mode, or words in the prompt.

The best mode that a model's server knows is found once and remembered. The call's key is that of the call as it was
asked: the mode is how it travels.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..contracts.models import Answer, Call, Capabilities, Message

__all__ = ["MODES", "RESPOND", "Ladder"]

MODES = ("json_schema", "tools", "json", "prompt")
"""Best first. "json_schema", "tools" and "json" need the server's help; "prompt" always works, more or less."""
RESPOND = "respond"
"""The tool through which a model answers in the mode "tools"."""
_DEAF = 3
_WORDS = "Answer with one JSON value that satisfies this JSON schema, and nothing else:\n"


class Ladder:
    """The mode of one model; steps down when the server refuses a mode, or takes it and does not heed it.

    known : the mode that worked in an earlier run. found : called with the mode when it changes.
    """

    def __init__(
        self, capabilities: Capabilities, *, known: str | None = None, found: Callable[[str], None] | None = None
    ) -> None:
        self._modes = [mode for mode in MODES if mode in capabilities.schema or mode == "prompt"]
        if known in self._modes:
            self._modes = self._modes[self._modes.index(known) :]
        self._found = found
        self._deaf = 0

    @property
    def mode(self) -> str:
        """The mode that is used now."""
        return self._modes[0]

    def down(self, mode: str) -> bool:
        """The server refused `mode`: go to the next; False if there is none."""
        if mode != self.mode:
            return True  # another call has been here
        if len(self._modes) == 1:
            return False
        self._modes.pop(0)
        self._deaf = 0
        if self._found is not None:
            self._found(self.mode)
        return True

    def heeded(self, mode: str, *, is_json: bool) -> None:
        """Learn whether an answer was JSON at all; a mode whose first answers are not is no mode."""
        if mode != self.mode or self._deaf < 0 or mode == "prompt":
            return
        self._deaf = -1 if is_json else self._deaf + 1
        if self._deaf >= _DEAF:
            self.down(mode)

    def ask(self, call: Call, mode: str) -> Call:
        """Return the call as it is sent in that mode; "" is a call without a schema."""
        if not mode or call.schema is None or mode == "json_schema":
            return call
        if mode == "tools" and not call.tools:
            tool = {"name": RESPOND, "description": "Give the answer.", "parameters": _as_object(call.schema)}
            parameters = {**call.parameters, "tool_choice": RESPOND}
            return replace(call, schema=None, tools=(tool,), parameters=parameters)
        words = _WORDS + json.dumps(call.schema, ensure_ascii=False, separators=(",", ":"), default=dict)
        extra = {"response_format": "json"} if mode == "json" else {}
        parameters = {**call.parameters, **extra}
        if call.prompt is not None:
            return replace(call, schema=None, prompt=f"{words}\n\n{call.prompt}", parameters=parameters)
        return replace(call, schema=None, messages=_with_words(call.messages, words), parameters=parameters)

    def read(self, answer: Answer, mode: str) -> Answer:
        """Return the answer as if it had come as text, whatever the mode."""
        if mode != "tools":
            return answer
        for tool in answer.tools:
            if tool.name == RESPOND:
                finish = "stop" if answer.finish == "tools" else answer.finish
                return replace(answer, text=tool.arguments, tools=(), finish=finish)
        return answer


def _with_words(messages: tuple[Message, ...], words: str) -> tuple[Message, ...]:
    if messages and messages[0].role == "system":
        return (replace(messages[0], content=f"{messages[0].content}\n\n{words}"), *messages[1:])
    return (Message("system", words), *messages)


def _as_object(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema if it is one of an object, as tools need it; else an object with that one value."""
    if schema.get("type") == "object" or "properties" in schema or "$ref" in schema:
        return schema
    rest = {name: value for name, value in schema.items() if name != "$defs"}
    wrapped: dict[str, Any] = {"type": "object", "properties": {"value": rest}, "required": ["value"]}
    return {**wrapped, "$defs": schema["$defs"]} if "$defs" in schema else wrapped
