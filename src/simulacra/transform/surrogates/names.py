"""Lists of names: by which names are known in a text, and from which surrogates are drawn.

They are those of mimesis, of all its locales for knowing, of six for drawing. A list is no proof: words that are names
and ordinary words as well ("Will", "Grace", "Mark") count only where something else tells.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from ...text.wordlists import LANGUAGES, stop_words

__all__ = ["Lists", "fold", "is_german", "is_word", "lists", "pool", "script_of"]

_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "ł": "l"})
_DRAWN = ("en", "en-gb", "de", "fr", "es", "it", "nl")
_WORDS_TEXT = """
access account address agent alert ali amazon amber america an ana android angel any app apple april archer are art
asia ask august austin auto autumn back bad baker balance bank bar bay bella ben berry best big bill blue bo bob book
box brand brandy brook brooke brooklyn browser buck bug bunny button call can candy card carolina carson cart carter
case cash chad chance charge charity chase chat check cherry china chip christian cinderella city claim clay clear
click client cliff cloud code cole colt company constance contact control cook cooper copy coral core cost credit cruz
crystal customer daisy dakota dale dallas dan data date dawn day de deal dean del delivery den denver der des desk
destiny device di did do doc don door dot double download drew drive driver duke earl easy edge email end era error
eve even event ever exchange express extra fair faith fast father fax feature fee fern few file fin final fire fisher
fit fix flex flight for forest form forward fox frank free full fund gale gay gem gene general genesis georgia gift
gig ginger glen global go gold good google grace grant gray great green grey group guest guide gun guy hall ham hand
happy hard harmony hat hazel he health heath heaven hello help her herb high him his hold holly home honey hope hotel
hour house houston how hub hugh human hunter ice ill in india info internet invoice iris is israel it item ivy jack
jackson jade jan jay jet jo joan job joe joint jordan journey joy july june just justice key kid kind king kitty la
lab lance lane laptop lark las last late law lead leaf lee legacy less let level lex lie life light like lily limit
lincoln line link list lit live load loan local lock login logo london long lord lost lot love low lucky lunch lux mac
made madison magic mai mail main major make man manager mark market mars mason master match max may me media mel
melody member memo men menu merchant mercy merit merry message meter mika mila miles mint miss misty mo mobile model
mon monday money monitor month more mother move music my name net network new news nick no noble nor norm not note
nova now number oak off offer office old olive on one online open opera option or order our out own packet page paige
pal pan paper parcel paris park parker part party pass pat patience patient pay payment paypal pearl pen penny per
pete phoenix phone photo pick pierce pilot pin plan play plus point policy pool port porter post power precious
premium price prime princess print private pro problem product profile project promise prudence public purchase pure
queen quest question quick quote rain rainy ram randy rate ray read reader real receipt record red reed refund regular
release rent reply report request reset return review reward rex rich ride ring river road rob rocky rod rome room
root rose router ruby rule run russ rusty safe sage sale sales sam same san sandy sat save sawyer say scan school
screen sea search seat second secure security see self send sender serenity server service session set sharp she ship
shipment shipping shop sign sir site sky small smart so software solid son song sound source speed sport spring staff
stage standard star start state station status steel step sterling still stone stop store storm stormy street student
style sue suite summer sun sunny super supply support sweet switch system table tablet tag talk tank tanner tax taylor
tea team tech tell ten test than that the them then they this thor ticket time tip to today tom tool top total tower
town toy track trade train transfer travel trinity trip truck true trust try tube tue two ty tyler type union unit
update upgrade us use user van vance vendor version very video view violet virginia visa voice wade wait walker wall
want ward warm was washington watch water wave way web wed week welcome well west what when which white who why wide
wifi wiley will win wind window wine winter wire wise wish wit woman women wood word work world yes you young your zip
zone zoom iban bic swift sepa vat ssn api app sms vpn pdf url usb gps cpu gpu faq html http https
"""
_LANDS_TEXT = """
africa america american african arabic asia asian australian british canadian chinese christian christmas dutch easter
england english eu euro europe european french friday german greek indian irish islamic italian japanese jewish korean
latin mexican monday muslim polish portuguese roman russian saturday scotland scottish soviet spanish sunday swedish
swiss thursday tuesday turkish uk usa wales wednesday welsh montag dienstag mittwoch donnerstag freitag samstag sonntag
"""
_LANDS = frozenset(_LANDS_TEXT.split())
_WORDS = frozenset(_WORDS_TEXT.split())
"""Words of everyday English that some list of names holds as well."""


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Names in small letters. given : name -> "f", "m" or "fm". last : family names. cities : towns, as written.
    lands : countries and nationalities, which stay: too many people share them.
    """

    given: dict[str, str]
    last: frozenset[str]
    cities: frozenset[str]
    lands: frozenset[str]


