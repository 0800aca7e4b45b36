"""Axes of variation for an instruction that names none: what there is to say about a subject of some kind."""

from __future__ import annotations

import re

__all__ = [
    "DIFFICULTY", "FORMS", "LENGTHS", "SCENARIOS", "STYLES", "domain_of", "scenarios_for", "topics_for",
]  # fmt: skip

DIFFICULTY = ("beginner", "intermediate", "advanced", "expert")
STYLES = ("formal", "casual", "terse", "detailed", "emotional", "matter-of-fact")
LENGTHS = ("one short sentence", "two or three sentences", "a paragraph", "several paragraphs")
FORMS = ("how to do something", "why something happens", "what differs between two things", "what to do when it fails",
         "which choice is best in a situation", "what a term or setting means")  # fmt: skip

_TOPICS = {
    "technology": (
        "core concepts", "installation and set-up", "configuration", "networking", "storage and data",
        "security and access", "deployment and upgrades", "scaling and performance", "monitoring and debugging",
        "automation and tooling", "cost and capacity", "failure and recovery",
    ),
    "service": (
        "orders and delivery", "payments and invoices", "refunds and returns", "account and login",
        "technical problems", "prices and discounts", "cancellation and contracts", "advice before buying",
        "complaints", "privacy and personal data",
    ),
    "health": (
        "symptoms", "prevention", "treatment and medication", "side effects", "nutrition", "exercise", "mental health",
        "appointments and insurance", "children and the elderly", "emergencies",
    ),
    "finance": (
        "accounts and cards", "transfers and fees", "loans and mortgages", "saving and investing", "taxes",
        "insurance", "fraud and security", "currencies", "pensions", "budgets",
    ),
    "law": (
        "contracts", "deadlines", "liability", "rights of consumers", "employment", "privacy", "property",
        "procedure", "fines and penalties", "family and inheritance",
    ),
    "product": (
        "quality and durability", "price and value", "ease of use", "design and looks", "delivery and packaging",
        "customer service", "features", "comparison with another product", "use every day", "a defect",
    ),
    "food": (
        "ingredients", "preparation", "taste", "nutrition and diets", "regional dishes", "drinks", "equipment",
        "storage", "eating out", "mistakes",
    ),
    "travel": (
        "getting there", "accommodation", "sights", "food and drink", "money and prices", "safety and health",
        "documents and rules", "seasons and weather", "families and groups", "things that went wrong",
    ),
    "knowledge": (
        "definitions", "causes and effects", "history", "people and discoveries", "comparisons", "applications",
        "common misunderstandings", "examples and cases", "numbers and measurement", "open questions",
    ),
}  # fmt: skip
_SIGNS = {
    "technology": r"kubernetes|docker|linux|python|java\b|javascript|sql|database|cloud|aws|azure|api\b|"
    r"software|server|devops|"
    r"git\b|network|programming|code|coding|machine learning|data engineering|terraform|security|rust|react|web",
    "service": r"support|customer|ticket|help ?desk|call cent|order|shop|e-?commerce|subscription|complaint",
    "health": r"health|medic|patient|doctor|nurs|hospital|disease|diabet|clinic|therap|fitness",
    "finance": r"bank|financ|insurance|tax|loan|credit|invest|accounting|payment|stock|budget",
    "law": r"\blaws?\b|legal|contract|court|gdpr|complian|attorney|lawyer|regulation",
    "product": r"review|headphone|laptop|phone|camera|product|gadget|furniture|clothes|shoes|"
    r"machines?\b|appliance|vacuum cleaner|kettle|bicycle",
    "food": r"recipe|cook|food|restaurant|meal|bak(?:e|ing)|kitchen|wine|coffee",
    "travel": r"travel|hotel|flight|trip|touris|vacation|holiday|airline|city guide",
}
SCENARIOS = {
    "technology": (
        "an outage at night", "a slow degradation under load", "a failed rollout", "a migration from an older system",
        "a security audit", "a cost review", "a node or dependency that is down", "a misconfiguration found late",
        "a new team taking over", "a sudden growth of traffic",
    ),
    "other": (
        "the first time", "an urgent case", "a misunderstanding", "something that went wrong before",
        "an unusual combination of circumstances", "a routine case", "somebody asks for an exception",
        "information is missing", "two goals conflict", "a follow-up after some time",
    ),
}  # fmt: skip


def domain_of(text: str) -> str:
    """Return the kind of subject a text speaks of, "knowledge" if none is known.

    >>> domain_of("questions about Kubernetes"), domain_of("reviews of headphones"), domain_of("the French Revolution")
    ('technology', 'product', 'knowledge')
    >>> domain_of("questions about coffee machines"), domain_of("questions about machine learning")
    ('product', 'technology')
    """
    counts = {name: len(re.findall(pattern, text.lower())) for name, pattern in _SIGNS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "knowledge"


def topics_for(domain: str) -> tuple[str, ...]:
    """Return what there is to say about a subject of that kind."""
    return _TOPICS[domain]


def scenarios_for(domain: str) -> tuple[str, ...]:
    """Return situations in which it comes up."""
    return SCENARIOS["technology" if domain == "technology" else "other"]
