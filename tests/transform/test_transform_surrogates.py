"""Surrogates: what is found, who stays whom, formats, check digits, days, what a user protects."""

import itertools
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.contracts.rows import Record, Span
from simulacra.data.personal import is_card, is_iban
from simulacra.errors import RecipeError
from simulacra.seeds import Seeds
from simulacra.transform.surrogates import Surrogates, draw_key, find_all, learn_texts
from simulacra.transform.surrogates.checksums import SCHEMES, valid_schemes
from simulacra.transform.surrogates.days import DAY, shift_day
from simulacra.transform.surrogates.names import fold
from simulacra.transform.surrogates.replacing import Writer
from simulacra.transform.surrogates.secret import Secret

KEY = b"k" * 32


def changed(text, **options):
    record = Record("1", text)
    made = Surrogates(key=KEY, **options).apply([record], Seeds(1))[0]
    return text if made is None else made.text


def test_one_person_stays_one_person_in_every_form():
    text = (
        "From: Anna Müller <anna.mueller@firm.net>\n\nAnna Müller called. MÜLLER was cross, A. Müller too; "
        "Frau Müller and anna and Ms Mueller."
    )
    made = changed(text)
    first, last = re.match(r"From: (\w+) (\w+)", made).groups()
    assert not re.search("anna|m(ü|ue)ller|firm", made, re.IGNORECASE)
    assert f"{first} {last} called. {last.upper()} was" in made
    assert f"{first[0]}. {last} too; Frau {last} and {first.lower()} and Ms {last}." in made
    assert re.search(r"<[a-z]+\.[a-z]+@[a-z]+\.example>", made)


def test_the_same_person_in_two_texts_is_the_same_unless_texts_are_kept_apart():
    records = [Record("a", "Dear Anna Müller,\nyes."), Record("b", "Dear Anna Müller,\nno.")]
    together = Surrogates(key=KEY).apply(records, Seeds(1))
    apart = Surrogates(key=KEY, together=False).apply(records, Seeds(1))
    assert len({one.text.split("\n")[0] for one in together}) == 1
    assert len({one.text.split("\n")[0] for one in apart}) == 2


def test_another_key_gives_others_and_a_fresh_key_is_32_bytes():
    text = "Dear Anna Müller,\nyes."
    other = Surrogates(key=draw_key()).apply([Record("1", text)], Seeds(1))[0].text
    assert changed(text) != other
    assert len(draw_key()) == 32


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("my name is john smith and it fails", ["john", "smith"]),
        ("Hi Svetlana,\nplease wait", ["Svetlana"]),
        ("It broke. Best regards,\nKorash Venlor", ["Korash", "Venlor"]),
        ("Name: Venlor, Korash\nall is well", ["Venlor", "Korash"]),
        ("Will Smith opened it", ["Will", "Smith"]),
        ("We live at 12 Mill Lane, Springfield, IL 62704.", ["12 Mill", "Springfield", "62704"]),
        ("Hauptstraße 12, 80331 München.", ["Haupt", "80331", "München"]),
        ("75 rue de la Paix, 75002 Paris.", ["Paix", "75002", "Paris"]),
        ("Acme Widgets GmbH sent it", ["Acme"]),
        ("call +49 170 1234567 or (030) 123-4567", ["1234567", "123-4567"]),
        ("my order #48213 and case number 771-22", ["48213", "771-22"]),
        ("see https://firm.net/u/ann?id=7 and @annlee", ["firm", "ann?", "annlee"]),
        ("from 83.12.44.9 by 3c:22:fb:12:9a:01", ["83.12.44.9", "3c:22"]),
        ("it cost $1,234.50", ["1,234.50"]),
    ],
)
def test_it_is_replaced(text, gone):
    made = changed(text)
    assert [value for value in gone if value in made] == []


@pytest.mark.parametrize(
    "text",
    [
        "I have been waiting for my new card for over a week. Will it arrive in May?",
        "The app shows 2 errors on my iPhone 12 since Windows 11, grace period of 30 days.",
        "",
        "Mark it as read, may I hope for some joy?",
        "This is in Spain, I am Spanish.",
        "日本語のテキスト 🙂",
    ],
)
def test_it_stays(text):
    assert changed(text) == text


def test_formats_and_check_digits_are_kept():
    text = "DE89 3704 0044 0532 0130 00; 4111-1111-1111-1111; 4111 1111 1111 1112; 529.982.247-25; 12345678Z; 12345678A"
    iban, card, wrong, cpf, dni, no_dni = changed(text).split("; ")
    assert is_iban(iban)
    assert len(iban) == len("DE89 3704 0044 0532 0130 00")
    assert iban.startswith("DE")
    assert is_card(card)
    assert card.count("-") == 3
    assert card != "4111-1111-1111-1111"
    assert not is_card(wrong)
    assert re.fullmatch(r"\d{4}( \d{4}){3}", wrong)
    assert "cpf" in valid_schemes(re.sub(r"\D", "", cpf))
    assert re.fullmatch(r"\d{3}\.\d{3}\.\d{3}-\d\d", cpf)
    assert valid_schemes(dni) == ("dni",)
    assert dni != "12345678Z"
    assert valid_schemes(no_dni) == ()
    assert no_dni != "12345678A"


