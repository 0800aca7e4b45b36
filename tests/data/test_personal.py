import json
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.personal import PERSONAL, detect_personal, is_card, is_iban

PEOPLE = ["Anna Schmidt", "José García", "John A. Smith", "Marie-Claire Dubois", "Thomas O'Neill", "Maria Rossi"]
TITANIC = ["Braund, Mr. Owen Harris", "Cumings, Mrs. John Bradley (Florence Briggs Thayer)", "Heikkinen, Miss. Laina",
           "Allen, Mr. William Henry", "Moran, Mr. James", "Palsson, Master. Gosta Leonard"]  # fmt: skip
IBANS = ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR1420041010050500013M02606", "NL91ABNA0417164300"]

PERSONAL_COLUMNS = [
    ("contact", ["ann@example.org", "b.c+d@mail.example.co.uk", "e@f.io"], "email"),
    ("x", ["https://example.org/a?b=1", "http://b.example", "www.example.com/x"], "url"),
    ("host", ["192.168.0.1", "10.0.0.255", "8.8.8.8"], "ip"),
    ("host", ["2001:db8::1", "fe80::1", "::1"], "ip"),
    ("device", ["00:1B:44:11:3A:B7", "00-1b-44-11-3a-b8"], "mac"),
    ("x", IBANS, "iban"),
    ("iban", [f"DE00 1234 5678 9012 3456 7{i}" for i in range(3)], "iban"),
    ("x", ["4111 1111 1111 1111", "5500-0055-5555-5559", "340000000000009"], "card"),
    ("x", ["123-45-6789", "078-05-1120"], "ssn"),
    ("National ID", ["850101/1234", "901231/4321"], "ssn"),
    ("passport_no", ["C01X00T47", "L8988901C"], "passport"),
    ("x", ["+49 30 901820", "+1 (202) 555-0143"], "phone"),
    ("x", ["(202) 555-0143", "202-555-0177 x12"], "phone"),
    ("x", ["01 23 45 67 89", "06.12.34.56.78"], "phone"),
    ("mobile", ["2025550143", "2025550177"], "phone"),
    ("Home address", ["12 High Street, Leeds", "7b Oak Avenue"], "address"),
    ("x", ["Hauptstraße 12", "Am Ring 3", "Gartenweg 5a"], "address"),
    ("user_name", ["ann_77", "b.smith"], "username"),
    ("first_name", ["Anna", "Zbigniew", "Ng"], "first_name"),
    ("FirstName", ["Anna", "Zbigniew"], "first_name"),
    ("surname", ["Schmidt", "de la Cruz", "O'Neill"], "last_name"),
    ("Nachname", ["Müller", "Özdemir"], "last_name"),
    ("customer_name", ["Xi Zq", "Bartholomäus Quaxx"], "name"),
    ("name", PEOPLE, "name"),
    ("Name", TITANIC, "name"),
    ("whoever", PEOPLE, "name"),
    ("whoever", ["Anna", "Thomas", "Maria", "John", "Peter"], "first_name"),
]

OTHERS = [
    ("amount", ["12.50", "3.99", "1000.00"]),
    ("phone_model", ["Galaxy S9", "Pixel 7"]),
    ("date", ["2020-01-01", "2021-02-03"]),
    ("order", ["20200101", "20210203", "4567890"]),
    ("version", ["1.2.3", "10.0.1"]),
    ("time", ["12:30:15", "01:02:03"]),
    ("size", ["1111111111111111", "1234567890123456"]),
    ("name", ["Lansdowne Airport", "Schaumburg Regional", "Jekyll Island Airport", "Dodge County", "Grand Rapids"]),
    ("name", ["Endeavor Air Inc.", "American Airlines Inc.", "JetBlue Airways", "Delta Air Lines Inc.", "Envoy Air"]),
    ("product", ["Blue Chair", "Red Table", "Green Lamp", "Desk", "Oak Shelf"]),
    ("city", ["Berlin", "Paris", "Madrid", "Rome", "Oslo"]),
    ("occupation", ["Adm-clerical", "Exec-managerial", "Sales", "Tech-support", "Craft-repair"]),
    ("race", ["White", "Black", "Other", "Asian-Pac-Islander", "Amer-Indian-Eskimo"]),
    ("native.country", ["United-States", "Cuba", "Jamaica", "India", "Mexico"]),
    ("address", ["0x7ffe", "0x7fff"]),
    ("x", []),
    ("x", ["", " "]),
]


