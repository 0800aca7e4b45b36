"""What terms the models that wrote a data set put on it, as far as they are publicly known."""

from __future__ import annotations

__all__ = ["UNKNOWN_TERMS", "terms_of"]

UNKNOWN_TERMS = "not known here: look at the model's licence and its provider's terms"
_TERMS = (
    ("embedded", "Apache-2.0 (SmolLM2-135M-Instruct): no condition on what it writes"),
    ("echo", "none: a script, no model"),
    ("openai", "OpenAI's terms: the output is yours; it may not be used to develop models that compete with OpenAI"),
    ("anthropic", "Anthropic's terms: the output is yours; it may not be used to build competing models"),
)


def terms_of(model: str) -> str:
    """Return the licence or terms for a model's identity, in a sentence.

    >>> terms_of("echo:script"), terms_of("endpoint:m") == UNKNOWN_TERMS
    ('none: a script, no model', True)
    """
    kind = model.partition(":")[0]
    return next((terms for name, terms in _TERMS if name == kind), UNKNOWN_TERMS)
