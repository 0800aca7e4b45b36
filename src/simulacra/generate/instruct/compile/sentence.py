"""What a sentence asks for: how many, of what, about what, with which fields, in which variety, within which bounds.

Rules for English (German is put into its words first), made for sentences such as "Generate 50 questions about
Kubernetes with their answers. Each question should cover a different difficulty level." Not handled: other languages
(the words still reach the model), negation ("without answers"), nested fields.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from .german import anglicise

__all__ = ["Asked", "Bound", "Wanted", "read_list", "read_sentence", "singular", "snake"]

_NUMBERS = {
    "a dozen": 12, "two dozen": 24, "a hundred": 100, "one hundred": 100, "two hundred": 200, "five hundred": 500,
    "a thousand": 1000, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "eighty": 80, "two": 2, "three": 3, "four": 4,
}  # fmt: skip
_COUNT = r"(?P<count>\d[\d,_.]*\d|\d|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")\s*(?P<k>k\b)?"
_VERB = (
    r"(?:please\s+)?(?:can you\s+|could you\s+|i (?:need|want|would like)(?: you to)?\s+|we need\s+|give me\s+)?"
    r"(?:generate|create|write|make|produce|compose|draft|build|prepare|synthesi[sz]e|invent|design|develop|provide)?\s*"
)
_STOP = (
    r"(?=\s+(?:about|on|regarding|concerning|covering|around|for|with|that|which|who|where|from|in|to|of|across|based|as|"
    r"written|labell?ed|including|such|between|using|each|per|by|at|under|grounded)\b|[,.;:(]|$)"
)
_SUBJECT_STOP = (
    r"(?=\s+(?:with|that|which|each|including|labell?ed|such as|together|along|where|written|in (?:the style|a|an|"
    r"different|various|german|english|french|spanish|italian)|across|covering|from|at|"
    r"for (?:beginners|experts|an?\b|our|evaluat|training|testing))\b|[.;:(\n]|"
    r",\s*(?:with|each|including|labell?ed|in|and their|between|under|at|no|up|max)|$)"
)
_PART = "w\u0268th"
_DOING = r"\b(\w+ing) with(?! (?:their|its|his|her|an?|the|each|every|one|two|answers?|titles?|labels?|examples?|\d)\b)"
"""In "cooking with leftovers" what follows belongs to the subject; it is no field."""
_SMALL = ("a", "an", "the", "their", "its", "his", "her", "one", "some", "of", "each", "matching", "corresponding")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field that the sentence names. choices : its only values, if it lists some. scale : its least and its most, if
    it is a whole number.
    """

    name: str
    about: str = ""
    choices: tuple[str, ...] = ()
    scale: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound on a text's length: of the field with that name, or of all ("")."""

    field: str
    unit: str
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What was understood of an instruction. item : the thing in the singular; subject : "" if none was named."""

    instruction: str
    item: str
    subject: str = ""
    count: int | None = None
    fields: tuple[Wanted, ...] = ()
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bounds: tuple[Bound, ...] = ()
    languages: tuple[str, ...] = ()


def read_sentence(instruction: str) -> Asked:
    """Return what an instruction asks for.

    >>> asked = read_sentence("Write 20 short reviews of headphones, each with a title and a sentiment (good or bad).")
    >>> asked.count, asked.item, asked.subject, [(one.name, one.choices) for one in asked.fields]
    (20, 'short review', 'headphones', [('title', ()), ('sentiment', ('good', 'bad'))])
    """
    text = re.sub(_DOING, rf"\1 {_PART}", anglicise(" ".join(instruction.split())))
    count, item, rest = _head(text)
    subject = _subject(item, rest).replace(_PART, "with")
    return Asked(
        instruction=instruction.strip(),
        item=_without(singular(item), subject) or "text",
        subject=subject,
        count=count,
        fields=_fields(text),
        lists=_lists(text),
        bounds=_bounds(text),
        languages=_languages(text),
    )


def _head(text: str) -> tuple[int | None, str, str]:
    """Return the count, the noun phrase that is counted, and the text after it."""
    counted = re.match(
        rf"{_VERB}(?:me\s+)?(?:exactly |about |around |up to )?{_COUNT}\s+(?P<item>.+?){_STOP}", text, re.I
    )
    if counted is None:
        counted = re.search(rf"\b{_COUNT}\s+(?P<item>[a-z][\w &/'-]+?){_STOP}", text, re.I)
    if counted is not None and not re.match(
        r"(?:words|sentences|characters|percent|%|years?)\b", counted["item"], re.I
    ):
        return _number(counted["count"], counted["k"]), _bare(counted["item"]), text[counted.end() :]
    plain = re.match(
        rf"{_VERB}(?:me\s+)?(?:an? |some |several |many |a (?:set|list|collection) of )?(?P<item>.+?){_STOP}",
        text,
        re.I,
    )
    if plain is None:
        return None, text.split(".")[0], ""
    return None, _bare(plain["item"]), text[plain.end() :]


def _number(text: str, thousands: str | None) -> int:
    known = _NUMBERS.get(text.lower())
    number = known if known is not None else int(re.sub(r"\D", "", text) or 1)
    return max(1, number * (1000 if thousands else 1))


def _bare(item: str) -> str:
    return re.sub(
        r"^(?:different|diverse|unique|various|distinct|realistic|high-quality|good|new|of)\s+",
        "",
        item.strip(),
        flags=re.I,
    )


def _subject(item: str, rest: str) -> str:
    first = rest.split(". ")[0]
    for words in (r"about|regarding|concerning|around|on", r"of|covering", r"for|from"):
        found = re.search(rf"\b(?:{words})\s+(?:the (?:topic|subject) of\s+)?(.+?){_SUBJECT_STOP}", first, re.I)
        if found is not None and not re.match(r"(?:different|various|each|\d)", found[1], re.I):
            subject = found[1].strip(" ,\"'")
            return (
                "" if re.fullmatch(r"(?:the )?(?:topics?|subjects?|themes?|areas?|following.*)", subject) else subject
            )
    names = [word for word in item.split()[:-1] if word[:1].isupper()]
    return " ".join(names)


def _without(item: str, subject: str) -> str:
    words = [word for word in item.split() if word not in subject.split()]
    return " ".join(words)


def _fields(text: str) -> tuple[Wanted, ...]:
    """Return the fields named after "with", "each with", "including"."""
    found: dict[str, Wanted] = {}
    pattern = (
        r"\b(?:with|together with|along with|(?:each|every \w+|it) (?:has|have|having|contains?|includes?|"
        r"should (?:have|contain|include)))\s+(.+?)(?=[.;:]\s|[.;]$|$|\s(?:about|on|that|which|where|for|from|they|it|"
        r"in (?:which|the)|labell?ed|across|covering)\b|,\s*(?:each|in|and in|about))"
    )
    for match in re.finditer(pattern, text, re.I):
        listed = match[1]
        if re.match(
            r"(?:different|various|varying|varied|at (?:least|most)|no |more than|fewer|up to|between|less|\d|real|"
            r"production|\w+ (?:such as|like|including)\b)",
            listed,
            re.I,
        ):
            continue
        for part in _parts(listed):
            name, choices = _name_of(part)
            if name and len(name.split("_")) <= 4 and name not in found:
                found[name] = Wanted(name, part if " " in part else "", choices, _scale(name, text))
    labelled = re.search(
        r"\blabell?ed (?:as |by |with )?(?:(?:their|its|an?) (\w+)\s*)?[:(]?\s*([\w ,/'-]+?)"
        r"(?:[).;]|,? (?:in|with|about|each|from)\b)",
        text + ".",
        re.I,
    )
    if labelled is not None and len(read_list(labelled[2])) > 1:
        name = snake(labelled[1] or "label")
        found[name] = Wanted(name, "", tuple(read_list(labelled[2])))
    return tuple(found.values())


def _scale(name: str, text: str) -> tuple[int, int] | None:
    """Return the ends of "a star rating from 1 to 5", None if that field has none."""
    words = r"\s+".join(map(re.escape, name.split("_")))
    lead = r"s?\s*(?:from|between|of|on a scale (?:of|from)|\()\s*"
    found = re.search(rf"\b{words}{lead}(\d+)\s*(?:to|and|-|–)\s*(\d+)\b", text, re.I)
    return (int(found[1]), int(found[2])) if found and int(found[1]) < int(found[2]) else None


def _parts(listed: str) -> list[str]:
    """Return the members of "a title, a body (short) and a sentiment (good, bad or mixed)"."""
    kept = re.findall(r"\([^)]*\)", listed)
    numbers = itertools.count()
    hidden = re.sub(r"\([^)]*\)", lambda _: f"\x00{next(numbers)}\x00", listed)
    parts = re.split(r",\s*(?:and |or |plus )?|\s+(?:and|plus|as well as)\s+", hidden)
    return [re.sub("\x00(\\d+)\x00", lambda match: kept[int(match[1])], part).strip() for part in parts if part.strip()]


def _name_of(part: str) -> tuple[str, tuple[str, ...]]:
    """Return the field's name and its choices: "a sentiment (good or bad)" -> sentiment, good, bad."""
    listed = re.search(r"\((?:either |one of |e\.g\.,? )?([^)]*)\)|:\s*(.+)$", part)
    choices = tuple(read_list(listed[1] or listed[2])) if listed else ()
    words = re.sub(r"\(.*?\)|:.*$", "", part).split()
    while words and words[0].lower() in _SMALL:
        words.pop(0)
    words = [
        word
        for word in words
        if word.lower()
        not in ("short", "long", "detailed", "correct", "clear", "brief", "concise", "good", "complete", "different")
    ]
    name = snake(singular(" ".join(words)))
    return name, choices if len(choices) > 1 else ()


