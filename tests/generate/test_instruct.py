"""The parts of the instruct generator: plan, draws, templates, passages, and how a sentence is understood."""

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra import api
from simulacra.errors import DataError, MissingError
from simulacra.generate.instruct.compile.draft import draft
from simulacra.generate.instruct.compile.material import read_intents
from simulacra.generate.instruct.compile.sentence import read_sentence
from simulacra.generate.instruct.draw import Draw, draw, read_seeds
from simulacra.generate.instruct.passages import read_passages
from simulacra.generate.instruct.plan import Axis, Plan, Shares
from simulacra.generate.instruct.templates import TemplateFault, holds, names_in, render
from simulacra.seeds import Seeds


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=14), st.integers(0, 99))
def test_at_every_step_every_thing_is_within_one_of_its_share(weights, seed):
    rng = np.random.default_rng(seed)
    shares, counts = np.array(weights) / sum(weights), np.zeros(len(weights))
    sequence = Shares(np.array(weights))
    for step in range(1, 80):
        counts[sequence.take(rng.random(len(weights)))] += 1
        assert np.abs(counts - step * shares).max() < 1


def axis(name, count, weights=None):
    return Axis(name, dict(zip([f"{name}{i}" for i in range(count)], weights or [1.0] * count, strict=True)))


@pytest.mark.parametrize("rows", [7, 50, 120])
def test_cells_levels_and_free_axes_get_their_share(rows):
    axes = [axis("topic", 6), axis("level", 4, [4.0, 2.0, 1.0, 1.0]), axis("style", 5)]
    plan = Plan(axes, ["topic", "level"], Seeds(3))
    cells = [plan.cell(slot) for slot in range(rows)]
    pairs = Counter((cell["topic"], cell["level"]) for cell in cells)
    for topic, level in itertools.product(axes[0].levels, axes[1].levels):
        assert abs(pairs[topic, level] - rows * axes[1].levels[level] / 8 / 6) <= 1
    styles = Counter(cell["style"] for cell in cells)
    assert all(abs(styles[style] - rows / 5) <= 1 for style in axes[2].levels)


def test_a_plan_is_the_same_from_any_slot_and_in_any_order():
    axes = [
        axis("a", 3),
        axis("b", 3),
        Axis("c", parent="a", below={f"a{i}": {f"x{i}": 1.0, "y": 3.0} for i in range(3)}),
    ]
    forward, backward = Plan(axes, ["a", "b"], Seeds(1)), Plan(axes, ["a", "b"], Seeds(1))
    there = [forward.cell(slot) for slot in range(30)]
    assert [backward.cell(slot) for slot in reversed(range(30))] == there[::-1]
    assert all(cell["c"] in (f"x{cell['a'][1]}", "y") for cell in there)
    assert [*Plan(axes, ["a", "b"], Seeds(2)).cell(0)] == ["a", "b", "c"]


def test_a_template_reads_fields_and_nothing_else():
    assert render("{{ a }}{% if b %} and {{ b.c }}{% endif %}", {"a": 1, "b": {"c": "é{{x}}"}}) == "1 and é{{x}}"
    assert names_in("{{ a }} {% for x in b %}{{ x }}{% endfor %}") == {"a", "b"}
    assert holds("a > 2 and b", {"a": 3, "b": "x"})
    assert not holds("{{ a }}", {"a": None})


@pytest.mark.parametrize(
    "template",
    [
        "{{ missing }}",
        "{{ a.b.c }}",
        "{{ a.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{% for i in range(999999999) %}x{% endfor %}",
        "{% for i in range(99999) %}xxxxxxxxxx{% endfor %}",
        "{{ 1 / 0 }}",
        "{{ a",
    ],
)
def test_a_template_that_asks_too_much_is_told(template):
    with pytest.raises(TemplateFault):
        render(template, {"a": {}})


