"""Each row check: what it rejects and why, what it keeps, what it says of options that make no sense."""

import asyncio
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.check.rows import _nearest
from simulacra.check.rows._make import make_checks
from simulacra.check.rows._nearest import Meanings
from simulacra.check.rows.arithmetic import evaluate
from simulacra.errors import RecipeError
from simulacra.models.embedders import open_embedder
from simulacra.registry import names


def reason(entry, row):
    """Return what the check of a recipe's entry says of a row."""
    (check,) = make_checks([entry])
    return asyncio.run(check(row, None))


def test_every_check_has_a_name_and_says_whether_it_is_ordered(monkeypatch):
    monkeypatch.setenv("SIMULACRA_ALLOW_CODE", "1")
    made = {"schema": {"schema": {}}, "length": {"words": [1, 2]}, "differs": {"fields": ["a", "b"]}}
    made |= {"regex": {"pattern": "x"}, "grounded": {"field": "a", "source": "b"}, "sql": {"field": "a"}}
    made |= {"format": {"field": "a", "of": "json"}, "python": {"function": "json:dumps"}}
    made |= {"language": {"code": "en"}, "on_topic": {"about": "pods", "embedder": "hashing"}}
    made |= {"code": {"field": "a"}, "consistency": {"question": "a", "answer": "b"}}
    made |= {"judge": {"field": "a", "criteria": ["clear"]}, "pairwise": {"field": "a", "aspects": ["clear"]}}
    for name in names("row_check"):
        (check,) = make_checks([{name: made.get(name, {})}])
        assert check.name == name
        assert check.ordered == (name == "near_duplicate")
        check.accept({"a": "x"})


