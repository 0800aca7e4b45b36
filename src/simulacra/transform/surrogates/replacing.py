"""Which surrogate each kind of value gets, within one text."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from ...contracts.rows import Span
from ..editing.draws import Draws
from ..editing.edits import Edit
from .days import DAY, shift_day
from .knowledge import NOTHING, Knowledge
from .names import fold, lists, pool, script_of
from .secret import Secret
from .shapes import same_shape, surrogate_amount, surrogate_identifier, surrogate_ip, surrogate_mac

__all__ = ["Writer"]

_MOST_WEEKS, _LEAST_WEEKS = 60, 4
_FREE_MAIL = ("gmail", "googlemail", "yahoo", "hotmail", "outlook", "live", "icloud", "gmx", "web", "aol", "proton")
_STREETS = (
    r"straße|strasse|str\.|weg|gasse|allee|platz|ring|damm|ufer|straat|laan|plein|gracht"
    r"|kade|vej|gade|gatan|vägen|gata|veien"
)
_COUNTRY = r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})"
_DIALLED = re.compile(rf"(?:(?:\+|00){_COUNTRY}[ .-]*(?:\(0\))?|(?:1[ .-](?=\(?\d{{3}}))?)[ .-]*\(?0*")
"""What stands before a number's own digits; source of the lengths of country codes: ITU-T E.164."""
_STREET_TEXT = """
street st avenue ave road rd lane ln drive dr blvd boulevard court ct way place pl square sq terrace close crescent
parkway pkwy highway hwy circle trail alley gardens row mews hill rue allée chemin impasse quai cours straße strasse str
weg gasse allee platz ring damm ufer calle avenida avda via viale piazza corso plaza paseo rua travessa ul ulica al
p o po box postfach n north south east west upper lower old new
"""
_STREET_WORDS = frozenset(_STREET_TEXT.split())


