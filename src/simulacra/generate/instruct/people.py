"""Who asks: personas for questions and requests, made up of a place in life and what matters to that person."""

from __future__ import annotations

__all__ = ["PERSONAS", "TECHNICAL"]

PERSONAS = (
    "a student who is short of time",
    "a retired teacher who writes long, polite sentences",
    "a single parent on a phone, interrupted all the time",
    "a small-business owner who counts every cent",
    "a night-shift nurse who is tired and direct",
    "a newcomer who writes in a second language",
    "an engineer who wants exact figures",
    "a lawyer who asks about terms and exceptions",
    "a customer who is angry after two failed attempts",
    "a careful person who is afraid of doing something wrong",
    "a manager who needs a short answer for a meeting",
    "a person with low vision who uses a screen reader",
    "a journalist who checks facts",
    "a teenager who writes in slang and lower case",
    "a long-standing customer who compares with the past",
    "a sceptic who does not trust the company",
)

TECHNICAL = (
    "a developer who is new to it",
    "a developer who ships a first service to production",
    "a site reliability engineer on call at night",
    "a platform engineer who serves twenty teams",
    "a security engineer who prepares an audit",
    "a system administrator who comes from virtual machines",
    "a data engineer who runs heavy batch jobs",
    "a team lead who must explain a decision",
    "a student who prepares for an exam",
    "a consultant who takes over somebody else's set-up",
)