def _lists(text: str) -> dict[str, tuple[str, ...]]:
    """Return axis -> levels for lists that are spelled out: "topics such as A, B and C", "tones: formal and casual"."""
    found: dict[str, tuple[str, ...]] = {}
    named = (
        r"(topics?|subjects?|areas?|themes?|categories|category|difficult(?:y|ies)(?: levels?)?|levels?|personas?|"
        r"audiences?|users?|tones?|styles?|scenarios?|situations?|intents?|types?|kinds?|languages?|industries|industry|"
        r"lengths?|formats?|sentiments?|moods?|emotions?|priorit(?:y|ies))"
    )
    lead = r"\s*(?:such as|like|including|for example|e\.g\.,?|:|\(|from|of|are|being|namely)\s*"
    for match in re.finditer(named + lead + r"([^.;)\n]+?)(?=,?\s(?:each |all )?with\b|[.;)\n]|$)", text, re.I):
        levels = read_list(match[2])
        if len(levels) > 1 and all(len(level.split()) <= 6 for level in levels):
            found.setdefault(_axis_name(match[1]), tuple(levels))
    across = re.search(
        r"\b(?:across|covering|on topics|spanning)\s+([^.;:]+,[^.;:]+?)(?=[.;:]|\s(?:with|each|in)\b|$)", text, re.I
    )
    if across is not None and len(read_list(across[1])) > 1:
        found.setdefault("topic", tuple(read_list(across[1])))
    ladder = re.search(r"\bfrom (easy|simple|basic|beginner)s? to (hard|difficult|expert|advanced|complex)", text, re.I)
    if ladder is not None:
        found.setdefault("difficulty", (ladder[1].lower(), "medium", ladder[2].lower()))
    told = tuple(level for level in _LEVELS if re.search(rf"\b{level}s\b", text, re.I))
    if len(told) > 1 or (told and not re.search(r"\bdifficult|\blevel", text, re.I)):  # "for beginners [and experts]"
        found.setdefault("difficulty", told)
    return found