class Writer:
    """Writes the edits of one text.

    secret : of the whole set of texts. identity : of the text, on which the shift of its days depends. avoid : names in
    small letters that no surrogate should be. knowledge : of whole names, so that initials and addresses agree.
    """

    def __init__(
        self, secret: Secret, identity: str, avoid: Collection[str] = (), *, knowledge: Knowledge = NOTHING
    ) -> None:
        self._secret, self._avoid, self._knowledge = secret, avoid, knowledge
        draws = secret.draws("weeks", identity)
        weeks = _LEAST_WEEKS + draws.below(_MOST_WEEKS - _LEAST_WEEKS)
        self._weeks = weeks if draws.below(2) else -weeks
        self._people: list[tuple[str, str]] = []

    def edits(self, text: str, spans: Sequence[Span]) -> list[Edit]:
        """Return an edit for each span."""
        self._people = [
            (text[span.start : span.end], text[after.start : after.end])
            for span, after in pairwise(spans)
            if span.name == "given" and after.name == "last" and after.start - span.end < 12
        ]
        edits = []
        for place, span in enumerate(spans):
            follows = spans[place + 1] if place + 1 < len(spans) else None
            last = "" if follows is None or follows.name != "last" else text[follows.start : follows.end]
            edits.append(Edit(span.start, span.end, self._made(text[span.start : span.end], span.name, last)))
        return edits

    def _made(self, value: str, kind: str, last: str) -> str:
        if kind in ("given", "last"):
            return self.name(value, kind)
        if kind == "initial":
            return self._initial(value, last)
        if kind == "date":
            found = DAY.fullmatch(value)
            moved = None if found is None else shift_day(found, self._weeks)
            return surrogate_identifier(value, "id", self._secret) if moved is None else moved
        if kind in _PLAIN:
            return _PLAIN[kind](value, self._secret)
        make = {
            "email": self.email, "url": self._url, "handle": self._handle, "street": self._street, "city": self._city,
            "organisation": self._organisation, "phone": self._phone,
        }.get(kind)  # fmt: skip
        return surrogate_identifier(value, kind, self._secret) if make is None else make(value)

    def name(self, value: str, role: str) -> str:
        """Return the surrogate of a word of a name: of its script, sex and case, the same in every role and form."""
        word = value.casefold()
        known, family = lists().given.get(word.split("-")[0]), word in lists().last
        kind = "given" if known and not family else "last" if family and not known else role
        names = pool(kind, script_of(value), known or "fm") if kind == "given" else pool("last", script_of(value))
        return _in_case(self._secret.pick(kind, fold(value), names, self._avoid), value)

    def _initial(self, value: str, last: str) -> str:
        """Return the first letter of the surrogate of the name that the initial stands for, if the text has it."""
        # Without a family name only the text itself says whom an initial stands for.
        letter, family = fold(value)[:1], fold(last)
        own = (
            given for given, other in self._people if fold(given)[:1] == letter and (not last or fold(other) == family)
        )
        full = next(own, None) or (self._knowledge.whom.get((letter, family)) if last else None)
        if full:
            return _in_case(self.name(full, "given")[:1], value)
        return _in_case(self._secret.pick("initial", f"{value} {last}".casefold(), "ABCDEFGHJKLMNPRSTW"), value)

    def email(self, value: str) -> str:
        """Return an address in a domain that is nobody's (RFC 2606); names in it are those that the names got."""
        local, _, domain = value.partition("@")
        pieces = re.split(r"([._+-]|\d+)", local)
        if any(self._is_name(piece) for piece in pieces):
            made = "".join(self._piece(piece, place, pieces) for place, piece in enumerate(pieces))
        else:
            made = _ascii(self._secret.pick("mailbox", local.casefold(), pool("last")).lower())
            made += str(10 + self._secret.draws("mailbox number", local.casefold()).below(990))
        return f"{made}@{self._domain(domain)}"

    def _is_name(self, piece: str) -> bool:
        word, own = fold(piece), self._knowledge
        return any(word in names for names in (lists().given, lists().last, own.row, own.people))

    def _piece(self, piece: str, place: int, pieces: Sequence[str]) -> str:
        if piece.isdigit():
            return same_shape(piece, self._secret.draws("mail digits", "".join(pieces)))
        if not piece.isalpha():
            return piece
        if len(piece) == 1:
            return _ascii(self._initial(piece, pieces[-1]))
        return _ascii(self.name(piece, "given" if place == 0 and len(pieces) > 1 else "last"))

    def _domain(self, domain: str) -> str:
        first = domain.lower().split(".")[0]
        if first in _FREE_MAIL:
            return self._secret.pick("free mail", first, ("example.com", "example.org", "example.net"))
        return f"{_ascii(self._secret.pick('domain', domain.lower(), pool('last')).lower())}.example"

    def _url(self, value: str) -> str:
        scheme, mark, rest = value.partition("://") if "://" in value else ("", "", value)
        host, _, path = rest.partition("/")
        made = f"{scheme}{mark}{'www.' if host.startswith('www.') else ''}{self._domain(host.removeprefix('www.'))}"
        if path:
            made += f"/{_ascii(self._secret.pick('path', rest, pool('last')).lower())}"
        return made

    def _handle(self, value: str) -> str:
        name = _ascii(self._secret.pick("handle", value.casefold(), pool("last")).lower())
        return f"@{name}{self._secret.draws('handle number', value.casefold()).below(1000)}"

    def _phone(self, value: str) -> str:
        """Return another number; the national and the international form of one get the same digits."""
        found = _DIALLED.match(value)
        head = found[0] if found is not None else ""
        own = re.sub(r"\D", "", value[len(head) :])
        digits = iter(self._secret.until("phone", own, lambda draws: same_shape(own, draws)))
        made = head + re.sub(r"\d", lambda _: next(digits), value[len(head) :])
        american = re.fullmatch(r"((?:\+?1[ .-])?\(?[1-9]\d\d\)?[ .-]?)\d{3}([ .-]?)\d{2}(\d{2})", made)
        return f"{american[1]}555{american[2]}01{american[3]}" if american else made

    def _street(self, value: str) -> str:
        drawn = self._secret.draws("house", value.casefold())
        names = pool("street", "latin")

        def other(found: re.Match[str]) -> str:
            word, ending = found[0], re.search(rf"(?:{_STREETS})\Z", found[0], re.IGNORECASE)
            if word.casefold().strip(".") in _STREET_WORDS or not word[0].isupper():
                return word
            if ending is not None and ending.start() > 1:
                return f"{self._secret.pick('street', word.casefold(), pool('last'))}{ending[0]}"
            return self._secret.pick("street", word.casefold(), [name for name in names if name.isalpha()], self._avoid)

        return same_digits(re.sub(r"[^\W\d_][\w'’.-]*", other, value), drawn)

    def _city(self, value: str) -> str:
        return _in_case(self._secret.pick("city", value.casefold(), pool("city", script_of(value)), self._avoid), value)

    def _organisation(self, value: str) -> str:
        return _in_case(self._secret.pick("organisation", value.casefold(), pool("last"), self._avoid), value)


def same_digits(value: str, draws: Draws) -> str:
    """Return the value with other digits alone."""
    return "".join(same_shape(part, draws) if part.isdigit() else part for part in re.split(r"(\d+)", value))


_PLAIN = {"amount": surrogate_amount, "ip": surrogate_ip, "mac": surrogate_mac}


def _in_case(name: str, as_in: str) -> str:
    if as_in.isupper() and (len(as_in) > 1 or len(name) == 1):
        return name.upper()
    return name.lower() if as_in.islower() else name


def _ascii(name: str) -> str:
    """Return a name as it stands in addresses.

    >>> _ascii("Jürgen"), _ascii("Zoë")
    ('juergen', 'zoe')
    """
    return re.sub(r"[^a-z]", "", fold(name)) or "post"
