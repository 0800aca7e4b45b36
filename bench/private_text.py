"""How much of what names a person a privatized text still shows, on texts made here with known persons in them.

    python bench/private_text.py                   recall of planted values, by kind, form and locale; consistency
    python bench/private_text.py --student FOLDER  what a student loses when it learns from surrogates
                                                   (train.jsonl and test.jsonl with text and label)
    python bench/private_text.py --collapse FILE  the collapse of word chains on the texts of a .jsonl file

Names, towns and addresses are drawn from mimesis, which the finder's own lists come from: so the second table draws
the same texts with names that no list has (made of syllables). Real texts are not that tidy: take both as upper bounds.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from simulacra.contracts.rows import Record
from simulacra.seeds import Seeds
from simulacra.transform.surrogates import Surrogates, learn_texts

_FORMS: dict[str, tuple[str, ...]] = {
    "greeting": (
        "Hi {given},\nthe parcel {code} never came. Can you look?",
        "Dear Mr {last},\nthank you for your call about {amount}.",
        "Sehr geehrte Frau {last}, Ihre Rechnung {code} ist offen.",
        "Bonjour Madame {last}, votre dossier {code} est clos.",
    ),
    "header": (
        "From: {given} {last} <{email}>\nTo: Support\nDate: {date}\n\nThe app does not open any more.",
        "Name: {last}, {given}\nPhone: {phone}\nAddress: {address}\n\nPlease change my tariff.",
        "Customer: {given} {last}\nCase: {code}\nThe router blinks red.",
    ),
    "signature": (
        "The invoice is wrong, please mend it.\n\nBest regards,\n{given} {last}\n{phone}",
        "Mein Konto {iban} ist gesperrt.\n\nMit freundlichen Grüßen\n{given} {last}\n{address}",
        "My card {card} was charged twice. Thanks, {given}",
    ),
    "sentence": (
        "Yesterday {given} {last} from your shop in {city} told me to wait until {date}.",
        "My name is {given} {last} and I live at {address}. Call {phone}.",
        "Please refund {amount} to {iban}. {given} {last} has signed for it in {city}.",
        "I moved to {city}; mail {email} or ask {given} about order {code}.",
        "{given} said that {last} will bring the papers on {date}.",
    ),
    "small letters": (
        "hi, my name is {given} {last} and my order {code} is late",
        "please call {phone} and ask for {given} {last}, thanks",
        "mr {last} told me to write to {email}",
        "i live in {city} and {given} {last} opened my parcel",
    ),
}
_LOCALES = ("en", "en-gb", "de", "fr", "es", "it", "nl", "pl", "sv", "pt-br", "tr")
_PARTS = ("ba", "ko", "ri", "ven", "tash", "mu", "lor", "ghe", "nist", "dra", "wy", "quo", "bel", "zan", "fer", "oth")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1100)
    parser.add_argument("--student", type=Path)
    parser.add_argument("--collapse", type=Path)
    options = parser.parse_args()
    if options.student is not None:
        compare_students(options.student)
        return
    if options.collapse is not None:
        collapse_chains(options.collapse)
        return
    for told, listed in (("names that the lists have", True), ("names that no list has", False)):
        print(f"\n## {told}\n")
        recall(options.texts, listed)
    consistency()


def make_texts(count: int, listed: bool, seed: int = 7) -> list[tuple[str, str, str, dict[str, str]]]:
    """Return (form, locale, text, planted values) of made-up messages."""
    rng, made = random.Random(seed), []
    people = {locale: _provider(locale, seed) for locale in _LOCALES}
    for place in range(count):
        locale = _LOCALES[place % len(_LOCALES)]
        form = rng.choice(list(_FORMS))
        template = rng.choice(_FORMS[form])
        values = _values(people[locale], rng, listed)
        text = template.format(**values)
        used = {name: value for name, value in values.items() if "{" + name + "}" in template}
        if form == "small letters":
            text, used = text.lower(), {name: value.lower() for name, value in used.items()}
        made.append((form, locale, text, used))
    return made


def _provider(locale: str, seed: int) -> Any:
    from mimesis import Generic
    from mimesis.locales import Locale

    return Generic(Locale(locale), seed=seed)


def _values(provider: Any, rng: random.Random, listed: bool) -> dict[str, str]:
    given, last = provider.person.first_name(), provider.person.last_name()
    city = provider.address.city()
    if not listed:
        given, last, city = (_syllables(rng) for _ in range(3))
    day = provider.datetime.date(start=2015, end=2024)
    number = "".join(str(rng.randrange(10)) for _ in range(10))
    street = f"{provider.address.street_name()} {provider.address.street_suffix()}".strip()
    house, code = rng.randrange(1, 200), rng.randrange(10000, 99999)
    addresses = (
        f"{house} {street}",
        f"{last}straße {house}, {code} {city}",
        f"{house} rue {city}",
        f"Calle {last} {house}",
    )
    phones = (
        f"+49 {number[:3]} {number[3:]}",
        f"({number[:3]}) {number[3:6]}-{number[6:]}",
        f"06 {number[:2]} {number[2:4]} {number[4:6]} {number[6:8]}",
        f"0{number[:4]}/{number[4:]}",
    )
    codes = (f"INV-{number[:5]}", number[:8], f"AB{number[:6]}X", f"#{number[:5]}")
    days = (day.isoformat(), f"{day:%d.%m.%Y}", f"{day.day} {day:%B} {day.year}", f"{day:%B} {day.day}")
    return {
        "given": given, "last": last, "city": city, "address": rng.choice(addresses),
        "email": f"{given}.{last}@firm.net".lower().replace(" ", ""),
        "phone": rng.choice(phones),
        "iban": _iban(rng), "card": _card(rng), "code": rng.choice(codes),
        "date": rng.choice(days),
        "amount": f"${rng.randrange(1, 9)},{rng.randrange(111, 999)}.{rng.randrange(11, 99)}",
    }  # fmt: skip


def _syllables(rng: random.Random) -> str:
    return "".join(rng.choice(_PARTS) for _ in range(rng.randrange(2, 4))).capitalize()


def _iban(rng: random.Random) -> str:
    bank = "".join(str(rng.randrange(10)) for _ in range(18))
    return f"DE{98 - int(bank + '131400') % 97:02}{bank}"


def _card(rng: random.Random) -> str:
    digits = "4" + "".join(str(rng.randrange(10)) for _ in range(14))
    total = sum(sum(divmod(int(c) * (2 if place % 2 == 0 else 1), 10)) for place, c in enumerate(digits))
    return f"{digits}{-total % 10}"


def recall(count: int, listed: bool) -> None:
    """Print the share of planted values of which nothing of four letters or digits is left where it stood."""
    made = make_texts(count, listed)
    texts = [text for _, _, text, _ in made]
    start = time.process_time()
    transform = Surrogates(key=b"b" * 32, knowledge=learn_texts(texts))
    after = transform.apply([Record(f"{place}", text) for place, text in enumerate(texts)], Seeds(1))
    seconds = time.process_time() - start
    tables: dict[str, dict[str, list[bool]]] = {
        "kind": defaultdict(list),
        "form (names)": defaultdict(list),
        "locale (names)": defaultdict(list),
    }
    for (form, locale, text, used), variant in zip(made, after, strict=True):
        new = text if variant is None else variant.text
        for kind, value in used.items():
            gone = not _survives(value, new, kind)
            tables["kind"][kind].append(gone)
            if kind in ("given", "last"):
                tables["form (names)"][form].append(gone)
                tables["locale (names)"][locale].append(gone)
    for title, rows in tables.items():
        print(
            f"{title}: "
            + ", ".join(f"{name} {sum(hits) / len(hits):.3f} (of {len(hits)})" for name, hits in sorted(rows.items()))
        )
    print(f"texts a CPU second: {len(texts) / seconds:,.0f}")


def _survives(value: str, text: str, kind: str) -> bool:
    """Whether a value stands in a text; of an address its street alone is enough."""
    if kind == "address":
        return value.split(",")[0] in text
    return value in text


def consistency() -> None:
    """Print how often two forms of one person get one surrogate, and how often two persons get two."""
    forms = (
        "Dear {given},",
        "Mr {last} called.",
        "From: {given} {last} <x@y.org>",
        "{given} {last}, and {LAST} again.",
    )
    rng = random.Random(3)
    people = {locale: _provider(locale, 3) for locale in _LOCALES}
    pairs = {
        (people[locale].person.first_name(), people[locale].person.last_name())
        for locale in _LOCALES
        for _ in range(40)
    }
    secret = Surrogates(key=b"b" * 32)
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for given, last in sorted(pairs):
        text = f"{given} {last}"
        for form in forms:
            full = form.format(given=given, last=last, LAST=last.upper())
            made = secret.apply([Record(str(rng.random()), f"From: {text}\n\n{full}")], Seeds(1))[0]
            if made is not None:
                seen[given, last].add(made.text.split("\n")[0])
    same = sum(len(found) == 1 for found in seen.values())
    different = len({next(iter(found)) for found in seen.values()})
    print(
        f"\n## consistency\n\npersons with one surrogate over {len(forms)} texts: {same} of {len(seen)}; "
        f"different surrogates: {different}"
    )


def compare_students(folder: Path) -> None:
    """Print the accuracy on real texts of a student of real texts, and of one of the same texts with surrogates."""
    import polars as pl
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    train, test = (pl.read_ndjson(folder / f"{name}.jsonl").drop_nulls() for name in ("train", "test"))
    label = "label"
    train = train.sample(min(4000, len(train)), seed=1)
    texts = train["text"].to_list()
    transform = Surrogates(key=b"b" * 32, knowledge=learn_texts(texts))
    made = transform.apply([Record(str(k), text) for k, text in enumerate(texts)], Seeds(1))
    new = [text if one is None else one.text for text, one in zip(texts, made, strict=True)]
    changed = sum(one is not None for one in made)
    for told, rows in (("real", texts), ("surrogates", new)):
        student = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(max_iter=1000))
        student.fit(rows, train[label].to_list())
        print(f"{told}: {student.score(test['text'].to_list(), test[label].to_list()):.4f}")
    print(f"texts changed: {changed} of {len(texts)}")


def collapse_chains(path: Path) -> None:
    """Print the signs of generations of word chains, and how often fresh real texts in their place raise an alarm."""
    import polars as pl

    from simulacra.measure._monitor import collapsing, warnings
    from simulacra.measure._support_text import TextAnchor
    from simulacra.report.collapse import run_collapse, table_rows
    from simulacra.run.generations import Experiment

    frame = pl.read_ndjson(path).select("text").drop_nulls()
    for regime in ("replace", "accumulate"):
        record = run_collapse(Experiment(6, regime, rows=2000, text="text"), frame, None)
        header, lines = table_rows(record)
        print(f"\n{regime}\n" + "\n".join("  ".join(line) for line in (header, *lines)))
    warned = alarms = sets = 0
    for seed in range(4):
        texts = frame.sample(fraction=1, shuffle=True, seed=seed)["text"].to_list()
        anchor = TextAnchor(texts[:1000], texts[1000:2000], Seeds(seed), 1000)
        history = [anchor.measure(texts[start : start + 1000]) for start in range(2000, len(texts) - 999, 1000)]
        sets += len(history)
        warned += sum(bool(warnings(values, anchor.floors)) for values in history)
        alarms += any(collapsing(history[:k], anchor.floors) for k in range(1, len(history) + 1))
    print(f"\nfresh real texts: a warning in {warned} of {sets} sets, an alarm in {alarms} of 4 runs")


if __name__ == "__main__":
    main()