def is_word(name: str) -> bool:
    """Whether a name is an ordinary word as well, so that it needs more than a list to be taken for a name.

    >>> is_word("grace"), is_word("svetlana"), is_word("but")
    (True, False, True)
    """
    name = name.casefold()
    return len(name) < 3 or name in _WORDS or name in _stopped()


def is_german(text: str) -> bool:
    """Whether a text has more of the commonest German words than of the English ones."""
    words = text.lower().split()
    german, english = stop_words("de"), stop_words("en")
    return sum(word in german for word in words) > sum(word in english for word in words)


@lru_cache(maxsize=1)
def lists() -> Lists:
    """Return the names of all locales; read once, in about a tenth of a second."""
    given: dict[str, str] = {}
    last: set[str] = set()
    cities: set[str] = set()
    for locale in (resources.files("mimesis") / "datasets").iterdir():
        person, address = _read(locale, "person"), _read(locale, "address")
        for sex, names in person.get("names", {}).items():
            for name in names:
                for part in name.casefold().split():
                    given[part] = "".join(sorted({*given.get(part, ""), *{"female": "f", "male": "m"}.get(sex, "fm")}))
        last.update(name.casefold() for name in _flat(person.get("surnames", ())))
        cities.update(name for name in _flat(address.get("city", ())) if len(name) > 2)
    for name in [name for name in given if not name.isascii()]:
        given.setdefault(fold(name), given[name])
    last.update([fold(name) for name in last if not name.isascii()])
    english = resources.files("mimesis") / "datasets" / "en"
    lands = {name.casefold() for name in _flat(_read(english, "person").get("nationality", ()))} | _LANDS
    lands |= {
        word for name in _flat(_read(english, "address")["country"].get("name", ())) for word in name.casefold().split()
    }
    return Lists(given, frozenset(last), frozenset(cities), frozenset(lands))


@lru_cache(maxsize=32)
def pool(kind: str, script: str = "latin", sex: str = "fm") -> tuple[str, ...]:
    """Return the distinct names to draw from, sorted: kind is given, last, city or street; sex counts for given.

    script : "latin", "cyrillic" or "greek"; names of another script are drawn from the Latin ones.
    """
    locales = {"cyrillic": ("ru",), "greek": ("el",)}.get(script, _DRAWN)
    found: set[str] = set()
    for locale in locales:
        person, address = (
            _read(resources.files("mimesis") / "datasets" / locale, name) for name in ("person", "address")
        )
        if kind == "given":
            groups = {"f": ("female",), "m": ("male",)}.get(sex, ("female", "male"))
            found.update(name for group in groups for name in person.get("names", {}).get(group, ()))
        elif kind == "last":
            names = person.get("surnames", ())
            found.update(names.get({"f": "female"}.get(sex, "male"), ()) if isinstance(names, dict) else names)
        else:
            content = address.get("street", {}).get("name", ()) if kind == "street" else address.get("city", ())
            found.update(_flat(content))
    return tuple(sorted(name for name in found if _usable(name, kind)))


def fold(name: str) -> str:
    """Return a name as it is compared: small letters without marks, umlauts as they are spelled in addresses.

    >>> fold("MÜLLER"), fold("mueller"), fold("Zoë")
    ('mueller', 'mueller', 'zoe')
    """
    spelled = name.casefold().translate(_SPELLED)
    return "".join(char for char in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(char))


def script_of(name: str) -> str:
    """Return the script of a name's first letter.

    >>> script_of("Ольга"), script_of("Zoë")
    ('cyrillic', 'latin')
    """
    letter = next((char for char in name if char.isalpha()), "a")
    return unicodedata.name(letter, "LATIN").split()[0].lower()


def _usable(name: str, kind: str) -> bool:
    alone = kind not in ("given", "last") or (" " not in name and name.isalpha())
    return alone and len(name) > 2 and not (kind in ("given", "last") and is_word(name))


@lru_cache(maxsize=1)
def _stopped() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in stop_words(language))


def _read(folder: Any, name: str) -> dict[str, Any]:
    file = folder / f"{name}.json"
    content: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return content


def _flat(content: Any) -> list[str]:
    return [name for part in content.values() for name in part] if isinstance(content, dict) else list(content)