_LEVELS = ("beginner", "intermediate", "expert")
_SAME = {
    "difficult": "difficulty", "level": "difficulty", "subject": "topic", "area": "topic", "theme": "topic",
    "audience": "persona", "user": "persona", "situation": "scenario", "kind": "type", "tone": "tone",
    "categor": "category", "industr": "industry", "priorit": "priority",
}  # fmt: skip
"""How a word for an axis begins -> the axis."""


def _axis_name(word: str) -> str:
    name = word.lower()
    for sign, axis in _SAME.items():
        if name.startswith(sign):
            return axis
    return singular(name)


def read_list(text: str) -> list[str]:
    """Return the members of a list in prose.

    >>> read_list("networking, storage, and security"), read_list("either good or bad")
    (['networking', 'storage', 'security'], ['good', 'bad'])
    """
    parts = re.split(r",\s*(?:and |or )?|\s+(?:and|or|to)\s+|\s*/\s*|\s*\|\s*", text.strip(" .()\"'"))
    parts = [re.sub(r"^(?:either|both|the|an?)\s+", "", part.strip(" \"'“”")) for part in parts]
    return list(
        dict.fromkeys(part for part in parts if part and part.lower() not in ("etc", "so on", "more", "others"))
    )


def _bounds(text: str) -> tuple[Bound, ...]:
    found = []
    unit = r"(words?|sentences?|characters?)"
    for sentence in re.split(r"(?<=[.;])\s+", text):
        named = re.search(
            r"\b(questions?|answers?|titles?|bod(?:y|ies)|reviews?|descriptions?|summar(?:y|ies)|texts?|responses?|explanations?|instructions?|e?mails?)\b(?=[^.]*\b(?:words?|sentences?|characters?)\b)",
            sentence,
            re.I,
        )
        name = snake(singular(named[1])) if named else ""
        between = re.search(rf"\b(?:between )?(\d+)\s*(?:-|–|to|and)\s*(\d+)\s+{unit}", sentence, re.I)
        most = re.search(
            r"\b(?:under|below|at most|no (?:more|longer) than|up to|max(?:imum)?(?: of)?|less than|fewer than|within)"
            rf"\s+(\d+)\s+{unit}",
            sentence,
            re.I,
        )
        least = re.search(rf"\b(?:at least|more than|over|min(?:imum)?(?: of)?)\s+(\d+)\s+{unit}", sentence, re.I)
        if between is not None:
            found.append(Bound(name, _unit(between[3]), int(between[1]), int(between[2])))
        elif most is not None or least is not None:
            known = most or least
            bounds = (int(least[1]) if least else None, int(most[1]) if most else None)
            found.append(Bound(name, _unit(known[2] if known else "words"), *bounds))
    return tuple(found)