def test_what_is_drawn_is_of_its_kind_and_seeded():
    rng = np.random.default_rng(0)
    kinds = {
        "category": Draw("category", {"x": 3.0, "y": 1.0}),
        "integer": Draw("integer", low=1, high=6),
        "number": Draw("number", low=0.5, high=0.75, decimals=3),
        "date": Draw("date", low="2024-02-28", high="2024-03-01"),
        "persona": Draw("persona"),
        "child": Draw("category", parent="p", below={"a": {"a1": 1.0}, "b": {"b1": 1.0}}),
    }
    drawn = {name: {draw(how, {"p": "b"}, 0, rng)[0] for _ in range(60)} for name, how in kinds.items()}
    assert drawn["category"] == {"x", "y"}
    assert drawn["integer"] == {1, 2, 3, 4, 5, 6}
    assert all(0.5 <= x <= 0.75 and round(x, 3) == x for x in drawn["number"])
    assert drawn["date"] == {"2024-02-28", "2024-02-29", "2024-03-01"}
    assert drawn["child"] == {"b1"}
    assert len(drawn["persona"]) > 8
    again = [draw(kinds["number"], {}, 0, Seeds(4).rng())[0] for _ in range(2)]
    assert again[0] == again[1]


def test_seed_rows_come_in_turn_with_their_names(tmp_path: Path):
    path = tmp_path / "seeds.jsonl"
    path.write_text('{"q": "a\u2028b"}\n{"q": "c"}\n\n{"q": "d"}\n', encoding="utf-8")
    how = Draw("row_of", path=str(path))
    rng = np.random.default_rng(0)
    taken = [draw(how, {}, slot, rng) for slot in range(6)]
    assert sorted(value["q"] for value, _ in taken[:3]) == ["a\u2028b", "c", "d"]
    assert [value for value, _ in taken[:3]] == [value for value, _ in taken[3:]]
    assert {name for _, (name,) in taken} == {"seeds.jsonl:1", "seeds.jsonl:2", "seeds.jsonl:3"}
    two, parents = draw(Draw("row_of", path=str(path), count=2), {}, 0, rng)
    assert len(two) == len(parents) == 2


def test_seed_files_of_several_kinds(tmp_path: Path):
    (tmp_path / "a.json").write_text('[{"x": 1}, {"x": 2}]')
    (tmp_path / "a.csv").write_text("x,y\n1,a\n2,b\n")
    (tmp_path / "a.txt").write_text("one\n\ntwo\n")
    assert [row for _, row in read_seeds(str(tmp_path / "a.json"))] == [{"x": 1}, {"x": 2}]
    assert [row["y"] for _, row in read_seeds(str(tmp_path / "a.csv"))] == ["a", "b"]
    assert [row["text"] for _, row in read_seeds(str(tmp_path / "a.txt"))] == ["one", "two"]


@pytest.mark.parametrize(("name", "text", "told"), [("e.txt", " ", "no seeds"), ("b.jsonl", "{1}", "not JSON")])
def test_seed_files_without_seeds_are_told(tmp_path: Path, name, text, told):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=told):
        read_seeds(str(tmp_path / name))


def test_passages_of_a_folder_of_documents(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.md").write_text("# Pods\n\nA pod runs.\n\n## Limits\n\n```\n# no heading\n```\n")
    (tmp_path / "deep" / "b.html").write_text(
        "<html><head><title>x</title></head><body><nav>menu</nav><h1>Nodes</h1><p>A <b>node</b> holds pods.</p>"
        "<script>var x;</script></body></html>"
    )
    (tmp_path / "c.bin").write_bytes(b"\x00")
    found = {passage.identity: (passage.title, passage.text) for passage in read_passages(tmp_path)}
    assert found == {
        "a.md#0": ("Pods", "A pod runs."),
        "a.md#1": ("Pods / Limits", "```\n# no heading\n```"),
        "deep/b.html#0": ("Nodes", "A node holds pods."),
    }
    with pytest.raises(DataError, match="there is no such folder"):
        read_passages(tmp_path / "none")
    with pytest.raises(DataError, match="no text to take passages from"):
        read_passages(tmp_path / "c.bin")


def test_a_long_paragraph_is_cut_at_sentences(tmp_path: Path):
    (tmp_path / "a.txt").write_text(" ".join(f"Sentence number {i} ends here." for i in range(60)))
    passages = read_passages(tmp_path / "a.txt", words=40)
    assert len(passages) > 5
    assert all(passage.text.endswith("here.") and len(passage.text.split()) <= 40 for passage in passages)


def test_a_pdf_without_its_reader_or_that_is_none(tmp_path: Path):
    (tmp_path / "a.pdf").write_bytes(b"not a pdf")
    with pytest.raises((MissingError, DataError), match=r"PDF"):
        read_passages(tmp_path)


def printed(pages: list[list[str]]) -> bytes:
    """Return a PDF whose pages have these lines."""
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages)))
    parts = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>"]
    parts.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for place, lines in enumerate(pages):
        drawn = "BT /F 12 Tf 14 TL 50 700 Td " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        holds = f"/Contents {5 + 2 * place} 0 R /Resources << /Font << /F 3 0 R >> >>"
        parts.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] {holds} >>")
        parts.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{part}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>"
    return out + f"{head}\nstartxref\n{len(out)}\n%%EOF".encode()


