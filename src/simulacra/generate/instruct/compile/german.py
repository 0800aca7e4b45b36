"""German instructions, in the English words that the rules know; what is asked about stays as it is.

Not handled: other languages, compounds ("Rechtsfragen"), word order that English does not have.
"""

from __future__ import annotations

import re

__all__ = ["anglicise"]

_VERBS = r"schreiben?|erzeugen?|erstellen?|generieren?|verfassen?|erfinden?|mache?n?"
_WORDS = {
    r"fragen": "questions", r"frage": "question", r"antworten": "answers", r"antwort": "answer",
    r"(?:produkt)?(?:rezensionen|bewertungen)": "reviews", r"gespräche|dialoge|unterhaltungen": "conversations",
    r"nachrichten": "messages", r"e-?mails": "emails", r"anfragen": "requests", r"beschwerden": "complaints",
    r"texte": "texts", r"aufgaben": "tasks", r"testfälle": "test cases", r"titel": "title", r"betreff": "subject",
    r"mit(?: ihren| den)?": "with", r"über|zum thema|zum|zur|zu": "about", r"von": "of", r"für": "for", r"und": "and",
    r"oder": "or", r"jeweils|jede[rs]?": "each", r"anfänger": "beginners", r"fortgeschrittene": "intermediate",
    r"experten|profis": "experts", r"schwierigkeit(?:sgrad(?:en?)?|sstufen?)?": "difficulty level",
    r"verschiedenen?|unterschiedlichen?|anderen?": "different",
    r"ton(?:fall|lage|arten?)?": "tone", r"kunden": "customers", r"stimmung": "sentiment",
    r"positive?n?": "positive", r"negative?n?": "negative", r"gemischte?n?": "mixed", r"höchstens": "at most",
    r"mindestens": "at least", r"wörtern?": "words", r"sätzen?": "sentences", r"einem|einer|eine|ein": "a",
    r"dem|den|der|die|das|des": "the",
}  # fmt: skip


def anglicise(text: str) -> str:
    """Return a German instruction with its key words in English and the language named; others as they are.

    >>> anglicise("Schreibe 20 Fragen zum Mietrecht mit Antworten, für Anfänger und Experten.")
    'Write 20 questions about Mietrecht with answers, for beginners and experts. In German.'
    >>> anglicise("Write 20 questions about tenancy law.")
    'Write 20 questions about tenancy law.'
    """
    begins = re.match(rf"\s*(?:bitte )?(?:{_VERBS})\b(?: mir)?", text, re.IGNORECASE)
    if begins is None or not re.search(r"\b(?:fragen|mit|über|zum|zur|für|und|von)\b", text, re.IGNORECASE):
        return text
    told = f"Write{text[begins.end() :]}"
    for german, english in _WORDS.items():
        told = re.sub(rf"\b(?:{german})\b", english, told, flags=re.IGNORECASE)
    ending = "" if re.search(r"\bauf (?:englisch|französisch)|in english\b", told, re.IGNORECASE) else " In German."
    return f"{told.rstrip(' .')}.{ending}"