@pytest.mark.parametrize(
    ("entry", "row", "told"),
    [
        ({"length": {"field": "a", "words": [3, 5]}}, {"a": "one two"}, "a is too short: fewer than 3 words"),
        ({"length": {"field": "a", "words": [None, 2]}}, {"a": "one two three"}, "a is too long: more than 2 words"),
        ({"length": {"field": "a", "sentences": [2, 3]}}, {"a": "One. "}, "a is too short: fewer than 2 sentences"),
        ({"length": {"characters": [1, 4]}}, {"a": "abc", "b": "abcde"}, "b is too long: more than 4 characters"),
        ({"length": {"field": "a", "words": [1, 9]}}, {"a": ""}, "a is too short: fewer than 1 words"),
        ("refusal", {"a": "I'm sorry, but I can't help with that."}, "a is a refusal"),
        ("refusal", {"a": "Well. As an AI language model I have no pods."}, "a is a refusal"),
        ("refusal", {"a": "Es tut mir leid, aber das geht nicht."}, "a is a refusal"),
        ("leftovers", {"a": "What is it?<|im_end|>"}, "a holds a chat token"),
        ("leftovers", {"a": "Dear [Your Name], hello"}, "a holds a placeholder"),
        ("leftovers", {"a": "Dear {{ name }}, hello"}, "a holds a placeholder"),
        ("leftovers", {"a": "Sure, here is a question"}, "a holds a remark to the reader"),
        ("leftovers", {"a": "Here is a question about DNS:\nWhat is it?"}, "a holds a remark to the reader"),
        ("repetition", {"a": "the pod is down and " * 9}, "a repeats itself"),
        ("repetition", {"a": "It is down. Yes. It is down! Why so? It is down?"}, "a repeats itself"),
        ({"repetition": {"shortest": 3}}, {"a": "use a scale-scale-scale service"}, "a repeats itself"),
        ({"repetition": {"size": 2, "shortest": 6}}, {"a": "use a tool and use a tool"}, "a repeats itself"),
        (
            {"on_topic": {"about": "Kubernetes", "embedder": "hashing"}},
            {"a": "The team takes over."},
            "it is not about",
        ),
        ({"differs": {"fields": ["q", "a"]}}, {"q": "What is a pod?", "a": "A pod is what?"}, "a repeats q"),
        (
            {"differs": {"fields": ["q", "a"], "shares": 1}},
            {"q": "The pods rest.", "a": "Is it late?"},
            "a has little to do",
        ),
        ({"regex": {"pattern": "pod", "field": "a"}}, {"a": "node"}, "a lacks what 'pod' finds"),
        ({"regex": {"pattern": "pod", "field": "a", "must": "not"}}, {"a": "pod"}, "a holds what 'pod' finds"),
        ({"regex": {"pattern": "pod", "reason": "off topic"}}, {"a": "node"}, "off topic"),
        ({"grounded": {"field": "q", "source": "p.text"}}, {"q": "three red apples", "p": {"text": "two"}}, "q is not"),
        ({"grounded": {"field": "q", "source": "p"}}, {"q": "red", "p": "red"}, "q quotes fewer than 3 words"),
        ({"grounded": {"field": "q", "source": "p"}}, {"q": None, "p": "red"}, "q quotes fewer than 3 words"),
        ({"arithmetic": {"steps": "s"}}, {"s": "He has <<48/2=25>> left"}, "48/2 is not 25"),
        ({"arithmetic": {"steps": "s"}}, {"s": "So 12 * 3 = 38."}, "12 * 3 is not 38"),
        ({"arithmetic": {"steps": "s"}}, {"s": "none"}, "s has no step that can be checked"),
        ({"arithmetic": {"answer": "a", "expected": "e"}}, {"a": "It is 7.", "e": "2*4"}, "a is not the right one"),
        ({"arithmetic": {"answer": "a", "expected": "e"}}, {"a": "It is seven.", "e": 7}, "a holds no number"),
        ({"arithmetic": {"answer": "a", "expected": "e"}}, {"a": "7", "e": "x + 1"}, "e is no arithmetic"),
        ({"sql": {"field": "q"}}, {"q": "SELEC 1"}, 'the query does not run: near "SELEC"'),
        ({"sql": {"field": "q"}}, {"q": "SELECT x FROM t"}, "the query does not run: no such table"),
        ({"sql": {"field": "q", "tables": "CREATE"}}, {"q": "SELECT 1"}, "the tables cannot be made"),
        ({"sql": {"field": "q", "rows": True}}, {"q": "SELECT 1 WHERE 0"}, "the query gives no row"),
        ({"sql": {"field": "q"}}, {"q": "ATTACH 'x.db' AS x"}, "the query does not run: not authorized"),
        ({"format": {"field": "a", "of": "json"}}, {"a": "{1}"}, "a is no json"),
        ({"format": {"field": "a", "of": "question"}}, {"a": "It is down."}, "a is no question"),
        ({"format": {"field": "a", "of": "markdown_table"}}, {"a": "| a | b |\n| 1 | 2 |"}, "a is no markdown table"),
        ({"format": {"field": "a", "of": "xml"}}, {"a": "<!DOCTYPE x><x/>"}, "a is no xml"),
        ({"language": {"code": "en"}}, {"a": "Wo ist denn meine Karte geblieben?"}, "a is in 'de', not 'en'"),
        ({"language": {"code_field": "c"}}, {"a": "Where is my card?", "c": "de"}, "a is in 'en', not 'de'"),
        ({"python": {"function": lambda row: row["n"] > 3}}, {"n": 2}, "<lambda> says no"),
        ({"python": {"function": lambda row: f"{row['n']} is odd"}}, {"n": 3}, "3 is odd"),
        ({"python": {"function": lambda row: row["m"]}}, {"n": 3}, "<lambda> failed: KeyError: 'm'"),
        ({"schema": {"schema": {"type": "integer"}, "field": "n"}}, {"n": "x"}, "n: 'x' is no integer"),
        ({"schema": {"schema": {"required": ["m"]}}}, {"n": 1, "_m": 2}, "'m' is missing"),
    ],
)
def test_what_is_rejected_and_why(entry, row, told):
    assert (reason(entry, row) or "").startswith(told.split("'x'")[0])