def test_a_pdf_gives_its_paragraphs_without_heads_and_feet(tmp_path: Path):
    long = "can be sent back within thirty days if the box that it came in is whole"
    things = ["A bicycle", "A lamp", "A pump"]
    pages = [
        ["Shop guide", f"{thing} {long}", "and clean.", f"{thing} is ours.", f"Page {n}"]
        for n, thing in enumerate(things)
    ]
    (tmp_path / "guide.pdf").write_bytes(printed(pages))
    passages = read_passages(tmp_path, words=25)
    assert [passage.text for passage in passages] == [
        f"{thing} {long}\nand clean.\n\n{thing} is ours." for thing in things
    ]


def test_a_pdf_of_pictures_or_behind_a_password_is_told(tmp_path: Path):
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(tmp_path / "scan.pdf")
    with pytest.raises(DataError, match="no text, only pictures"):
        read_passages(tmp_path)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "scan.pdf")
    with pytest.raises(DataError, match="has a password"):
        read_passages(tmp_path)


@pytest.mark.parametrize(
    ("sentence", "count", "item", "subject", "fields", "axes"),
    [
        (
            "Generate 50 questions about Kubernetes with their answers. Each question should cover a different "
            "difficulty level. Include real production scenarios.",
            50, "question", "Kubernetes", ["question", "answer"], ["topic", "difficulty", "scenario", "form"],
        ),
        (
            "Write 200 customer reviews of wireless headphones labelled positive, negative or neutral, "
            "in different tones.",
            200, "customer review", "wireless headphones", ["customer_review"], ["label", "topic", "persona", "style"],
        ),
        (
            "Create 30 support tickets for a bank, each with a subject, a body and a priority (low, medium, high).",
            30, "support ticket", "a bank", ["subject", "body"], ["priority", "topic", "persona"],
        ),
        (
            "I need 500 instruction-response pairs on Python programming from easy to hard",
            500, "instruction-response pair", "Python programming",
            ["instruction", "response"], ["topic", "difficulty"],
        ),
        (
            "Generate 2k emails with a subject and body for topics such as billing, cancellation and praise",
            2000, "email", "", ["subject", "body"], ["topic"],
        ),
        (
            "Give me a dozen conversations between a customer and an agent about refunds in German and English",
            12, "conversation", "refunds", ["conversation"], ["topic", "persona", "language"],
        ),
        (
            "Produce 40 multiple choice questions on the French Revolution with an explanation.",
            40, "multiple choice question", "the French Revolution",
            ["question", "options", "answer", "explanation"], ["topic"],
        ),
        (
            "Kubernetes questions with answers",
            None, "question", "Kubernetes", ["question", "answer"], ["topic", "form"],
        ),
    ],
)  # fmt: skip
def test_what_a_sentence_asks_for(sentence, count, item, subject, fields, axes):
    asked = read_sentence(sentence)
    made = draft(asked)
    assert (asked.count, asked.item, asked.subject) == (count, item, subject)
    assert list(made["fields"]) == fields
    assert list(made["axes"]) == axes


