"""privatize: surrogates end to end, what may be passed on and what may not, the audit, the command."""

import json
import re
import stat

import polars as pl
import pytest

import simulacra
from simulacra.cli.main import run_command
from simulacra.errors import DataError, OutputError, RecipeError
from simulacra.run.private.audit import left_score, review_of
from simulacra.testing.suites._tickets import example_texts

PEOPLE = [("Anna", "Müller"), ("Tomasz", "Kowalczyk"), ("Ovelia", "Quux"), ("Chloé", "Dubois"), ("Svetlana", "Petrova")]


@pytest.fixture(scope="module")
def tickets():
    rows = []
    for place, text in enumerate(example_texts(120, seed=3)):
        given, last = PEOPLE[place % len(PEOPLE)]
        head = f"From: {given} {last} <{given}.{last}{place}@firm.net>"
        body = f"{head}\n{text}\nCall +49 170 55512{place:03}.\n\nRegards,\n{last}"
        kind = "printer" if "printer" in text else "other"
        rows.append({"customer": f"{given} {last}", "mail": f"p{place}@firm.net", "body": body, "queue": kind})
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def bundle(tickets, tmp_path_factory):
    out = tmp_path_factory.mktemp("private") / "out"
    return out, simulacra.privatize(tickets, text="body", label="queue", keep=["customer"], out=out)


def test_no_planted_value_leaves_and_persons_agree_with_their_column(bundle, tickets):
    out, result = bundle
    made = pl.read_csv(out / "data.csv")
    assert made.columns == ["body", "queue", "customer"]
    everything = "".join(path.read_text() for path in out.iterdir() if path.is_file())
    gone = [rf"\b{name}\b" for pair in PEOPLE for name in pair] + ["firm.net", "55512"]  # "Annah" is not Anna
    assert [name for name in gone if re.search(name, everything)] == []
    for place, (body, customer) in enumerate(made.select("body", "customer").rows()):
        assert body.startswith(f"From: {customer} <"), place
        assert body.endswith(f"\n{customer.split()[1]}"), place
    assert made["customer"].n_unique() == len(PEOPLE)
    assert made["queue"].to_list() == tickets["queue"].to_list()
    assert result.replaced["given"] >= 120


def test_a_kept_column_of_names_that_no_list_has_does_not_pass(tickets):
    names = [
        f"{first} {last}" for first in ("Badorax", "Gefikux", "Kuvonix") for last in ("Vulemi", "Takroz", "Niduvo")
    ]
    frame = tickets.with_columns(pl.Series("client", [names[k % len(names)] for k in range(len(tickets))]))
    for dtype in (pl.String, pl.Categorical):
        asked = frame.with_columns(pl.col("client").cast(dtype))
        made = simulacra.privatize(asked, text="body", keep=["client"]).record.synthetic.frame
        assert set(made["client"]) & set(names) == set()
        assert made["client"].n_unique() == len(names)


def test_the_mapping_stands_in_private_alone(bundle):
    out, result = bundle
    lineage = pl.read_parquet(out / "private" / "lineage.parquet")
    assert json.loads(lineage["edits"][0])[0][2] in result.record.synthetic.frame["body"][0]
    assert stat.S_IMODE((out / "private").stat().st_mode) == 0o700
    assert "edits" not in (out / "report.json").read_text()


def test_the_verdict_is_a_warning_at_best_and_says_why(bundle):
    out, result = bundle
    found = result.record.assessment
    assert found.families["privacy"].verdict == "warn"
    assert "sentences are the real ones" in found.families["privacy"].why
    assert found.families["utility"].verdict == "pass"
    document = json.loads((out / "report.json").read_text())
    assert next(score for score in document["scores"] if score["name"] == "privacy.left")["value"] == 0
    for name in ("report.html", "README.md"):
        assert " safe" not in (out / name).read_text().lower()


def test_the_same_command_again_gives_the_same_bytes_and_another_folder_others(bundle, tickets, tmp_path):
    out, _ = bundle
    before = (out / "data.csv").read_bytes()
    simulacra.privatize(tickets, text="body", label="queue", keep=["customer"], out=out)
    assert (out / "data.csv").read_bytes() == before
    simulacra.privatize(tickets.head(60), text="body", out=tmp_path / "other")
    assert (tmp_path / "other" / "data.csv").read_text().split("\n")[0:2] != before.decode().split("\n")[0:2]
    with pytest.raises(OutputError, match="another run"):
        simulacra.privatize(tickets, text="body", out=out)


def test_one_key_file_keeps_persons_the_same_in_two_tables(tickets, tmp_path):
    key = tmp_path / "our.key"
    first, second = (
        simulacra.privatize(tickets.select("body")[rows], text="body", key=key)
        .record.synthetic.frame["body"][0]
        .split(" <")[0]
        for rows in (slice(0, 55), slice(5, 60))
    )
    assert first == second
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.write_text("abc1")
    with pytest.raises(RecipeError, match="no key"):
        simulacra.privatize(tickets, text="body", key=key)
    key.write_text("no hex")
    with pytest.raises(RecipeError, match="no key"):
        simulacra.privatize(tickets, text="body", key=key)


