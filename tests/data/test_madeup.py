"""Made-up values: new, unique where they are keys, of the learned shape, and right by their checksums."""

from __future__ import annotations

import ipaddress
import re
import uuid

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.draws import Draws, permute
from simulacra.data.madeup import Maker
from simulacra.data.personal import PERSONAL, detect_personal, is_card, is_iban
from simulacra.data.schema import Column
from simulacra.errors import DataError
from simulacra.seeds import Seeds

RNG = np.random.default_rng(11)


def make(
    values: object, kind: str = "identifier", rows: int = 3000, **more: object
) -> tuple[pl.Series, pl.Series, Maker]:
    """Return the real values, the made ones, and their maker."""
    real = pl.Series("k", values, dtype=more.pop("dtype", None))  # type: ignore[arg-type]
    column = Column("k", kind, dtype=str(real.dtype), **more)  # type: ignore[arg-type]
    maker = Maker.learn(real, column, Seeds(5))
    made = maker.make(np.arange(rows, dtype=np.uint64), np.random.default_rng(0).random(rows))
    again = Maker.from_state(column, maker.to_state())
    assert again.make(np.arange(rows, dtype=np.uint64), np.random.default_rng(0).random(rows)).equals(made)
    assert made.dtype == real.dtype
    assert made.null_count() == 0
    return real, made, maker