def test_bounds_lists_and_languages_in_a_sentence():
    asked = read_sentence(
        "Write 20 tickets about trains in French. Keep the body under 120 words. Levels: low, mid and high."
    )
    assert [(one.field, one.unit, one.least, one.most) for one in asked.bounds] == [("body", "words", None, 120)]
    assert asked.lists == {"difficulty": ("low", "mid", "high")}
    assert asked.languages == ("fr",)
    checks = draft(asked)["checks"]
    assert {"language": {"field": ["subject", "body"], "code": "fr"}} in checks
    assert {"length": {"field": "body", "words": [None, 120]}} in checks


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_understood_somehow(text):
    asked = read_sentence(text)
    made = draft(asked)
    assert made["fields"]
    assert all(name.isidentifier() or not name.isascii() for name in made["fields"])


def test_intents_come_from_rules_lists_and_operations(tmp_path: Path):
    policy = tmp_path / "policy.md"
    policy.write_text(
        "# Refunds\n\n- Refunds within 30 days\n\nAgents must never promise money. The sky is blue today.\n"
    )
    assert read_intents(policy) == ["Refunds within 30 days", "Agents must never promise money."]
    api = tmp_path / "api.yaml"
    api.write_text("openapi: 3.0.0\npaths:\n  /orders:\n    get: {summary: List orders}\n    post: {}\n  /x: null\n")
    assert read_intents(api) == ["GET /orders: List orders", "POST /orders"]
    (tmp_path / "none.txt").write_text("Nothing here.")
    with pytest.raises(DataError, match="nothing to test"):
        read_intents(tmp_path / "none.txt")


def test_levels_named_as_people_are_the_levels() -> None:
    assert read_sentence("9 questions of beginners about tea").lists == {"difficulty": ("beginner",)}
    assert read_sentence("9 questions for beginners about tea, with a difficulty level").lists == {}
    sentence = "Generate 20 questions about coffee machines with their answers, for beginners and experts"
    recipe = api.make_instruct_recipe(sentence, model="openai:any", plan="rules")
    assert set(recipe.axes["difficulty"]) == {"beginner", "expert"}
    assert "eating out" not in recipe.axes["topic"]


def test_a_seed_file_that_changed_is_read_again(tmp_path: Path) -> None:
    from simulacra.generate.instruct.draw import read_seeds
    from simulacra.recipe.instruct import Recipe
    from simulacra.recipe.written import to_spec

    path = tmp_path / "seeds.txt"
    path.write_text("one\n")
    recipe = Recipe.model_validate({"instruction": "x", "fields": {"seed": {"draw": {"row_of": str(path)}}}})

    def drawn() -> object:
        how = to_spec(recipe).fields[0].draw
        assert how is not None
        return draw(how, {}, 0, np.random.default_rng(0))[0]

    assert drawn() == {"text": "one"}
    before = to_spec(recipe).fields[0].draw
    path.write_text("another\n")
    assert drawn() == {"text": "another"}
    assert read_seeds(str(path)) == [("seeds.txt:1", {"text": "another"})]
    assert before is not None
    assert draw(before, {}, 0, np.random.default_rng(0))[0] == {"text": "one"}  # a run sees one state of its seeds


def test_a_german_sentence_is_understood_and_its_rows_are_checked_to_be_german():
    recipe = api.make_instruct_recipe(
        "Schreibe 20 Fragen zum Mietrecht mit Antworten, für Anfänger und Experten", model="openai:x", plan="rules"
    )
    assert recipe.rows == 20
    assert list(recipe.fields) == ["question", "answer"]
    assert list(recipe.axes["difficulty"]) == ["beginner", "expert"]
    assert {"language": {"field": ["question", "answer"], "code": "de"}} in recipe.checks
    weak = api.make_instruct_recipe("Schreibe 20 Fragen zum Mietrecht mit Antworten", model="embedded")
    early = [{"language": {"field": name, "code": "de"}} for name in ("question", "answer")]
    assert weak.checks[:2] == early  # a question is refused before it is answered, and for its language first
    assert recipe.instruction.startswith("Schreibe")  # the model reads the person's own words