@pytest.mark.parametrize(
    ("entry", "row"),
    [
        ({"length": {"field": "a", "words": [3, 5], "sentences": [1, 2]}}, {"a": "Why is it? Say so.", "b": "x"}),
        ({"length": {"words": [1, 2]}}, {"a": "one", "axis": "1 2 3", "_cell": {"axis": "1 2 3"}, "n": None}),
        ("refusal", {"a": "I'm sorry to hear that the pod is down: have you looked at its events?"}),
        ("refusal", {"a": "Why can the scheduler not place it? I cannot see a free node."}),
        ({"language": {"code": "en"}}, {"a": "Where is it? ```wo ist denn die Karte von mir```", "b": "xyzzy"}),
        ("leftovers", {"a": "helm template prints {{ .Values.image }}; here is what happened: it failed."}),
        ({"leftovers": {"allow": ["a placeholder"]}}, {"a": "Dear [Your Name]"}),
        ("repetition", {"a": "The pod is down and the node is up, but the pod is down again for lack of memory."}),
        ({"differs": {"fields": ["q", "a"]}}, {"q": "What is a pod?", "a": "The smallest unit that is scheduled."}),
        ({"differs": {"fields": ["q", "a"]}}, {"q": "What is a pod?"}),
        ({"regex": {"pattern": "(?i)POD"}}, {"a": "a pod"}),
        ({"grounded": {"field": "q", "source": "p"}}, {"q": "“Pods  are… *unit*”", "p": '"pods are, say, the unit"'}),
        ({"arithmetic": {"steps": "s", "answer": "a"}}, {"s": "<<48/2=24>> <<24+48=72>>", "a": "So 72 clips."}),
        ({"arithmetic": {"answer": "a", "expected": "e"}}, {"a": "about $1,234.50.", "e": 1234.5}),
        ({"sql": {"field": "q", "tables": "CREATE TABLE t (x);"}}, {"q": "SELECT x FROM t;"}),
        ({"sql": {"field": "q"}}, {"q": None}),
        ({"sql": {"field": "q", "tables_field": "t"}}, {"q": "SELECT x FROM t", "t": "CREATE TABLE t (x)"}),
        ({"format": {"field": "a", "of": "json"}}, {"a": '```json\n{"n": 1}\n```'}),
        ({"format": {"field": "a", "of": "yaml"}}, {"a": "n: 1"}),
        ({"format": {"field": "a", "of": "csv"}}, {"a": "a,b\n1,2"}),
        ({"format": {"field": "a", "of": "markdown_table"}}, {"a": "| a | b |\n| --- | --- |\n| 1 | 2 |"}),
        ({"format": {"field": "a", "of": "question"}}, {"a": "Is it “down?”"}),
        ({"format": {"field": "a", "of": "date"}}, {"a": "2024-02-29"}),
        ({"format": {"field": "a", "of": "url"}}, {"a": "https://example.org/a"}),
        ({"python": {"function": lambda _row: None}}, {"n": 3}),
        ({"schema": {"schema": {"type": "integer"}, "field": "n"}}, {"n": 3}),
    ],
)  # fmt: skip
def test_what_is_kept(entry, row):
    assert reason(entry, row) is None


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("lenght", "there is no row_check called 'lenght'. Did you mean 'length'"),
        ({"length": {"field": "a"}}, "no length is given"),
        ({"length": {"words": 5}}, "5 are no bounds of words"),
        ({"length": {"words": [9, 5]}}, "no text has 9 to 5 words"),
        ({"length": {"word": [1, 5]}}, "the check has no option 'word'"),
        ({"length": {"field": 3, "words": [1, 2]}}, "3 names no field"),
        ({"length": {}, "refusal": {}}, "a check is one name with its options"),
        ({"regex": {"pattern": "("}}, "is no regular expression"),
        ({"regex": {"pattern": "x", "must": "maybe"}}, "must is 'maybe'"),
        ({"format": {"field": "a", "of": "cobol"}}, "there is no format 'cobol'"),
        ({"differs": {"fields": ["a"]}}, "two fields are compared"),
        ({"near_duplicate": {"threshold": 2}}, "a threshold of 2, a meaning of 0.0 are none"),
        ({"python": {"function": "no_such_module:f"}}, "no_such_module:f: this cannot be loaded"),
        ({"python": {"function": "sys:path"}}, "'sys:path' is no function"),
        ({"language": {"code": "english"}}, "'english' is no language's code"),
        ({"grounded": {"field": "a"}}, "the check cannot be made"),
    ],
)
def test_options_that_make_no_sense_are_told(entry, message):
    with pytest.raises(RecipeError) as told:
        make_checks([entry])
    assert message.lower() in str(told.value).lower()


def test_near_duplicates_of_accepted_rows_and_of_seeds_are_refused():
    (check,) = make_checks(
        [{"near_duplicate": {"field": "q", "against": ["How do I drain a node before maintenance?"]}}]
    )

    def told(text):
        return asyncio.run(check({"q": text, "n": 1}, None))

    assert told("How do I drain a node before maintenance?") == "the same as a seed"
    assert told("How do I drain a node before a maintenance?") == "nearly the same as a seed"
    fresh = "Why does my pod stay in CrashLoopBackOff after the upgrade?"
    assert told(fresh) is None
    assert told(fresh) is None  # only what was accepted is remembered
    check.accept({"q": fresh})
    assert told(fresh.upper()) == "the same as an accepted row"


def test_a_query_without_end_is_stopped():
    endless = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t"
    assert reason({"sql": {"field": "q"}}, {"q": endless}) == "the query takes too long"


def test_a_function_in_a_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("async def even(row):\n    return row['n'] % 2 == 0\n")
    assert reason({"python": {"function": f"{path}:even"}}, {"n": 3}) == "even says no"
    assert reason({"python": {"function": f"{path}:even"}}, {"n": 4}) is None


numbers = st.fractions(min_value=-1000, max_value=1000, max_denominator=50)


