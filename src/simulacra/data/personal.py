"""Does a column hold personal data? By the shape of its values, by checksums, and by its name if need be.

A column is personal when most of its values are. What has a shape of its own (e-mail, IBAN, card, IP address) is known
under any name; digits and words mean nothing by themselves, so phone numbers without punctuation, national numbers,
names of people and addresses need a telling column name or strong evidence in the values.

Not handled: personal values inside free text (free text is made up anyway), names in scripts other than Latin, Greek
and Cyrillic, single words and small letters that no list of names has, towns and postcodes (they are categories whose
rare levels are pooled).
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise

__all__ = ["PERSONAL", "detect_personal", "is_card", "is_iban"]

PERSONAL: tuple[str, ...] = (
    "email", "phone", "name", "first_name", "last_name", "iban", "card", "ssn", "passport", "ip", "mac", "url",
    "address", "username",
)  # fmt: skip
"""The kinds of personal value that made-up values are known for."""

_MOST = 0.6  # share of the values that must fit; some cells always hold remarks, typing errors, half numbers
_SAMPLE = 2000
_WHOLE, _ORDINARY = 0.8, 0.2  # of names that no list has: least share of whole ones, most of those with ordinary words
_FEWEST_UNTOLD = 20


def detect_personal(name: str, values: Sequence[str]) -> str | None:
    """Return which of `PERSONAL` a column holds, None if it is not personal.

    name : of the column. values : its values as text, missing ones left out; the first 2,000 different ones are read.

    >>> detect_personal("contact", ["ann@example.org", "bob@example.com", "none"])
    'email'
    >>> detect_personal("amount", ["12.50", "3.99"]) is None
    True
    """
    sample = [value for value in dict.fromkeys(value.strip() for value in values) if value][:_SAMPLE]
    if not sample:
        return None
    words = _words(name)
    for kind, (telling, fits_named, fits_any) in _RULES.items():
        fits = fits_named if telling & words or telling & {"".join(words_in_order(name))} else fits_any
        if fits is not None and _share(sample, fits) >= _MOST:
            return kind
    return _person(words, sample)


def words_in_order(name: str) -> list[str]:
    """Return the words of a column name in lower case, whichever way they are joined.

    >>> words_in_order("Customer_firstName"), words_in_order("IBAN-Nr.")
    (['customer', 'first', 'name'], ['iban', 'nr'])
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^0-9a-zà-ÿ]+", spaced.lower()) if word]


def is_iban(value: str) -> bool:
    """Whether an IBAN's check digits are right (ISO 13616, mod 97); spaces are left out.

    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE88 3704 0044 0532 0130 00")
    (True, False)
    """
    bare = re.sub(r"[\s-]", "", value).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", bare):
        return False
    return int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1


def is_card(value: str) -> bool:
    """Whether a payment card's number passes the Luhn check (ISO/IEC 7812) and begins as issuers' numbers do.

    >>> is_card("4111 1111 1111 1111"), is_card("4111 1111 1111 1112")
    (True, False)
    """
    if not re.fullmatch(r"[2-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,7}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}", value):
        return False
    digits = [int(char) for char in reversed(value) if char.isdigit()]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2]) % 10


def _words(name: str) -> frozenset[str]:
    words = words_in_order(name)
    return frozenset(words) | frozenset(a + b for a, b in pairwise(words))


def _share(values: Sequence[str], fits: Callable[[str], object]) -> float:
    return sum(bool(fits(value)) for value in values) / len(values)


def _matches(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.IGNORECASE).fullmatch


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _is_phone(value: str) -> bool:
    """Seven to fifteen digits (ITU-T E.164) in groups, as people write them; an extension may follow."""
    bare = re.sub(r"\s*(ext\.?|x)\s*\d{1,6}$", "", value, flags=re.IGNORECASE)
    if not re.fullmatch(r"\+?[\d\s()./-]{7,24}", bare) or re.search(r"[./-]{2}", bare):
        return False
    return 7 <= sum(char.isdigit() for char in bare) <= 15


def _is_written_phone(value: str) -> bool:
    """A phone number that nothing else looks like: a leading plus, or an area code in brackets or after a zero."""
    return _is_phone(value) and bool(
        re.match(r"\+\d|\(\d{2,5}\)[ -]?\d|\d{3}[-. ]\d{3}[-. ]\d{4}\b|0\d{1,4}[-/ ]\d{3}|0\d([ .]\d\d){4}$", value)
    )


