"""Names of people in a text: by lists of names, and by what stands around them.

A mention is a run of words with a role each: given name, initial, family name. What is known of a person from one
mention (a salutation, a header, a signature) is looked for in the rest of the text, also alone and in small letters.

Not handled: nicknames, names in scripts without capitals (Chinese, Japanese, Arabic) except behind a label such as
"Name:", a name that is an ordinary word with nothing around it that tells.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from ...text.wordlists import stop_words
from .names import fold, is_word, lists
from .ordinary import is_written

__all__ = ["Part", "find_people", "is_cue", "is_never", "people_in"]

Role = Literal["given", "last", "initial"]

_LETTER = r"[^\W\d_]"
_CAPITAL = r"[^\W\d_a-zà-öø-ÿ]"
_NAME = rf"{_CAPITAL}{_LETTER}*(?:['’-]{_LETTER}+)*"
_LOWER = rf"{_LETTER}+(?:['’-]{_LETTER}+)*"
_PARTICLES = "van|von|der|den|de|la|le|du|del|della|di|da|dos|das|al|el|bin|ibn|ten|ter|zu|y|e"
_PARTICLE = frozenset(_PARTICLES.split("|"))
_ANY = rf"(?:{_CAPITAL}\.|{_LOWER})"
_FEW = rf"{_ANY}(?:[ ]{_ANY}){{0,3}}"
_RUN = re.compile(rf"(?:{_CAPITAL}\.|{_NAME})(?:[ \u00a0](?:(?:{_PARTICLES})[ ])*(?:{_CAPITAL}\.|{_NAME}))*")
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herrn?|Frau|Fr|Hr|Mme|Mlle|Monsieur|Madame|Sra?|Srta|Señora?|Don|Doña|Sig|Signora?"
    rf"|Dott|Sir|Nurse|Officer|Doctor)\b\.?[ \u00a0](?:(?:Dr|Prof)\.?[ ])*(?P<name>{_FEW})",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:^|(?<=[\n.!?>,]))[ \t>]*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen"
    r"|abend)"
    r"|liebe[rs]?|moin|servus|sehr geehrte[rs]?|bonjour|salut|ch[eè]re?|hola|buenos d[ií]as|buenas tardes|estimad[oa]"
    r"|querid[oa]|ciao|buongiorno|gentile|caro|cara|beste|geachte|olá|prezad[oa]|thanks|thank you|many thanks|danke"
    r"|merci"
    rf"|gracias|grazie)(?: (?:again|so much|very much|mr|mrs|ms|dr|frau|herrn?|madame"
    rf"|monsieur)\.?)*,?[ \t]+(?P<name>{_FEW})"
    r"(?=[ \t]*(?:[,!.:;–-]|\n|$))",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:regards|best|best wishes|cheers|thanks|thank you|thx|sincerely|yours(?: truly| faithfully| sincerely)?"
    r"|greetings"
    r"|kind regards|gr(?:u|ü|ue)(?:ß|ss)e?n?|mfg|lg|vg|vielen dank|danke|cordialement|bien à vous|merci|saludos"
    r"|un saludo"
    rf"|atentamente|gracias|cordiali saluti|grazie|groeten|atenciosamente|obrigad[oa]|signed|love)[ \t]*[,.!:–-]*[ \t]*"
    rf"(?:\r?\n[ \t]*(?:\r?\n[ \t]*)?[–—-]*[ ]*"
    rf"|[ ](?=\S+(?: \S+){{0,2}}\s*$))(?P<name>{_FEW})[ \t]*[.,]?[ \t]*(?=\r?\n|$|[|(/])",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:(?:my|his|her|the|full|maiden|sur)\s?name(?:['’]s| is|:)|name on (?:the )?(?:account|card|booking"
    r"|order)(?: is|:)?"
    r"|in the name of|(?:i am|i['’]m) called|called|named|mein name ist|ich hei(?:ß|ss)e|im namen von|je m['’]appelle"
    rf"|mon nom est|au nom de|me llamo|mi nombre es|a nombre de|mi chiamo|a nome di|mijn naam is|o meu nome é"
    rf"|meu nome é)"
    rf"[ ]+(?P<name>{_FEW})",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?:^|(?<=[\n;|,]))[ \t>*-]*(?:from|to|cc|bcc|sender|recipient|(?:full |first |last |sur|customer |contact "
    r"|account |patient |user )?"
    r"name(?: and surname)?|customer|client|patient|contact(?: person)?|caller|employee|agent|assignee|assigned to"
    r"|handled by"
    r"|reported by|requester|requested by|account holder|card ?holder|owner|passenger|tenant|driver|member"
    r"|signed(?: by)?"
    r"|signature|von|an|kundin|kunde|kundenname|absender|empfänger|ansprechpartner(?:in)?|vorname|nachname|patientin"
    r"|de|à|nom"
    rf"|prénom|client|nombre|apellidos?|cliente|titular|nome|cognome|naam|klant)[ \t]*:[ \t]*(?:(?:mr|mrs|ms|dr|herr"
    rf"|frau)\.?[ ])?"
    rf"[\"']?(?P<name>{_ANY}(?:,?[ ]{_ANY}){{0,3}})(?=[\"']?[ \t]*(?:[,;<(\[|/.]|\r?\n|$))",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\b(?:(?i:kollegen?|kollegin|nachbar(?:in)?|mitarbeiter(?:in)?|techniker|kundin|kunden?)"
    r"|spoke (?:to|with)|talked (?:to|with)|speaking with|call(?:ed)?|ask(?:ed)? for|met|contact(?:ed)?"
    r"|reach(?:ed)?"
    r"|colleague|neighbou?r|technician|agent|manager|boss|wife|husband|partner|son|daughter|mother|father|brother"
    r"|sister|friend"
    r"|assistant|customer|patient|nurse|doctor|employee"
    r"|mann|sohn|tochter|mutter|vater|bruder|schwester|freundin|freund|collègue|mari|femme|fils|fille"
    r"|amie?"
    rf"|colega|marido|esposa|hij[oa]|herman[oa]"
    rf"|amig[oa]),?[ ](?P<name>{_NAME}(?:[ ](?:(?:{_PARTICLES})[ ])*{_NAME}){{0,2}})"
)
_PRESENTS = re.compile(
    rf"\b(?:i am|i['’]m|this is|it['’]s|here is|hier ist|hier spricht|ich bin|je suis|c['’]est|soy|sono"
    rf"|ik ben)[ ](?P<name>{_FEW})",
    re.IGNORECASE,
)
_WROTE = re.compile(
    rf"(?P<name>{_NAME}(?:[ ]{_NAME}){{0,2}})(?=[ ](?:wrote|schrieb|a écrit|escribió|ha scritto)\b|[ ]?<[^>\s]+@)"
)
_EMAIL_NAME = re.compile(r"(?<![\w.+-])(?P<name>[^\W\d_]{2,}(?:[._-][^\W\d_]{2,})+)\d*@")
_BEFORE_FAMILY = re.compile(
    rf"(?<![\w@.-])(?:(?P<name>{_CAPITAL}(?=\.)|{_NAME})\.?)(?=[ ](?:(?:{_PARTICLES})[ ])*(?P<family>{_NAME}))"
)
_STRONG = (_TITLE, _GREETING, _CLOSING, _CALLED, _HEADER, _WROTE)
_NEVER_TEXT = """
team support service customer sir madam all everyone everybody folks there guys again ladies gentlemen colleagues staff
colleague friend friends concern whom helpdesk desk help admin administrator office damen herren zusammen kundendienst
kundenservice equipo equipe équipe tous bot assistant chat anyone somebody someone people sales billing bank
i'm i've i'll i'd unknown n/a na none anonymous yes no ok okay mr mrs ms dr herr frau mme regards best thanks
please bitte sent just still trying writing happy sorry not going having getting using unable very really back about
"""
_NEVER = frozenset(_NEVER_TEXT.split())
_STAYS = stop_words("en") - {"will", "may"}


@dataclass(frozen=True, slots=True)
class Part:
    """Characters [start, end) of a text: one word of a name and its role."""

    start: int
    end: int
    role: Role


Known = dict[str, Role]
"""Names as `names.fold` compares them -> roles."""


def people_in(text: str) -> tuple[list[Part], Known]:
    """Return the words of names that are told by lists and surroundings, and in small letters what they are."""
    parts: dict[tuple[int, int], Part] = {}
    known: Known = {}
    for found in sorted(_mentions(text), key=len, reverse=True):  # a whole name says what its words are
        for part in found:
            word = fold(text[part.start : part.end])
            if text[part.start : part.end].casefold() in _STAYS:
                continue
            if part.role != "initial" and len(word) > 2:
                known.setdefault(word, part.role)
            parts.setdefault((part.start, part.end), replace(part, role=known.get(word, part.role)))
    for found_email in _EMAIL_NAME.finditer(text):
        words = re.split(r"[._-]", fold(found_email["name"]))
        if any(word in lists().given and not is_word(word) for word in words) or words[-1] in lists().last:
            for place, word in enumerate(words):
                if len(word) > 2 and word not in _NEVER:
                    known.setdefault(word, "last" if place == len(words) - 1 else "given")
    return sorted(parts.values(), key=lambda part: part.start), known


@lru_cache(maxsize=65536)
def is_cue(word: str) -> bool:
    """Whether a word is one that stands before names (a title, a greeting, a colleague), and none itself.

    >>> [is_cue(word) for word in ("Gruß", "Kollege", "mrs", "Anna")]
    [True, True, True, False]
    """
    plain = word.casefold()
    probes = ((_TITLE, " Xy"), (_GREETING, " Xy,"), (_CLOSING, "\nXy"), (_BESIDE, " Xy"))
    return any(pattern.match(plain + probe) is not None for pattern, probe in probes)


def is_never(word: str) -> bool:
    """Whether a word is no name even where names stand: one that stands before them, or that means everybody."""
    return word.casefold() in _NEVER or is_cue(word)


def find_people(text: str, known: Known | None = None, row: Known | None = None) -> list[Part]:
    """Return the words of all names in a text, in order, without overlap.

    known : names as `names.fold` writes them and their roles, from elsewhere: other texts, a column of names.
    row : those that stand beside this very text: also ordinary words in small letters, but for the commonest.

    >>> text = "Hi Otto, this is Anna Müller. Tell otto that müller called."
    >>> [(text[part.start : part.end], part.role) for part in find_people(text)]
    [('Otto', 'given'), ('Anna', 'given'), ('Müller', 'last'), ('otto', 'given'), ('müller', 'last')]
    """
    parts, own = people_in(text)
    beside = row or {}
    everywhere = {**own, **(known or {}), **beside}
    parts = [*parts, *_beside_family(text, everywhere, parts)]
    taken = {(part.start, part.end) for part in parts}
    elsewhere = {**(known or {}), **beside}
    found = [
        replace(part, role=elsewhere.get(fold(text[part.start : part.end]), part.role))
        if part.role != "initial"
        else part
        for part in parts
    ]
    for match in re.finditer(_LOWER, text):
        word = re.sub(r"['’]s?\Z", "", match[0])
        span = (match.start(), match.start() + len(word))
        role = everywhere.get(fold(word))
        if role is None and word.endswith("s"):  # the genitive of German and of hasty English
            role, span = everywhere.get(fold(word[:-1])), (span[0], span[1] - 1)
        if role is None or any(a < span[1] and span[0] < b for a, b in taken):
            continue
        name = text[span[0] : span[1]]
        if word[0].isupper() or not is_word(word) or (fold(name) in beside and name not in stop_words("en")):
            found.append(Part(*span, role))
    return sorted(found, key=lambda part: part.start)


def _beside_family(text: str, known: Known, parts: list[Part]) -> Iterator[Part]:
    """Yield initials, and given names that are words as well ("Jan", "Grace"), before a known family name."""
    taken = {part.start for part in parts}
    for found in _BEFORE_FAMILY.finditer(text):
        word = found["name"]
        if found.start() in taken or known.get(fold(found["family"])) != "last":
            continue
        if len(word) == 1:
            yield Part(found.start(), found.start() + 1, "initial")
        elif word.casefold() in lists().given and not is_cue(word):
            yield Part(*found.span("name"), "given")


def _mentions(text: str) -> Iterator[list[Part]]:
    for pattern in _STRONG:
        for found in pattern.finditer(text):
            presented = _PRESENTS.match(text, found.start("name"))  # "Guten Tag, hier ist ..."
            start = found.start("name") if presented is None else presented.start("name")
            yield _strong(text, start, max(start, found.end("name")), last=pattern is _TITLE)
    for found in _BESIDE.finditer(text):
        parts = _strong(text, *found.span("name"))
        if parts and (len(parts) > 1 or _is_name(text[parts[0].start : parts[0].end])):
            yield parts
    for found in _PRESENTS.finditer(text):
        yield _presented(text, *found.span("name"))
    for found in _RUN.finditer(text):
        yield from _listed(text, *found.span())
    yield from _small(text)


def _strong(text: str, start: int, end: int, *, last: bool = False) -> list[Part]:
    """Return the parts of what stands where a name stands: words up to the first that is none.

    last : a single word is a family name ("Mr Miller").
    """
    places: list[tuple[int, int]] = []
    for found in re.finditer(rf"{_CAPITAL}\.|{_LOWER}", text[start:end]):
        word = found[0].casefold()
        capital = found[0][0].isupper()
        if word in _NEVER or (not capital and word not in _PARTICLE and _is_plain(word)):
            break
        if places and not capital and text[start + places[0][0]].isupper() and word not in _PARTICLE:
            break  # "Mr Miller called"
        places.append(found.span())
    comma = len(places) == 2 and "," in text[start + places[0][1] : start + places[1][0]]
    return _roles(text, [(start + a, start + b) for a, b in places], last=last, comma=comma)


def _presented(text: str, start: int, end: int) -> list[Part]:
    """Return the parts of "I am ...", which is a name only if a list says so."""
    parts = _strong(text, start, end)
    if not parts:
        return []
    words = [text[part.start : part.end] for part in parts]
    first = words[0].casefold()
    known = first in lists().given or (words[0][0].isupper() and len(words) > 1 and words[1].casefold() in lists().last)
    if not known or (words[0].islower() and is_word(first)):
        return []
    if words[0].islower():  # "i am anna and ...": the family name is one that a list knows
        return parts[: 2 if len(words) > 1 and words[1].casefold() in lists().last and not is_word(words[1]) else 1]
    return parts


def _listed(text: str, start: int, end: int) -> Iterator[list[Part]]:
    """Yield the names within a run of capitalised words: from a given name on, to the family name."""
    places = [(start + a, start + b) for a, b in (found.span() for found in re.finditer(r"\S+", text[start:end]))]
    words = [text[a:b] for a, b in places]
    shouting = len(words) > 1 and all(word.isupper() and len(word) > 1 for word in words)
    at = 0
    while at < len(words):
        size = _length(words[at:], shouting)
        if size:
            yield _roles(text, places[at : at + size])
        at += size or 1


def _length(words: list[str], shouting: bool) -> int:
    """Return how many words from here on are one name, 0 if none begins here."""
    first = words[0].casefold()
    given, last = lists().given, lists().last
    size = 1
    while size < len(words) and (words[size].casefold() in given or re.fullmatch(r".\.", words[size])) and size < 3:
        size += 1
    rest = size
    while rest < len(words) - 1 and words[rest] in _PARTICLE:
        rest += 1
    following = words[rest].casefold() if rest < len(words) and words[rest] not in _PARTICLE else ""
    lone = words[0].isupper() and size == 1 and rest >= len(words)
    if _part_of(first, given) and not is_word(first) and not lone and first not in lists().lands:
        if following and following not in _NEVER and (following in last or not _is_common(following)):
            return rest + 1
        return size if not shouting or size > 1 else 0
    if first in given and following in last and following not in _NEVER and not is_word(following):
        return rest + 1  # "Will Smith": the second word decides
    if re.fullmatch(rf"{_CAPITAL}\.", words[0]) and following in last:
        return rest + 1  # "J. Miller"
    return 0


def _small(text: str) -> Iterator[list[Part]]:
    """Yield pairs of a given and a family name in small letters; no ordinary word, or it would be anything."""
    given, last = lists().given, lists().last
    for found in re.finditer(rf"(?<![\w@.-])(?=({_LOWER}) ({_LOWER})(?![\w@]))", text):
        first, second = found[1], found[2]
        if not (first.islower() and second.islower()) or is_word(first) or is_word(second):
            continue
        if first in given and second in last:
            yield _roles(text, [found.span(1), found.span(2)])


def _roles(text: str, places: list[tuple[int, int]], *, last: bool = False, comma: bool = False) -> list[Part]:
    """Return the words with their roles: initials, given names, the last a family name; particles have none."""
    words = [(a, b) for a, b in places if text[a:b].casefold() not in _PARTICLE or len(places) == 1]
    parts = []
    for place, (a, b) in enumerate(words):
        word = text[a:b]
        final = place == (0 if comma else len(words) - 1)
        if len(word) == 2 and word.endswith("."):
            parts.append(Part(a, a + 1, "initial"))
        elif (len(words) > 1 and final) or (len(words) == 1 and (last or _only_last(word))):
            parts.append(Part(a, b, "last"))
        else:
            parts.append(Part(a, b, "given"))
    return parts


def _only_last(word: str) -> bool:
    return word.casefold() in lists().last and word.casefold() not in lists().given


def _is_name(word: str) -> bool:
    name = word.casefold()
    return name not in _NEVER and (_part_of(name, lists().given) or (name in lists().last and not is_word(name)))


def _part_of(name: str, names: Collection[str]) -> bool:
    return name in names or ("-" in name and name.split("-")[0] in names)


def _is_plain(word: str) -> bool:
    """Whether a word in small letters is none of a name, even where a name may stand."""
    return _is_common(word) or is_cue(word) or is_written(word)


def _is_common(word: str) -> bool:
    return (is_word(word) and word not in lists().given) or len(word) < 2