@settings(max_examples=50, deadline=None)
@given(numbers, numbers, st.sampled_from("+-*/"))
def test_arithmetic_is_exact(a, b, sign):
    expected = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b if b else None}[sign]()
    text = f"({a.numerator}/{a.denominator}) {sign} ({b.numerator}/{b.denominator})"
    assert evaluate(text) == expected


@pytest.mark.parametrize("text", ["", "a+1", "1/0", "9" * 501, "2**9", "(" * 400, "True + 1", "1e999999999"])
def test_what_is_no_arithmetic(text):
    assert evaluate(text) is None


def test_percent_and_money():
    assert evaluate("20% * 50") == Fraction(10)
    assert evaluate("$1,250.50") == Fraction(2501, 2)


def test_a_text_is_on_its_topic_by_name_or_by_meaning():
    named = {"on_topic": {"about": "headphones", "embedder": "hashing"}}
    assert reason(named, {"a": "A headphone that hums."}) is None
    assert (
        reason({"on_topic": {"about": "lost bank card", "embedder": "hashing", "at_least": 0.1}}, {"a": "cards"})
        is None
    )
    with pytest.raises(RecipeError, match="names no subject"):
        make_checks([{"on_topic": {"about": "?"}}])


def test_what_means_the_same_is_a_duplicate_where_it_is_asked_for():
    entry = {"near_duplicate": {"field": "a", "threshold": 0.9, "meaning": 0.6, "embedder": "hashing"}}
    (check,) = make_checks([entry])
    check.accept({"a": "how do I block my lost card today"})
    again = {"a": "today I lost my card, how do I block"}
    assert asyncio.run(check(again, None)) == "means the same as an accepted row"
    assert asyncio.run(check({"a": "what do you charge abroad"}, None)) is None
    with pytest.raises(RecipeError, match=r"a meaning of 1\.5 are none"):
        make_checks([{"near_duplicate": {"meaning": 1.5}}])


def test_seeds_may_not_come_again_unless_the_recipe_says_so():
    for seeds, told in ((True, "the same as a seed"), (False, None)):
        (check,) = make_checks([{"near_duplicate": {"field": "a", "seeds": seeds}}])
        check.forbid(["Where is my card now?"])
        assert asyncio.run(check({"a": "Where is my card now?"}, None)) == told


def test_the_index_of_meanings_finds_what_a_full_search_finds():
    index = Meanings(0.9, "hashing")
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{number}" for number in rng.integers(0, 5000, 12)) for _ in range(6000)]
    index.add(texts)
    assert len(index) == 6000
    whole = open_embedder("hashing").embed(texts)
    asked = rng.integers(0, 6000, 60)
    close = [texts[place] + f" w{place % 7}" for place in asked]
    cosines = open_embedder("hashing").embed(close) @ whole.T
    wanted = [int(row.argmax()) if row.max() >= 0.9 else None for row in cosines]
    found = [index.nearest(text) for text in close]
    assert sum(one == other for one, other in zip(found, wanted, strict=True)) >= 58
    assert sum(one is not None for one in wanted) > 30


def test_sketches_leave_out_no_near_text(monkeypatch):
    rng = np.random.default_rng(2)
    texts = ["why does my pod " + " ".join(f"w{n}" for n in rng.integers(0, 200, 9)) for _ in range(3000)]
    asked = [" ".join(rng.permutation(text.split())[: rng.integers(9, 14)]) for text in texts[::10]]
    found = []
    for margin in (_nearest._MARGIN, 1e9, -1e9):
        monkeypatch.setattr(_nearest, "_MARGIN", margin)
        index = Meanings(0.9, "hashing")
        index.add(texts)
        found.append([index.nearest(text) for text in asked])
    assert sum(one is not None for one in found[0]) > 100
    assert found[0] == found[1] != found[2]


def test_meanings_of_one_subject_are_found_again_among_many():
    index = Meanings(0.95, "hashing")
    rng = np.random.default_rng(1)
    texts = ["how do I do this in a cluster " + " ".join(f"w{n}" for n in rng.integers(0, 300, 8)) for _ in range(2000)]
    assert index.nearest(texts[0]) is None
    for text in texts[:1100]:
        index.add([text])
    index.add(texts[1100:])
    whole = open_embedder("hashing").embed(texts)
    asked = rng.integers(0, 2000, 200)
    close = [" ".join(rng.permutation(texts[place].split())) for place in asked]
    cosines = open_embedder("hashing").embed(close) @ whole.T
    near = cosines.max(axis=1) >= 0.95
    found = [index.nearest(text) for text in close]
    assert near.sum() > 50
    assert sum(one is not None for one in found) >= 0.98 * near.sum()
    assert all(row[one] >= 0.949 for row, one in zip(cosines, found, strict=True) if one is not None)
