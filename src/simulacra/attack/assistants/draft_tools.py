"""Tools that a system prompt names, with their arguments or by name alone.

A name is snake_case, camelCase or stands in backticks. It names a tool if it is called with brackets, follows a word
such as "use", "call" or "the tool", stands before "tool", or begins a line or sentence that is about tools; names
joined by "and" or "or" are of one kind. So "use refund_order with the order_id" names one tool.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .policy import Tool

__all__ = ["NOT", "named_tools"]

NOT = r"\b(?:never|do not|don't|must not|may not|cannot|refuse to)\s+"
"""How a sentence begins to forbid."""
_WORD = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z]{2,}(?:[A-Z][a-z0-9]+)+"
_CALL = re.compile(rf"\b({_WORD})\(([^()]*)\)")
_NAME = re.compile(rf"(?<![\w{{<@./$-])(?:`([A-Za-z][\w-]+)`|({_WORD}))(?![\w}}>@/=-]|\.\w)")
_USE = r"(?:us(?:e|es|ed|ing)|call(?:s|ed|ing)?|run(?:s|ning)?|invok(?:e|es|ed|ing)|execut(?:e|es|ed|ing)|via)"
_KIND = r"(?:tools?|functions?)"
_LEADS = re.compile(rf"\b(?:{_USE}\s+(?:the\s+{_KIND}\s+)?|{_KIND}(?:\s+(?:named|called|is|are))?\s*:?\s*)`?$", re.I)
_FOLLOWS = re.compile(rf"\s+{_KIND}\b", re.I)
_ABOUT = re.compile(rf"\b(?:{_USE}|{_KIND})\b", re.I)
_BEGINS = re.compile(r"[\W\d]*")
_JOINED = re.compile(r"(?:,|\b(?:and|or|then))\s*$", re.I)
_BARRED = re.compile(rf"{NOT}{_USE}\b(?:\W|\b(?:the|and|or|{_KIND})\b)*$", re.I)


def named_tools(sentences: Sequence[str], *, known: frozenset[str] = frozenset()) -> tuple[tuple[Tool, ...], set[str]]:
    """Return the tools that a prompt names, and the sentences that do nothing but forbid some of them.

    sentences : lines of a list are sentences of their own. known : values that are no names, as of secrets.

    >>> tools, barred = named_tools(["Use the tool approve_expense with an order_id.", "Never call delete_log."])
    >>> [(one.name, one.forbidden) for one in tools], barred
    ([('approve_expense', False), ('delete_log', True)], {'Never call delete_log.'})
    """
    arguments: dict[str, list[str]] = {}
    forbidden: set[str] = set()
    barred: set[str] = set()
    heading = ""
    for sentence in sentences:
        for name, inside in _CALL.findall(sentence):
            arguments[name] = arguments.get(name) or re.findall(r"(?:^|,)\s*(\w+)", inside)
        heading = sentence if sentence.startswith("#") or sentence.endswith(":") else heading
        bare = _CALL.sub(r"\1", sentence)
        found = [(name, start) for name, start in _names(bare, heading) if name not in known]
        arguments |= {name: arguments.get(name, []) for name, _ in found}
        end = _BARRED.search(_NAME.sub(lambda one: "`" * len(one[0]), bare))
        if end is not None and (never := {name for name, start in found if start > end.start()}):
            forbidden |= never
            barred.add(sentence)
    return tuple(_tool(name, some, name in forbidden) for name, some in arguments.items()), barred


def _names(sentence: str, heading: str) -> Iterator[tuple[str, int]]:
    """Yield the names of tools in a sentence, and where they stand."""
    last, named = 0, False
    for found in _NAME.finditer(sentence):
        lead = sentence[last : found.start()]
        begins = not last and _BEGINS.fullmatch(lead) and (_ABOUT.search(sentence) or _ABOUT.search(heading))
        joined = last and named and _JOINED.search(lead)
        named = bool(begins or joined or _LEADS.search(lead) or _FOLLOWS.match(sentence, found.end()))
        last = found.end()
        if named:
            yield found[1] or found[2], found.start()


def _tool(name: str, arguments: Sequence[str], forbidden: bool) -> Tool:
    shape = {"type": "object", "properties": {one: {} for one in arguments}} if arguments else {}
    return Tool(name, shape, forbidden=forbidden)