def _unit(word: str) -> str:
    return word.lower().rstrip("s") + "s"


_LANGUAGES = {
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "portuguese": "pt",
    "dutch": "nl", "polish": "pl", "swedish": "sv", "danish": "da", "norwegian": "no", "finnish": "fi", "czech": "cs",
    "turkish": "tr", "russian": "ru", "ukrainian": "uk", "japanese": "ja", "chinese": "zh", "korean": "ko",
    "arabic": "ar", "hindi": "hi",
}  # fmt: skip


def _languages(text: str) -> tuple[str, ...]:
    """Return the codes of the languages after "in": "in German", "in English, German and French"."""
    names = "|".join(_LANGUAGES)
    found = re.search(rf"\bin ((?:{names})(?:(?:,\s*(?:and )?|\s+and\s+|\s+or\s+)(?:{names}))*)\b", text, re.I)
    return tuple(_LANGUAGES[name.lower()] for name in read_list(found[1])) if found else ()


def singular(phrase: str) -> str:
    """Return a noun phrase with its last word in the singular.

    >>> [singular(word) for word in ("customer reviews", "queries", "answers", "addresses", "status", "quizzes")]
    ['customer review', 'query', 'answer', 'address', 'status', 'quiz']
    """
    head, _, last = phrase.strip().rpartition(" ")
    low = last.lower()
    if low.endswith("ies") and len(low) > 4:
        last = last[:-3] + "y"
    elif low.endswith("zzes"):
        last = last[:-3]
    elif low.endswith(("sses", "shes", "ches", "xes")):
        last = last[:-2]
    elif low.endswith("s") and not low.endswith(("ss", "us", "is", "news")):
        last = last[:-1]
    return f"{head} {last}".strip()


def snake(text: str) -> str:
    """Return a name for a field.

    >>> snake("Expected outcome"), snake("e-mail"), snake("2nd answer")
    ('expected_outcome', 'email', 'x2nd_answer')
    """
    name = re.sub(r"\W+", "_", text.lower().replace("e-mail", "email").replace("'", "")).strip("_")
    return f"x{name}" if name[:1].isdigit() else name