@pytest.mark.parametrize(("name", "values", "kind"), PERSONAL_COLUMNS, ids=[f"{k}-{n}" for n, _, k in PERSONAL_COLUMNS])
def test_personal_columns_are_found(name, values, kind):
    assert detect_personal(name, values) == kind
    # Some cells always hold something else.
    assert detect_personal(name, values * 3 + ["n.a."]) == kind


@pytest.mark.parametrize(("name", "values"), OTHERS, ids=[f"{i}-{n}" for i, (n, _) in enumerate(OTHERS)])
def test_other_columns_are_not(name, values):
    assert detect_personal(name, values) is None


def test_every_kind_has_a_case():
    assert {kind for *_, kind in PERSONAL_COLUMNS} == set(PERSONAL)


def test_a_minority_makes_no_column_personal():
    assert detect_personal("x", ["ann@example.org", "one", "two", "three"]) is None


@given(st.integers(0, 10**15 - 1))
@settings(max_examples=60, deadline=None)
def test_one_wrong_digit_breaks_a_card(number):
    digits = f"4{number:015d}"[:15]
    slow = next(d for d in range(10) if _luhn(digits + str(d)))
    assert is_card(digits + str(slow))
    assert not is_card(digits + str((slow + 1) % 10))


def _luhn(text):
    """The definition, slowly: double every second digit from the right, add the digits of it all."""
    total = 0
    for place, char in enumerate(reversed(text)):
        double = int(char) * (1 + place % 2)
        total += double // 10 + double % 10
    return total % 10 == 0


@pytest.mark.parametrize("iban", IBANS)
def test_one_wrong_digit_breaks_an_iban(iban):
    assert is_iban(iban)
    last = iban[-1]
    assert not is_iban(iban[:-1] + str((int(last) + 1) % 10))
    assert not is_iban(iban[2:])


def test_random_numbers_are_no_cards():
    rng = np.random.default_rng(5)
    numbers = [str(n) for n in rng.integers(4 * 10**15, 5 * 10**15, 500)]
    assert sum(map(is_card, numbers)) < 100
    assert detect_personal("x", numbers) is None


@pytest.mark.parametrize("locale", ["en", "de", "es", "it", "pl", "tr"])
def test_names_of_other_tongues(locale):
    people = json.loads((resources.files("mimesis") / "datasets" / locale / "person.json").read_text("utf-8"))
    first, last = people["names"]["female"][:40], people["surnames"]
    last = (last["female"] if isinstance(last, dict) else last)[:40]
    assert detect_personal("name", [f"{a} {b}" for a, b in zip(first, last, strict=False)]) == "name"


UNLISTED = [f"{first}{last} {last.title()}{first.lower()}" for first in ("Bado", "Gefi", "Kuvo", "Zemo", "Navi", "Lugo")
            for last in ("dra", "kozi", "vemu", "tigo")]  # fmt: skip


def test_whole_names_that_no_list_has_are_people_where_the_heading_says_so():
    assert detect_personal("customer", UNLISTED) == "name"
    assert detect_personal("client", [*UNLISTED, "n.a.", "unknown"]) == "name"
    assert detect_personal("customer", UNLISTED[:4]) is None
    assert detect_personal("customer", [name.lower() for name in UNLISTED]) is None
    assert detect_personal("what", UNLISTED) is None


def test_a_few_listed_names_tell_whole_names_under_any_heading():
    some = [*UNLISTED, "Anna Xuvo", "Thomas Vigezu", "Maria Zorulo"]
    assert detect_personal("raised by", some) == "name"
    makes = [f"{make} {model}" for make in ("Mercedes", "Toyota", "Zastava", "Lancia") for model in ("Kuvo", "Zemi",
             "Navido", "Ladra", "Tigox", "Vemu")]  # fmt: skip
    assert detect_personal("car", makes) is None


@pytest.mark.parametrize(("file", "part"), [("address", "city"), ("finance", "banks"), ("food", "dishes"),
                                            ("food", "drinks"), ("food", "vegetables")])  # fmt: skip
def test_things_written_as_names_are_not_people(file, part):
    listed = json.loads((resources.files("mimesis") / "datasets" / "en" / f"{file}.json").read_text("utf-8"))[part]
    several = [value for value in listed if " " in value]
    assert len(several) >= 10
    assert [name for name in ("customer", "client", "what") if detect_personal(name, several)] == []
