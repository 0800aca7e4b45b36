"""Every transform of the registry keeps the laws; a transform that breaks one is seen."""

from dataclasses import replace

import pytest

from simulacra import registry
from simulacra.contracts.rows import Record
from simulacra.seeds import Seeds
from simulacra.testing import check_transform, example_records
from simulacra.transform.modelled import ModelParaphrase, ModelWritten
from simulacra.transform.noise import Keyboard
from simulacra.transform.translation import BackTranslation, Translation


class Reversing:
    """A made-up language: words in reverse order; what comes back has one word changed."""

    name = "reversing"

    def translate(self, texts, source, target):
        assert source != target
        turned = [" ".join(text.split(" ")[::-1]) for text in texts]
        return [text.replace("find", "see") for text in turned] if target == "en" else turned


def made(name):
    if name in ("model_paraphrase", "model_written"):
        return {"model_paraphrase": ModelParaphrase, "model_written": ModelWritten}[name]("echo:so it is that {prompt}")
    engines = {"back_translation": BackTranslation, "translation": Translation}
    return engines[name](Reversing()) if name in engines else registry.find("transform", name)()


@pytest.mark.parametrize("name", registry.names("transform"))
def test_every_transform_keeps_the_laws(name):
    check_transform(made(name))


class Forgetful(Keyboard):
    """Breaks one law."""

    def __init__(self, spoil):
        super().__init__()
        self.spoil = spoil

    def apply(self, records, seeds):
        return [None if one is None else self.spoil(one) for one in super().apply(records, seeds)]


@pytest.mark.parametrize(
    ("spoil", "law"),
    [
        (lambda one: replace(one, parents=("x",)), "parent"),
        (lambda one: replace(one, label="other"), "label"),
        (lambda one: replace(one, text=one.text + "!"), "edits"),
        (lambda one: replace(one, text=one.text.replace("4711", "4712")), "numbers"),
        (lambda one: replace(one, identity="same"), "unique"),
        (lambda _: None, "at least one"),
    ],
)
def test_a_broken_law_is_named(spoil, law):
    with pytest.raises(AssertionError, match=law):
        check_transform(Forgetful(spoil))


def test_another_seed_gives_other_variants():
    records = example_records()
    for name in ("keyboard", "synonyms", "rewrite", "smote", "row_mix", "perturb", "arithmetic", "mix"):
        first, second = (made(name).apply(records, Seeds(seed)) for seed in (1, 2))
        pairs = [(one, two) for one, two in zip(first, second, strict=True) if one is not None and two is not None]
        assert any((one.text, one.fields) != (two.text, two.fields) or one.seed != two.seed for one, two in pairs), name


def test_the_users_patterns_are_kept():
    record = Record("a", "please keep Zebra fish safe in this place")
    for seed in range(30):
        (variant,) = Keyboard(1.0, protect=(r"fish safe",)).apply([record], Seeds(seed))
        assert "fish safe" in variant.text