@pytest.mark.parametrize(
    ("valid", "scheme"),
    [
        ("GB82WEST12345698765432", "iban"), ("4012888888881881", "luhn"), ("52998224725", "cpf"),
        ("44051401359", "pesel"), ("9434765919", "nhs"), ("111222333", "bsn"), ("X1234567L", "dni"),
    ],
)  # fmt: skip
def test_published_examples_are_valid_and_one_wrong_digit_is_seen(valid, scheme):
    assert scheme in valid_schemes(valid)
    place = next(place for place in range(len(valid) - 2, 0, -1) if valid[place].isdigit())
    wrong = f"{valid[:place]}{(int(valid[place]) + 1) % 10}{valid[place + 1 :]}"
    assert not next(one for one in SCHEMES if one.name == scheme).holds(wrong)


def test_days_move_together_and_stay_the_same_weekday():
    made = changed("Bought 2024-03-05, paid 12.03.2024, due on March 26th, 2024 and 2 April 2024, not 31/02/2024.")
    iso, german, month, day, year, late = re.search(
        r"Bought (\S+), paid (\S+), due on (\w+) (\d+)\w\w, (\d+) and (.+?), not", made
    ).groups()
    first = date.fromisoformat(iso)
    d, m, y = map(int, german.split("."))
    assert (date(y, m, d) - first).days == 7
    assert first.weekday() == date(2024, 3, 5).weekday()
    assert first != date(2024, 3, 5)
    assert abs((first - date(2024, 3, 5)).days) >= 28
    assert re.fullmatch(r"\d{1,2} [A-Z][a-z]+ \d{4}", late)
    assert month[0].isupper()
    assert int(year) - first.year in (0, 1)
    assert int(day)


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)), st.integers(-60, 60))
@settings(max_examples=40, deadline=None)
def test_a_day_moved_there_and_back_is_itself(day, weeks):
    for written in (f"{day.isoformat()}", f"{day:%d.%m.%Y}", f"{day.day}. {day:%B} {day.year}"):
        there = shift_day(DAY.search(written), weeks)
        assert shift_day(DAY.search(there), -weeks) == written


def test_what_a_user_protects_stays_and_what_a_user_names_goes():
    text = "TCK-ab at Acme Widgets GmbH by Anna Müller, order 123456"
    made = changed(text, protect=["Anna Müller", r"\d{6}"], replace=[r"TCK-\w+"])
    assert "Anna Müller" in made
    assert "123456" in made
    kinds = {span.name for span in find_all(text, replace=[r"TCK-\w+"])}
    assert "own" in kinds
    assert changed(text, kinds=["id"]).startswith("TCK-ab at Acme Widgets GmbH by Anna Müller")


def test_spans_named_protected_stay_and_others_move_along():
    text = "Dear Anna Müller,\nyour card is lost in Bonn now"
    spans = (Span(text.index("lost"), text.index("lost") + 4, "answer"), Span(5, 9, "protected"))
    made = Surrogates(key=KEY).apply([Record("1", text, spans=spans)], Seeds(1))[0]
    assert made.text.startswith("Dear Anna ")
    assert "Müller" not in made.text
    assert [made.text[s.start : s.end] for s in made.spans if s.name == "answer"] == ["lost"]


def test_the_set_of_texts_teaches_names_words_and_numbers():
    texts = [f"error 404 for the {word} page" for word in "abcdefgh"] + ["hello Bluetoo there"] * 3
    texts += ["Regards,\nKorash Venlor", "Yours,\nKorash Venlor", "I saw Korash yesterday, and grace too"]
    known = learn_texts(texts, names=["Ovelia Quux"])
    assert known.people["korash"] == "given"
    assert known.people["quux"] == "last"
    assert "404" in known.common
    made = changed("I saw Korash yesterday, error 404, Quux", knowledge=known)
    assert "Korash" not in made
    assert "Quux" not in made
    assert "404" in made


def test_a_surrogate_is_none_of_the_names_to_avoid():
    text = "Dear Anna Müller,\nyes."
    first = changed(text).split()[1].casefold()
    assert first not in changed(text, avoid=[first]).casefold()