def test_what_is_left_is_counted_by_the_judge_and_not_by_the_replacer():
    texts = ["mail ann@firm.net about 123456789", "call +49 170 1234567"]
    assert left_score(texts, texts).value == 3
    assert left_score(texts, ["mail x@y.org about 987654321", "call"]).value == 0
    assert left_score(texts, texts, [r"ann@\S+"]).value == 2


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [({"text": "no"}, DataError, "no column 'no'"), ({"text": "body", "keep": ["x"]}, DataError, "no column 'x'"),
     ({"text": "body", "label": "body"}, RecipeError, "both"),
     ({"text": "body", "kinds": ["x"]}, RecipeError, "no kind"),
     ({"text": "body", "protect": ["("]}, RecipeError, "no regular"),
     ({"text": "empty"}, DataError, "fewer than 2 texts")],
)  # fmt: skip
def test_what_cannot_be_is_told(tickets, options, error, told):
    frame = tickets.head(5).with_columns(empty=pl.lit(None, dtype=pl.String))
    with pytest.raises(error, match=told):
        simulacra.privatize(frame, **options)
    with pytest.raises(DataError, match="hold-out"):
        simulacra.privatize(frame, text="body", holdout=frame.select("queue"))


def test_the_command_says_where_everything_lies(tickets, tmp_path, capsys):
    tickets.head(60).write_csv(tmp_path / "tickets.csv")
    code = run_command(
        ["privatize", str(tmp_path / "tickets.csv"), "--text", "body", "-o", str(tmp_path / "out"), "-q"]
    )
    told = capsys.readouterr().out
    assert code == 0 or "verdict: unknown" in told
    assert "privacy          warn" in told
    assert "review.csv" in told
    assert (tmp_path / "out" / "private" / "review.csv").exists()


def test_the_review_lists_what_may_be_a_name_and_was_left():
    text = "Guten Tag, Damen und Herren, das Kleid von Anna ist hier. Zibbelmeier war da."
    start = text.index("Anna")
    listed = review_of([text], [[(start, start + 4, "Jutta")]])["phrase"].to_list()
    assert "Zibbelmeier" in listed
    assert not {"Anna", "Jutta", "Guten Tag", "Damen", "Herren", "Kleid"} & set(listed)


def test_names_of_other_columns_go_from_the_text_and_the_notes_name_the_text():
    frame = pl.DataFrame({
        "customer_name": ["Bob Turner", "Jan Wiese", "Anna Obi", "Siân Owen"],
        "body": ["bob said it broke", "It was JAN again", "i am anna, hello", "S. Owen has called"],
    })  # fmt: skip
    result = simulacra.privatize(frame, text="body", keep=["customer_name"])
    made = " ".join(result.record.synthetic.frame["body"])
    assert not re.search(r"\b(?:bob|jan|anna|owen)\b", made, re.IGNORECASE)
    assert result.record.notes[0].startswith("Replaced in body: ")


def test_the_report_says_where_values_were_replaced_and_claims_nothing_of_a_key_that_is_passed_on(tickets, tmp_path):
    keyed = tickets.head(30).with_columns(ticket_id=pl.format("T-{}", pl.int_range(1000, 1030)))
    keyed.write_csv(tmp_path / "tickets.csv")
    for place, data in enumerate((keyed, tmp_path / "tickets.csv")):
        out = tmp_path / f"out {place}"
        simulacra.privatize(data, text="body", keep=["customer", "ticket_id"], out=out)
        assert pl.read_csv(out / "data.csv")["ticket_id"].to_list() == keyed["ticket_id"].to_list()
        page = (out / "report.html").read_text()
        assert "Personal values that were found were replaced by made-up ones in body, customer." in page
        assert "it holds what was put where. Do not pass it on." in page
        assert "Keys were made new" not in page
        assert "made from" in page
        assert "how these rows were made is not known" not in page


def test_what_still_stands_is_named_first_for_the_owner_alone():
    texts = ["mail x@y.org about it", "call Xanthippe at +49 30 1234567"]
    new = ["mail x@y.org about it", "call Xanthippe at +49 30 7654321"]
    listed = review_of(texts, (), new)
    assert listed.row(0) == ("x@y.org", 1, 0)
    assert "Xanthippe" in listed["phrase"].to_list()
    assert "x@y.org" not in review_of(texts, (), new, [r"x@\S+"])["phrase"].to_list()
    told = left_score(texts, new)
    assert (told.value, "1 still stands" in told.reason, "review.csv" in told.reason) == (1, True, True)
    assert "x@y.org" not in told.reason