def test_what_follows_a_doing_is_no_field():
    assert read_sentence("Create 9 tasks about cooking with leftovers").fields == ()
    assert read_sentence("Create 9 tasks about cooking with leftovers").subject == "cooking with leftovers"
    assert [one.name for one in read_sentence("Write 5 stories about sailing with a title").fields] == ["title"]


def test_a_weak_model_gets_no_axis_that_it_does_not_heed_unless_it_was_listed():
    plain = api.make_instruct_recipe("Write 30 product reviews of coffee machines", model="embedded")
    listed = api.make_instruct_recipe(
        "Write 30 product reviews of coffee machines. Personas: a nurse, a pilot", model="embedded"
    )
    assert "persona" not in plain.axes
    assert list(listed.axes["persona"]) == ["nurse", "pilot"]


def test_conversations_of_a_weak_model_go_on_with_a_script():
    recipe = api.make_instruct_recipe("Write 10 conversations about the front desk of a clinic", model="embedded")
    talk = recipe.fields["conversation"].conversation
    assert talk is not None
    assert talk.continues.endswith("[the front desk of a clinic, {{ topic }}]")


def test_cases_of_a_weak_model_take_the_outcome_from_the_description(tmp_path: Path):
    (tmp_path / "policy.md").write_text("- Helmets must never be taken back.\n- Refunds must go to the same card.\n")
    script = tmp_path / "script.yaml"
    script.write_text('rules: [{when: "Rule: ([^\\n]*)\\nMessage:$", say: "May I ask in case {seed} why {1}"}]\n')
    recipe = api.make_instruct_recipe("Test cases", model="embedded", description=tmp_path / "policy.md", rows=2)
    assert list(recipe.axes) == ["intent"]
    recipe = recipe.model_copy(update={"models": {"writer": f"echo:{script}"}})
    rows = api.preview_instruct(recipe, 2)
    assert {row["why"] for row in rows} == {"Helmets must never be taken back.", "Refunds must go to the same card."}
    assert all(row["why"] in row["input"] and row["expected_outcome"].endswith(row["why"]) for row in rows)


def test_a_scale_is_a_whole_number_and_a_list_ends_where_fields_begin():
    told = "Write 40 reviews of boots, in three sentiments: positive, negative, mixed, with a star rating from 1 to 5"
    recipe = api.make_instruct_recipe(told, model="echo")
    assert list(recipe.axes["sentiment"]) == ["positive", "negative", "mixed"]
    rating = recipe.fields["star_rating"].schema_
    assert rating == {"type": "integer", "minimum": 1, "maximum": 5}


def test_a_scale_that_a_weak_model_would_not_heed_is_drawn():
    told = "Write 40 reviews of boots, in three sentiments: positive, negative, mixed, with a star rating from 1 to 5"
    drawn = api.make_instruct_recipe(told, model="embedded").fields["star_rating"]
    assert drawn.type == "integer"
    assert drawn.draw.given == "sentiment"
    levels = {mood: list(numbers) for mood, numbers in drawn.draw.category.items()}
    assert levels == {"positive": ["4", "5"], "negative": ["1", "2"], "mixed": ["3"]}
    plain = api.make_instruct_recipe("Write 9 reviews of boots with a star rating from 1 to 5.", model="embedded")
    assert plain.fields["star_rating"].draw.integer == (1, 5)


def test_a_list_of_topics_is_an_axis_and_no_field():
    asked = read_sentence("Write 50 questions about Kubernetes with topics such as storage and security.")
    assert asked.lists == {"topic": ("storage", "security")}
    assert not asked.fields


def test_german_tones_are_an_axis():
    asked = read_sentence("Erzeuge 20 Beschwerden über Züge, jede in einem anderen Ton (höflich, wütend, ironisch)")
    assert asked.lists == {"tone": ("höflich", "wütend", "ironisch")}