def _is_ssn(value: str) -> bool:
    """A United States social security number, with what the administration never gave out left aside."""
    return bool(re.fullmatch(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}", value))


_NATIONAL = frozenset({
    "ssn", "socialsecurity", "nationalid", "nino", "nin", "cpf", "curp", "dni", "nie", "pesel", "bsn", "personnummer",
    "sin", "taxid", "steuerid", "steuernummer", "nationalnumber", "idcard", "aadhaar", "nhs", "insurancenumber",
})  # fmt: skip
_PHONE = frozenset({
    "phone", "phones", "telephone", "tel", "mobile", "mobil", "handy", "fax", "telefon", "telefono", "cell",
    "cellphone", "phonenumber", "telefonnummer", "whatsapp",
})  # fmt: skip
_ADDRESS = frozenset({
    "address", "addr", "street", "strasse", "straße", "adresse", "anschrift", "direccion", "streetaddress", "address1",
    "address2", "rue", "calle", "via", "residence",
})  # fmt: skip
_STREET = (
    r"\d+[a-z]?,? .*\b(st|street|ave|avenue|road|rd|lane|ln|drive|dr|blvd|boulevard|court|ct|way|place|pl|square|sq|"
    r"terrace|close|crescent|rue|allée|chemin)\b.*|.*(stra(ß|ss)e|str\.|weg|gasse|allee|platz|ring|damm|ufer) ?\d+"
    r" ?[a-z]?(,.*)?|(calle|avenida|via|viale|piazza|rua|rue|ul\.|plaza) .*\d+.*"
)
_ID_SHAPE = r"(?=(.*\d){5})[A-Z0-9][A-Z0-9 ./-]{5,20}[A-Z0-9]"

# kind -> (telling words of a column name, test if the name tells, test under any name or None)
_RULES: dict[str, tuple[frozenset[str], Callable[[str], object], Callable[[str], object] | None]] = {
    "email": (frozenset(), _matches(""), _matches(r"(mailto:)?[^\s@<>]+@[^\s@<>]+\.[a-z]{2,24}")),
    "url": (frozenset(), _matches(""), _matches(r"(https?|ftp)://\S+|www\.[^\s/]+\.[a-z]{2,}\S*")),
    "ip": (frozenset(), _matches(""), lambda value: ("." in value or ":" in value) and _is_ip(value)),
    "mac": (frozenset(), _matches(""), _matches(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}")),
    "iban": (frozenset({"iban"}), _matches(r"[A-Z]{2}\d{2}[A-Z0-9 ]{11,40}"), is_iban),
    "card": (
        frozenset({"creditcard", "cardnumber", "ccnumber", "pan", "debitcard", "cardno"}),
        _matches(r"\d{4}([ -]?\d){8,15}"),
        is_card,
    ),
    "ssn": (_NATIONAL, _matches(_ID_SHAPE), _is_ssn),
    "passport": (frozenset({"passport", "passeport", "pasaporte", "reisepass"}), _matches(r"[A-Z0-9]{6,12}"), None),
    "phone": (_PHONE, _is_phone, _is_written_phone),
    "address": (
        _ADDRESS,
        _matches(r"(?=.*\d)(?=.*\s)(?=.*[^\W\d_]{3}).{6,120}|.*\b(box|street|st\.?)\b.*"),
        _matches(_STREET),
    ),
    "username": (
        frozenset({"username", "login", "userlogin", "loginname", "nickname", "screenname", "twitter", "handle"}),
        _matches(r"@?[\w.-]{2,40}"),
        None,
    ),
}

_FIRST = frozenset(
    {"firstname", "forename", "givenname", "vorname", "prenom", "prénom", "nombre", "fname", "middlename"}
)
_LAST = frozenset({
    "lastname", "surname", "familyname", "nachname", "nom", "apellido", "apellidos", "lname", "maidenname", "cognome",
})  # fmt: skip
_FULL = frozenset({
    "fullname", "customername", "patientname", "employeename", "username", "personname", "clientname", "contactname",
    "ownername", "studentname", "teachername", "holdername", "cardholder", "accountholder", "membername", "doctorname",
    "authorname", "guestname", "passengername", "displayname", "realname", "borrowername", "tenantname", "drivername",
    "salesperson", "playername",
})  # fmt: skip
_MAYBE = frozenset({
    "name", "names", "author", "authors", "patient", "customer", "employee", "passenger", "contact", "person", "owner",
    "client", "doctor", "physician", "teacher", "student", "manager", "guest", "driver", "director", "actor", "player",
})  # fmt: skip
_HUMAN = _MAYBE - {"name", "names"}  # whose names are written in full, listed or not
_WORD = r"[^\W\d_][^\W\d_'’.-]*([-'’][^\W\d_]+)*\.?"
_is_word_name = re.compile(rf"{_WORD}( {_WORD}){{0,2}}").fullmatch
_is_person_name = re.compile(rf"{_WORD},?( \(?\"?{_WORD}\"?\)?,?){{1,7}}").fullmatch
_CAPITAL = r"[^\W\d_a-zà-öø-ÿ][^\W\d_]*(?:[-'’][^\W\d_]+)*"
_is_whole_name = re.compile(rf"{_CAPITAL}(?: (?:[^\W\d_]\.|[^\W\d_]{{1,3}}|{_CAPITAL}))? {_CAPITAL}").fullmatch
_TITLE = re.compile(
    r"(^|[ ,])(mr|mrs|ms|miss|dr|prof|herr|frau|mme|m\.|sir|lady|master|rev|col|capt|major)\.?( |$)", re.I
)


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    """Return the given names of all the locales that made-up names are drawn from, in lower case."""
    return frozenset(word for name in _listed("person", "names") for word in name.split()[:1])


@lru_cache(maxsize=1)
def _family_names() -> frozenset[str]:
    return frozenset(_listed("person", "surnames"))


@lru_cache(maxsize=1)
def _ordinary_words() -> frozenset[str]:
    """Return the words of all locales that are no names."""
    words = {word for phrase in _listed("text", "words") for word in phrase.split()}
    return frozenset(words - _given_names() - _family_names())


def _listed(file: str, part: str) -> set[str]:
    """Return a list of all the locales that made-up values are drawn from, in lower case."""
    found: set[str] = set()
    for locale in (resources.files("mimesis") / "datasets").iterdir():
        source = locale / f"{file}.json"
        content = json.loads(source.read_text("utf-8")).get(part, ()) if source.is_file() else ()
        groups = content.values() if isinstance(content, dict) else [content]
        found.update(value.lower() for group in groups for value in group)
    return found


def _person(words: frozenset[str], sample: Sequence[str]) -> str | None:
    """Tell names of people by the name of the column and the shape of the values."""
    if words & _FIRST and _share(sample, _is_word_name) >= _MOST:
        return "first_name"
    if words & _LAST and _share(sample, _is_word_name) >= _MOST:
        return "last_name"
    shaped = _share(sample, lambda value: _is_word_name(value) or _is_person_name(value))
    if words & _FULL and shaped >= _MOST:
        return "name"
    # Places and firms begin with a given name in up to a fifth of all cases, family names in three of ten.
    if shaped >= _MOST and len(sample) >= 5 and _share(sample, _has_given_name) >= (0.4 if words & _MAYBE else 0.6):
        alone = _share(sample, lambda value: " " not in value) > 0.9
        return "first_name" if alone else "name"
    return "name" if len(sample) >= 5 and _are_whole_names(sample, told=bool(words & _HUMAN)) else None


def _are_whole_names(sample: Sequence[str], *, told: bool) -> bool:
    """Whether the values are two or three words with capitals and hardly an ordinary word: names that no list has.

    told : the column's name says that they are people. If it does not, a tenth must hold a listed name, and the first
    words may hardly repeat, as makes and regions do. Towns, firms, dishes and countries hold ordinary words far more
    often than names do.
    """
    if _share(sample, _is_whole_name) < _WHOLE or _share(sample, _has_ordinary_word) > _ORDINARY:
        return False
    first = [value.split()[0] for value in sample[:200]]
    various = len(first) >= _FEWEST_UNTOLD and len(set(first)) >= 0.4 * len(first)
    return told or (various and _share(sample, _has_listed_name) >= 0.1)


def _has_ordinary_word(value: str) -> bool:
    return not _ordinary_words().isdisjoint(value.lower().split())


def _has_listed_name(value: str) -> bool:
    words = value.lower().split()
    return words[0] in _given_names() or words[-1] in _family_names()


def _has_given_name(value: str) -> bool:
    if _TITLE.search(value):
        return True
    words = re.findall(r"[^\W\d_]+", value.lower())
    if not words or len(words) > 8:
        return False
    after_comma = re.findall(r"[^\W\d_]+", value.lower().partition(",")[2])
    return words[0] in _given_names() or bool(after_comma and after_comma[0] in _given_names())
