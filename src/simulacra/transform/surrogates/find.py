"""Everything in a text that gets a surrogate, each with its kind; of two that overlap the surer one stands.

Kinds: email, url, ip, mac, iban, card, ssn, phone, handle, id, date, postcode, street, city, organisation, given, last,
initial, amount; "own" for the user's patterns. Not handled: see `persons`; towns that no list has and no address shows;
organisations without a legal form or a telling word; numbers in words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from ...contracts.rows import Span
from ...errors import RecipeError
from ...text.personal import find_personal
from ...text.spans import find_spans
from .checksums import valid_schemes
from .days import DAY
from .knowledge import NOTHING, Knowledge
from .names import is_word, lists
from .persons import find_people
from .unknown import AT, find_unknown

__all__ = ["KINDS", "find_all"]

KINDS = (
    "own", "email", "url", "mac", "iban", "date", "card", "ssn", "ip", "phone", "handle", "id", "street", "postcode",
    "organisation", "given", "last", "initial", "city", "amount",
)  # fmt: skip
"""All kinds, the strongest claim first."""

_CAPITAL = r"[^\W\d_a-zà-öø-ÿ]"
_NAME = rf"{_CAPITAL}[\w'’&-]*"
_NUMBERED = r"\d{1,5}(?:[ ]?[-/][ ]?\d{1,4})?[ ]?[a-zA-Z]?"
_WORDS = {
    "url": r"(?:https?|ftp)://[^\s<>\"']*[\w/#=]|\bwww\.[^\s<>\"']*[\w/#=]",
    "mac": r"(?<![\w:-])(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])",
    "handle": r"(?<![\w@./])@[A-Za-z_]\w{2,}(?![\w@])",
    "street": rf"(?<!\w)\d{{1,5}}[a-zA-Z]?,?[ ](?:{_NAME}[ ]){{1,4}}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr"
    "|Blvd|Boulevard|"
    r"Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Close|Crescent|Parkway|Pkwy|Highway|Hwy|Circle|Trail|Alley|Gardens|Row"
    r"|Mews|Hill)\b\.?"
    r"|(?<!\w)\d{1,5}(?: bis| ter)?,?[ ](?:rue|avenue|boulevard|allée|place|chemin|impasse|quai|cours)[ ]"
    rf"(?:(?:de|du|des|la|le|les|l['’]|d['’])[ ]?)*{_NAME}(?:[ ](?:(?:de|du|des|la|le)[ ])*{_NAME})*"
    rf"|(?:{_NAME}[ ])?{_CAPITAL}[\w-]*(?:stra(?:ß|ss)e|str\.|weg|gasse|allee|platz|ring|damm|ufer|straat|laan|plein"
    rf"|gracht|kade|vej|gade"
    rf"|gatan|vägen|gata|veien)[ ]{_NUMBERED}(?!\w)|(?:{_NAME}[ -]){{1,3}}(?:Stra(?:ß|ss)e|Str\.|Weg|Gasse|Allee"
    rf"|Platz|Ring|Damm|Ufer)[ ]{_NUMBERED}(?!\w)"
    rf"|\b(?:Calle|Avenida|Avda\.?|Via|Viale|Piazza|Corso|Plaza|Paseo|Rua|Travessa|ul\.|ulica|al\.)[ ](?:(?:de|del"
    rf"|della|dei|da|do|dos|la|las|los|el|di)[ ])*"
    rf"{_NAME}(?:[ ](?:(?:de|del|della|da|do|la)[ ])*{_NAME}){{0,3}},?[ ](?:n[º°.]?[ ]?)?{_NUMBERED}(?!\w)"
    r"|\bP\.?[ ]?O\.?[ ]?Box[ ]\d+|\bPostfach[ ]\d[\d ]*\d",
    "postcode": r"\b(?:[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z][ ]\d[A-Z]\d)\b"
    rf"|(?<=,[ ])[A-Z]{{2}}[ ]\d{{5}}(?:-\d{{4}})?\b|\b\d{{5}}(?=[ ]{_CAPITAL}[a-zà-ÿ]{{2,}})"
    rf"|(?<=,[ ])\d{{4}}(?:[ ][A-Z]{{2}})?(?=[ ]{_CAPITAL}[a-zà-ÿ]{{2,}})"
    rf"|\b\d{{2}}-\d{{3}}(?=[ ]{_CAPITAL}[a-zà-ÿ]{{2,}})",
}
_CUE = (
    r"(?:order|case|ticket|invoice|ref(?:erence)?|account|acct|acc|customer|client|member(?:ship)?|policy|contract"
    r"|booking|confirmation|"
    r"tracking|parcel|serial|claim|patient|employee|licen[cs]e|passport|tax|vat|insurance|reservation|transaction"
    r"|payment|file|meter|"
    r"iban|imei|dni|nie|nhs|pesel|bsn|cpf|nif|ssn|id|pin|record|chart|mrn|badge|flight|room|"
    r"kunden|auftrags|bestell|rechnungs|vertrags|vorgangs|konto|ausweis|steuer|versicherungs|sendungs|mitglieds"
    r"|personal|"
    r"commande|dossier|facture|contrat|client|pedido|factura|contrato|cliente|expediente|ordine|fattura)"
)
_BEHIND_CUE = re.compile(
    rf"\b{_CUE}[-_ ]?(?:(?:numbers?|num|no|nr|nummer|number|id|code|n[º°o]|#)[.:]?)?(?:[ ]?(?:is|ist|est|es|was|:|#"
    rf"|=|-|no\.?|nr\.?|n[º°])){{0,2}}[ ]?"
    r"[#(]?(?P<id>(?=[\w./-]*\d)[A-Za-z0-9]+(?:[-/._][A-Za-z0-9]+)*)(?![\w@])",
    re.IGNORECASE,
)
_NUMBER_SIGN = re.compile(r"(?<!\w)#(?P<id>[A-Za-z]{0,4}-?\d{3,}[\w-]*)")
_CODE = re.compile(
    r"(?<![\w@./:-])(?=[\w-]*\d)(?:[A-Za-z0-9]+(?:[-/_][A-Za-z0-9]+)*)(?![\w@])"
    r"|(?<![\w.,])\d{2,}(?:[ .-]\d{2,}){2,}(?:-\d+)?(?![\w,]|\.\d)"
)
_PRODUCT = re.compile(r"[A-Za-z]{2,}-?\d{1,3}(?:[a-z]{0,2})?|\d{1,4}[A-Za-z]{1,4}|v\d.*", re.IGNORECASE)
_FORM = (
    r"GmbH(?:[ ]&[ ]Co\.?[ ]KGa?A?)?|AG|KG|OHG|UG|e\.V\.|SE|Inc|Incorporated|LLC|Ltd|Limited|PLC|plc|LLP|Corp"
    r"|Corporation|Co|"
    r"S\.A\.|SA|SAS|SARL|S\.L\.|SL|S\.p\.A\.|SpA|S\.r\.l\.|Srl|B\.V\.|BV|N\.V\.|NV|AB|ApS|A/S|Oy|Group|Holding"
    r"|Holdings|"
    r"Bank|Insurance|University|College|Hospital|Clinic|School|Partners|Associates|Solutions|Technologies|Logistics"
    r"|Consulting|"
    r"Industries|Foundation|Versicherung|Krankenhaus|Klinikum|Universität|Sparkasse"
)
_ORGANISATION = re.compile(
    rf"(?<![\w-]){_NAME}(?:[ ](?:&[ ]|and[ ](?={_CAPITAL})"
    rf"|und[ ](?={_CAPITAL}))?{_NAME}){{0,3}}?,?[ ](?P<form>{_FORM})(?![\w-])\.?"
)
_PLACE = re.compile(
    rf"{_CAPITAL}[\w'’-]*(?:[ -](?:(?:am|an der|de|del|la|le|upon|sur|of|di|do)[ ])?{_CAPITAL}[\w'’-]*){{0,3}}"
)
_BEHIND_POSTCODE = re.compile(
    rf"(?:\b[A-Z]{{1,2}}-)?\b(?:\d{{5}}|\d{{4}}|\d{{4}} [A-Z]{{2}}"
    rf"|\d{{2}}-\d{{3}}) (?P<name>{_CAPITAL}[a-zà-ÿ]{{2,}}(?:[ -](?:am|an der)?[ ]?{_CAPITAL}[a-zà-ÿ]+)?)(?=[,.;)\n]"
    rf"|\Z)"
)


def find_all(
    text: str,
    *,
    protect: Sequence[str] = (),
    replace: Sequence[str] = (),
    knowledge: Knowledge = NOTHING,
    fixed: Sequence[Span] = (),
) -> list[Span]:
    """Return what gets a surrogate, in order, without overlap; `name` of each is its kind.

    protect, replace : regular expressions of the user's, of what stays and of what is an identifier too.
    fixed : further places that stay. Errors: RecipeError for a pattern that cannot be read.

    >>> text = "Anna Müller, 12 Mill Lane, order 4711-22, ann@example.org"
    >>> [(text[span.start : span.end], span.name) for span in find_all(text)]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('Anna', 'given'), ('Müller', 'last'), ('12 Mill Lane', 'street'), ('4711-22', 'id'), ('ann@example.org', 'email')]
    """
    kept = [(found.start(), found.end()) for pattern in protect for found in _read(pattern).finditer(text)]
    kept += [(span.start, span.end) for span in fixed]
    claims = sorted(_claims(text, replace, knowledge), key=lambda span: (_RANK[span.name], span.start, -span.end))
    taken: list[Span] = []
    for span in claims:
        clear = all(span.end <= start or end <= span.start for start, end in kept)
        if clear and span.end > span.start and all(span.end <= one.start or one.end <= span.start for one in taken):
            taken.append(span)
    return sorted(taken, key=lambda span: span.start)


_RANK = {kind: place for place, kind in enumerate(KINDS)}


def _claims(text: str, replace: Sequence[str], knowledge: Knowledge) -> Iterator[Span]:
    for pattern in replace:
        yield from (Span(*found.span(), "own") for found in _read(pattern).finditer(text))
    yield from find_personal(text)
    for kind, pattern in _WORDS.items():
        yield from (Span(*found.span(), kind) for found in _read(pattern).finditer(text))
    yield from (Span(*found.span(), "date") for found in DAY.finditer(text))
    yield from _identifiers(text, knowledge.common)
    for found in _ORGANISATION.finditer(text):
        end = found.start("form") - (2 if text[found.start("form") - 2] == "," else 1)
        if not is_word(text[found.start() : end].casefold()):
            yield Span(found.start(), end, "organisation")
    people = [Span(part.start, part.end, part.role) for part in find_people(text, knowledge.people, knowledge.row)]
    yield from people
    for span in find_unknown(text, knowledge):  # whose roles are guesses: what is known of a person stands
        if all(span.end <= one.start or one.end <= span.start for one in people):
            yield span
    yield from _cities(text, knowledge.words)
    yield from _amounts(text, knowledge.common)


def _identifiers(text: str, common: Collection[str]) -> Iterator[Span]:
    for pattern in (_BEHIND_CUE, _NUMBER_SIGN):
        for found in pattern.finditer(text):
            if sum(char.isdigit() for char in found["id"]) >= 3:
                yield Span(*found.span("id"), "id")
    for found in _CODE.finditer(text):
        code = found[0]
        digits = sum(char.isdigit() for char in code)
        if code in common and not valid_schemes(re.sub(r"[^0-9A-Za-z]", "", code).upper()):
            continue
        if digits >= 6 or (
            digits >= 3 and not code.isdigit() and not _PRODUCT.fullmatch(code) and re.search("[A-Za-z]", code)
        ):
            yield Span(*found.span(), "id")


def _cities(text: str, words: Collection[str]) -> Iterator[Span]:
    """Yield towns of the lists; one that is an ordinary word or a name needs a preposition or a postcode before it."""
    cities, given = lists().cities, lists().given
    yield from (Span(*found.span("name"), "city") for found in _BEHIND_POSTCODE.finditer(text))
    for found in _PLACE.finditer(text):
        parts = [(piece.start(), piece.end()) for piece in re.finditer(r"[^\s]+", found[0])]
        at = 0
        while at < len(parts):
            size = next(
                (
                    size
                    for size in range(min(4, len(parts) - at), 0, -1)
                    if found[0][parts[at][0] : parts[at + size - 1][1]] in cities
                ),
                0,
            )
            if size:
                start, end = found.start() + parts[at][0], found.start() + parts[at + size - 1][1]
                name = text[start:end].casefold()
                told = AT.search(text[max(0, start - 12) : start]) is not None
                unsure = is_word(name) or name in given or name in lists().last or name in words
                if name in lists().lands:
                    pass
                elif (told and not (is_word(name) and name in words)) or not unsure:
                    yield Span(start, end, "city")
            at += size or 1


def _amounts(text: str, common: Collection[str]) -> Iterator[Span]:
    """Yield sums of money and numbers of three digits and more; years and quantities with a unit stay."""
    for span in find_spans(text, kinds=("date", "money", "unit", "number", "url", "email", "code")):
        value = text[span.start : span.end]
        if span.name not in ("money", "number") or sum(char.isdigit() for char in value) < 3 or value in common:
            continue
        if re.fullmatch(r"(?:19|20)\d\d", value) or not re.fullmatch(
            r"[^\w]*[\d.,'’ \u00a0\u202f]+[^\w]*(?:[A-Za-z]+)?|[A-Z$€£]{1,3}[ ]?[\d.,'’]+", value
        ):
            continue
        yield Span(span.start, span.end, "amount")


@lru_cache(maxsize=128)
def _read(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise RecipeError(f"{pattern!r} is no regular expression: {error}", hint="mend the pattern") from error