KEYS = {
    "running numbers": (list(range(1, 2001)), r"^\d{4,5}$"),
    "scattered numbers": (RNG.permutation(np.arange(100_000, 900_000))[:2000].tolist(), r"^\d{6,7}$"),
    "padded": ([f"AB-{k:04d}" for k in range(1, 2001)], r"^AB-\d{4}$"),
    "around": ([f"cust_{k}_x" for k in RNG.permutation(5000)[:2000]], r"^cust_\d{4,5}_x$"),
    "uuid": ([str(uuid.UUID(int=int(k), version=4)) for k in RNG.integers(0, 2**62, 2000)], r"^[0-9a-f-]{36}$"),
    "UUID": ([uuid.UUID(int=int(k), version=4).hex.upper() for k in RNG.integers(0, 2**62, 2000)], r"^[0-9A-F]{32}$"),
    "codes": (["".join(RNG.choice(list("ABCDEFGHXYZ0189"), 9)) for _ in range(2000)], r"^[A-Z0-9]{9}$"),
    "places": ([f"{a}-{k}" for a in ("KL", "MN", "OP") for k in RNG.integers(10**6, 10**7, 600)], r"^[A-Z]{2}-\d+$"),
    "letters": ([a + b + c for a in "abcdefghijk" for b in "klmnopq" for c in "rstuvwxyz"], r"^[a-z]{4,9}$"),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_new_unique_and_of_the_learned_shape(name: str) -> None:
    values, pattern = KEYS[name]
    real, made, _ = make(values)
    assert made.n_unique() == len(made)
    assert made.cast(pl.String).str.contains(pattern).all()
    assert made.is_in(real.implode()).mean() < 0.002


def test_running_keys_run_on_and_scattered_ones_do_not() -> None:
    assert (make(KEYS["running numbers"][0])[1].diff().drop_nulls() == 1).all()
    assert (make(KEYS["scattered numbers"][0])[1].diff().drop_nulls() == 1).mean() < 0.01


def test_keys_that_run_out_of_codes_get_longer_and_it_is_noted() -> None:
    _, made, maker = make([a + b for a in "abcdefghij" for b in "klmnopqrst"])
    assert made.str.len_chars().min() > 2
    assert maker.notes[1] == "Column 'k': made-up keys are longer than real ones, whose shape leaves too few new ones."


@pytest.mark.parametrize("first", [0, 8_999, 10**6, 10**12])
def test_keys_stay_unique_however_many_rows_came_before(first: int) -> None:
    for values, _ in KEYS.values():
        _, made, maker = make(values)
        more = maker.make(np.arange(first, first + 3000, dtype=np.uint64), np.random.default_rng(0).random(3000))
        assert more.n_unique() == 3000
        assert first or more.equals(made)
        assert first < 3000 or not more.is_in(made.implode()).any()


def test_a_type_without_room_for_new_keys_is_an_error() -> None:
    message = "column 'k': the type Int8 has no room for 3,000 new keys. Store the key in a wider type"
    with pytest.raises(DataError) as error:
        make(list(range(100)), dtype=pl.Int8)
    assert message in str(error.value)


def test_keys_of_a_type_that_has_none_are_an_error() -> None:
    with pytest.raises(DataError, match="column 'k': cannot make new keys of the type Boolean"):
        make([True, False])


def test_an_enum_of_personal_values_is_an_error() -> None:
    with pytest.raises(DataError, match="values would be made up, but the column's type allows only the real"):
        make(["ann@web.de", "bob@web.de"], "category", dtype=pl.Enum(["ann@web.de", "bob@web.de"]), personal="email")


def test_long_hashes_keep_their_length() -> None:
    _, made, _ = make([uuid.UUID(int=int(k)).hex * 5 for k in RNG.integers(0, 2**62, 300)])
    assert made.str.contains("^[0-9a-f]{160}$").all()


@given(st.integers(1, 5000), st.integers(0, 2**64 - 1))
@settings(max_examples=40, deadline=None)
def test_a_permutation_permutes(size: int, key: int) -> None:
    assert np.array_equal(np.sort(permute(np.arange(size, dtype=np.uint64), size, key)), np.arange(size))


def test_draws_are_even_and_differ_by_key() -> None:
    uniforms = np.random.default_rng(0).random(50_000)
    one, other = Draws(uniforms, key=1), Draws(uniforms, key=2)
    first, second = one.below(10), one.below(10)
    for draws in (first, second, other.below(10)):
        assert abs(np.bincount(draws, minlength=10) / 50_000 - 0.1).max() < 0.006
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02


REAL = {
    "email": ["ann@web.de", "bob@mail.com"],
    "phone": ["+49 170 1234567", "+49 151 7654321"],
    "name": ["Ann Lee", "Bob Ray"],
    "first_name": ["Annx", "Bobx"],
    "last_name": ["Leex", "Rayx"],
    "iban": ["DE89 3704 0044 0532 0130 00", "DE02 1203 0000 0000 2020 51"],
    "card": ["4111 1111 1111 1111", "5500 0000 0000 0004"],
    "ssn": ["123-45-6789", "078-05-1120"],
    "passport": ["AB123456", "CD654321"],
    "ip": ["10.0.0.1", "192.168.7.200"],
    "mac": ["aa:bb:cc:dd:ee:ff", "00:11:22:33:44:55"],
    "url": ["https://shop.de/a?u=7", "https://shop.de/b?u=9"],
    "address": ["12 Foo Street, Bar", "7 Long Road, Town"],
    "username": ["ann7", "bobby_1"],
}


def test_every_kind_that_is_detected_is_made() -> None:
    assert set(REAL) == set(PERSONAL)


@pytest.mark.parametrize("personal", REAL)
def test_personal_values_look_like_what_they_are_and_are_not_copied(personal: str) -> None:
    real, made, maker = make(REAL[personal] * 20, "text", personal=personal)
    assert not made.is_in(real.implode()).any()
    if personal not in (
        "ssn",
        "name",
        "first_name",
        "last_name",
    ):  # 9xx is no true number; names are told by the column
        assert detect_personal(personal, made.unique().to_list()) == personal
    assert "all values are made up" in maker.notes[0]
    assert maker.notes[0].endswith(
        "drawn independently of the real ones; one that equals a real one does so by chance."
    )


def _matching(personal: str, test: object) -> None:
    made = make(REAL[personal] * 20, "text", personal=personal)[1]
    assert all(map(test, made.to_list()))  # type: ignore[call-overload]


def test_checksums_and_reserved_ranges() -> None:
    nets = [ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    _matching("card", is_card)
    _matching("iban", is_iban)
    _matching("ip", lambda value: any(ipaddress.ip_address(value) in net for net in nets))
    _matching("email", re.compile(r"[a-z]+\.[a-z]+\d+@example\.(com|org|net)").fullmatch)
    _matching("url", re.compile(r"https://www\.example\.com/[a-z]+/[a-z]+-\d+").fullmatch)
    _matching("ssn", re.compile(r"9\d\d-\d\d-\d{4}").fullmatch)
    _matching("phone", re.compile(r"\+49 \d{3} \d{7}").fullmatch)
    _matching("mac", re.compile(r"00:00:5e:00:53:[0-9a-f]{2}").fullmatch)
    _matching("passport", re.compile(r"[A-Z]{2}\d{6}").fullmatch)


@pytest.mark.parametrize(
    ("personal", "values", "pattern"),
    [
        ("name", ["LEE, ANN"], r"^[A-Z '.-]+, [A-Z '.-]+$"),
        ("ip", ["2001:db8::1", "fe80::aa"], r"^2001:db8:"),
        ("mac", ["AA-BB-CC-DD-EE-FF"], r"^00-00-5e-00-53-"),
        ("url", ["www.shop.de/a"], r"^www\.example\.com/"),
        ("username", ["@ann"], r"^@[a-z]+\d+$"),
        ("iban", ["GB29NWBK60161331926819"], r"^GB\d\dXXXX\d{14}$"),
        ("iban", ["x"], r"^."),
        ("address", ["12 Foo Street"], r"^\d+ [^,]+$"),
    ],
)
def test_the_way_of_writing_is_kept(personal: str, values: list[str], pattern: str) -> None:
    made = make(values * 10, "text", personal=personal)[1]
    assert made.str.contains(pattern).all()


def test_personal_numbers_stay_numbers() -> None:
    _, made, _ = make([4111111111111111] * 20, personal="card")
    assert all(is_card(str(number)) for number in made.to_list())


def test_emails_and_user_names_are_unique() -> None:
    for personal in ("email", "username", "url"):
        assert make(REAL[personal] * 20, "text", rows=20_000, personal=personal)[1].n_unique() == 20_000


@pytest.mark.parametrize("case", ["plain", "lower", "upper"])
def test_texts_have_the_lengths_and_the_case_of_real_ones(case: str) -> None:
    real = pl.Series([("Word " * int(k)).strip() + "." for k in RNG.integers(2, 60, 2000)])
    real = real if case == "plain" else getattr(real.str, f"to_{case}case")()
    _, made, _ = make(real, "text")
    shares = [0.1, 0.5, 0.9]
    lengths = [[series.str.len_chars().quantile(q) for q in shares] for series in (real, made)]
    assert np.allclose(*lengths, rtol=0.1, atol=4)
    assert made.str.ends_with(".").all()
    assert (made == made.str.to_lowercase()).all() == (case == "lower")
    assert (made == made.str.to_uppercase()).all() == (case == "upper")
    assert not made.is_in(real.implode()).any()


@pytest.mark.parametrize("values", [[None, None], ["a"], ["", ""], ["x" * 200_000]])
def test_odd_texts(values: list[str | None]) -> None:
    _, made, _ = make(values, "text", rows=5, dtype=pl.String)
    assert made.str.len_chars().min() >= 1