@pytest.mark.parametrize(
    ("options", "told"),
    [({"key": b"short"}, "5 bytes"), ({"kinds": ["shoe"]}, "'shoe' is no kind"), ({"protect": ["("]}, "no regular"),
     ({"replace": ["["]}, "no regular")],
)  # fmt: skip
def test_what_cannot_be_is_told(options, told):
    with pytest.raises(RecipeError, match=told):
        Surrogates(**{"key": KEY, **options}).apply([Record("1", "x y")], Seeds(1))


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_text_is_taken_and_what_is_no_value_stays(text):
    spans = find_all(text)
    assert all(0 <= a.start < a.end <= len(text) for a in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    changed(text)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("please call me and ask for ghedrako lorribel, thanks", "ghedrako lorribel"),
        ("Please refund it. Ghedrako Lorribel has signed for it.", "Ghedrako Lorribel"),
        ("i live in garges-lès-gonesse and like it", "garges-lès-gonesse"),
        ("I moved to Quostania; all is well.", "Quostania"),
        ("Ghedrako said it works. Since then ghedrako's line is dead.", "ghedrako"),
        ("my order is late, please ask elvina sheppard about it", "elvina sheppard"),
        ("Wir haben Ghedrako Lorribel nicht erreicht und warten auf den Rückruf.", "Ghedrako"),
    ],
)
def test_names_that_no_list_has_are_told_by_their_place(text, gone):
    assert gone.casefold() not in changed(text).casefold()


@pytest.mark.parametrize(
    "text",
    [
        "please reschedule the delivery of my refurbished toaster",
        "The Contactless Payment was declined and refunded again.",
        "the driver told the customer about unblocked cards from the bank",
        "I moved to another tariff and asked for repayments.",
    ],
)
def test_ordinary_words_stay_where_names_could_stand(text):
    assert changed(text) == text


def test_a_name_in_an_address_is_no_word_that_the_texts_write_small():
    texts = [f"Sentence number {n} tells of a thing that is late." for n in range(60)]
    texts += ["Yesterday I saw Ghetash and Mufer at home.", "Write to ghetash.mufer@firm.net today."]
    knowledge = learn_texts(texts)
    assert {"ghetash", "mufer"} <= knowledge.rare
    assert knowledge.is_strange("Ghetash")
    assert not knowledge.is_strange("number")


def beside(text, *names):
    """Return a text with surrogates whose row holds these names."""
    return changed(text, knowledge=learn_texts([text], names).of_row(names))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["+49 {}", "0049 {}", "+49{}", "0{}", "+49 (0){}", "(0{})"]), st.integers(10**8, 10**10))
def test_a_number_keeps_its_own_digits_in_every_form(form, number):
    value = f"{number}"

    def made(written):
        return re.sub(r"\D", "", changed(f"call {written} now"))

    writer = Writer(Secret(KEY), "1")
    national = writer._phone(f"0{value}")
    assert national[0] == "0"
    assert national[1:] != value
    assert re.sub(r"\D", "", writer._phone(form.format(value))).endswith(national[1:])
    assert made(f"+49 {value}").endswith(national[1:])


@pytest.mark.parametrize("name", ["Mark Turner", "Grace Zibbledorf", "Bob Ngowo"])
def test_a_name_beside_the_text_is_found_however_it_is_written(name):
    first = name.split()[0]
    for form in (first.lower(), first.upper(), first):
        assert form not in beside(f"and {form} came by, he said", name)


def test_common_words_that_are_also_names_of_the_row_stay_in_small_letters():
    assert "I will wait" in beside("I will wait for it", "Will Smith")


@pytest.mark.parametrize(
    ("name", "initial", "address"),
    [
        ("Thorben Wiese", "T. Wiese", "t.wiese"),
        ("Margarethe Hölzl", "M. Hölzl", "m.hoelzl"),
        ("Siân Pritchard-Owen", "S. Pritchard-Owen", "s.owen"),
        ("Ørjan Bjørgås", "O. Bjørgås", "o.bjoergaas"),
    ],
)
def test_an_initial_and_an_address_are_of_the_person_of_the_row(name, initial, address):
    given_name, last = beside(f"I am {name}.", name).removeprefix("I am ").rstrip(".").split(" ", 1)
    signed = beside(f"Kind regards, {initial}", name)
    assert signed.endswith(f"{given_name[0]}. {last}")
    if "-" not in last and "-" not in name:
        local = re.search(r"write to (\S+)@", beside(f"write to {address}@gmx.de", name))[1]
        assert local == f"{fold(given_name)[0]}.{fold(last)}"


def test_a_given_name_that_is_a_word_goes_before_a_family_name_that_is_known():
    made = beside("It was charged twice. Jan Wrzesniewski", "Agnieszka Wrzesniewski")
    assert "Jan" not in made
    assert "Wrzesniewski" not in made


@pytest.mark.parametrize(
    ("before", "name"),
    [("Guten Tag, hier ist ", "Otto Müller"), ("Das Paket war leer. Gruß ", "Thorben"), ("Der Kollege ", "Marschalk"),
     ("Bonjour, ici c'est ", "Amélie Dupont"), ("Die Nachbarin ", "Zibbleska")],
)  # fmt: skip
def test_what_stands_before_a_name_stays(before, name):
    made = changed(f"{before}{name}.")
    assert made.startswith(before)
    assert name not in made


@pytest.mark.parametrize("town", ["Gdynia", "Sheffield"])
def test_a_town_is_replaced_by_a_town(town):
    text = f"She sent the boots back from {town} on Monday."
    assert [span.name for span in find_all(text) if text[span.start : span.end] == town] == ["city"]
