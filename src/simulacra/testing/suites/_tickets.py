"""Made-up tickets to a help desk: texts that nobody wrote, for tests and examples."""

from __future__ import annotations

import numpy as np

__all__ = ["example_texts"]


def example_texts(count: int = 400, *, seed: int = 0) -> list[str]:
    """Return made-up tickets to a help desk, all different: greetings, troubles, details, wishes, numbers of cases."""
    rng = np.random.default_rng(seed)
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        words = {name: str(rng.choice(choices)) for name, choices in _PARTS.items()}
        first = _OPENINGS[int(rng.integers(len(_OPENINGS)))].format(**words, number=int(rng.integers(2, 30)))
        words = {name: str(rng.choice(choices)) for name, choices in _PARTS.items()}
        second = _ENDINGS[int(rng.integers(len(_ENDINGS)))].format(**words, number=int(rng.integers(2, 30)))
        drawn[f"{first} {second}"] = None
    return list(drawn)


_PARTS = {
    "thing": (
        "the printer",
        "my laptop",
        "the invoice page",
        "our router",
        "the mobile app",
        "my mailbox",
        "the scanner",
        "the shared drive",
        "the web shop",
        "my headset",
        "the booking form",
        "the payroll report",
    ),
    "fault": (
        "stops without a message",
        "shows an empty page",
        "asks for a password again and again",
        "is very slow",
        "prints only half of what it should",
        "says that the licence has run out",
        "cannot be reached from home",
        "loses what I typed",
        "sends everything twice",
        "does not open any more",
    ),
    "since": (
        "since Monday",
        "since the last update",
        "for about a week",
        "every morning",
        "whenever it rains",
        "after the move to the new office",
        "since yesterday noon",
        "when two people use it",
    ),
    "tried": (
        "I restarted it",
        "a colleague looked at it",
        "I cleared the cache",
        "we changed the cable",
        "I read the manual",
        "the supplier was no help",
        "I tried another browser",
        "we waited for an hour",
    ),
    "wish": (
        "please call me back",
        "could somebody come by",
        "tell me what to do",
        "I need it by tomorrow",
        "there is no hurry",
        "let me know what it costs",
        "send me a replacement",
        "close the old case as well",
    ),
    "place": (
        "in the warehouse",
        "on the second floor",
        "at the front desk",
        "in Lyon",
        "in the meeting room",
        "at home",
        "in the laboratory",
        "in building C",
    ),
}
_OPENINGS = (
    "Hello, {thing} {place} {fault} {since}.",
    "Since {number} days {thing} {fault}, mostly {place}.",
    "We have {number} people {place} for whom {thing} {fault}.",
    "{thing} {fault} {since}, and {tried}.",
    "It is about {thing} {place}: it {fault}, {number} times a day.",
)
_ENDINGS = (
    "{tried}, but that changed nothing, so {wish}.",
    "What is more, {thing} {fault}; {wish}.",
    "{wish}, I am {place} until {number} past four.",
    "{tried} and {tried}. {wish}.",
    "By the way, {thing} {place} {fault} too, {since}; {wish}.",
)
