"""Example lines for a small model that continues texts: (about, text), of subjects that are seldom asked for.

They show the form, not the content: each names its subject, so that the new one does. The recipe holds them, and seeds
of one's own take their place.
"""

from __future__ import annotations

__all__ = ["FEELINGS", "FIRST_WORDS", "KINDS", "OPENERS", "TALKS", "bank_for"]

_TECHNICAL = (
    ("PostgreSQL, backups, a migration", "How do I copy a PostgreSQL database to a new server without losing writes?"),
    ("Linux, disks, an outage at night", "Why does df on Linux show a full disk when du finds only half of it in use?"),
    (
        "Nginx, load balancing, a slow site",
        "What should I check when Nginx sends most requests to one of four servers?",
    ),
    ("Git, branches, a new team", "How can I see which Git branches have not been merged into main yet?"),
    ("Redis, memory, a cost review", "Which keys should Redis drop first when its memory has to be cut by half?"),
    ("Kafka, consumers, a failed rollout", "When should I reset the offsets of a Kafka consumer after a bad release?"),
)
_QUESTION = (
    ("tides, causes, a walk at low water", "Why are the tides so much higher at new moon than a week later?"),
    (
        "sourdough, temperature, a cold kitchen",
        "How long should sourdough rest when the kitchen is only 16 degrees warm?",
    ),
    ("bicycles, brakes, a wet road", "What should I do when the brakes of a bicycle squeal after every rain?"),
    ("Roman law, contracts, a sale", "When could a buyer in Roman law give back a horse that was ill?"),
    ("bees, winter, a first hive", "How can I tell whether my bees have enough food to get through the winter?"),
)
_REQUEST = (
    ("library, borrowed books, a delay", "I returned two books on Monday but my account still says they are overdue."),
    ("gym, membership, moving house", "I am moving to another city in May and want to know how I can end my contract."),
    ("train, tickets, a late arrival", "My train came in 70 minutes late, where do I send the ticket to get my money?"),
    ("phone shop, repair, a warranty", "The screen went black three weeks after the repair, is that still covered?"),
    ("bakery, an order, an allergy", "Could you make the cake without nuts, one of the guests is allergic?"),
)
_REVIEW = (
    (
        "rucksack, positive, quality",
        "I love the rucksack, after a week of rain nothing inside was wet and the zips still run smoothly.",
    ),
    (
        "kettle, negative, a defect",
        "Do not buy the kettle, after nine days the lid stopped closing and now it never switches off.",
    ),
    (
        "desk lamp, mixed, price and value",
        "I bought the desk lamp for its warm light, but the arm sinks a little more every evening.",
    ),
    (
        "running shoes, positive, comfort",
        "Very happy with the running shoes, 12 kilometres on the first day and not a single blister.",
    ),
    (
        "blender, negative, use every day",
        "I am disappointed with the blender, so loud that I only use it when nobody else is at home.",
    ),
)
_TASK = (
    (
        "spreadsheets, formulas, a deadline",
        "Write a formula that adds up column B for all rows whose date lies in March.",
    ),
    (
        "letters, a complaint, a neighbour",
        "Draft a polite note that asks a neighbour not to drill after eight in the evening.",
    ),
    ("cooking, leftovers, two people", "Suggest a dinner for two from cold rice, three eggs and half a cabbage."),
    ("history, timelines, school", "List five events that led to the French Revolution, each in one sentence."),
    ("health, sleep, shift work", "Give three tips for sleeping in the daytime after a night shift."),
)
_TEXT = (
    ("harbours, morning, fog", "The ferry waited until ten, and nobody on the quay could see its lights."),
    ("elections, results, a small town", "The mayor of Altdorf keeps her seat with a majority of eleven votes."),
    ("chess, opening, a tournament", "He gave up a pawn on the fourth move and never got it back."),
    ("markets, prices, summer", "Tomatoes cost half of what they did in May, and still most crates stay full."),
    ("trains, winter, a delay", "The heating failed before Ulm, so the guard handed out blankets and tea."),
)
KINDS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "technical": ("Questions from the work of engineers, each about what stands before it.", _TECHNICAL),
    "question": ("Questions that people ask, each about what stands before it.", _QUESTION),
    "request": ("Messages that people write to a company, each about what stands before it.", _REQUEST),
    "review": ("Reviews by customers, each about what stands before it.", _REVIEW),
    "task": ("Tasks that people give to an assistant, each about what stands before it.", _TASK),
    "text": ("Short texts, each about what stands before it.", _TEXT),
}
"""Kind of text -> the line that says so, and its examples."""

_EASY = ("What is", "How do I", "Where can I see", "How can I check")
_MIDDLE = ("How do I", "What should I check when", "How can I tell whether", "What happens when")
_HARD = ("Why does", "What should I do when", "How can we prevent", "When should I")
_EXPERT = ("Why would", "Which limits matter when", "How should we plan", "What goes wrong when")
OPENERS: dict[str, tuple[str, ...]] = {
    "beginner": _EASY, "easy": _EASY, "intermediate": _MIDDLE, "medium": _MIDDLE, "advanced": _HARD, "hard": _HARD,
    "expert": _EXPERT, "": ("How do I", "Why does", "What should I do when", "What happens when", "When should I"),
}  # fmt: skip
"""Level of difficulty -> how questions of it begin; "" for no level."""

FEELINGS: dict[str, tuple[str, ...]] = {
    "positive": ("I love the", "Very happy with the", "I would buy again the", "After a month I still like the"),
    "negative": ("I am disappointed with the", "Do not buy the", "I sent back the", "After a week I stopped using the"),
    "": ("I bought the", "We have had the", "For the money the", "I use the"),
}
"""Level of sentiment -> how reviews of it begin; "" for others."""

FIRST_WORDS = ("I would like to", "Can you tell me", "I have a problem with", "Is it possible to", "What do I need to")
"""How people begin who write to an assistant."""
TALKS = """\
Conversations of customers with the assistant of a company, each about what stands before it.

[library, a lost card]
Customer: I lost my library card on the bus. How do I get a new one?
Assistant: Bring an ID to the desk and we print a new one at once. It costs three euros.
Customer: Can my sister fetch it for me?
Assistant: Yes, if she brings your ID and a note with your signature.

[gym, end of a contract]
Customer: I move away in May and need to end my contract, quickly please.
Assistant: That is possible with four weeks' notice. Send us the new address and we end it on 31 May.
Customer: Do I get back what I paid for June?
Assistant: Yes, it goes to your account within ten days.

[phone shop, a broken screen]
Customer: The screen went black again, three weeks after your repair!
Assistant: I am sorry about that. The repair has a guarantee of six months, so the second one is free.
Customer: And what do I do without a phone until then?
Assistant: You can borrow one at the counter for as long as it takes."""
"""A script that a small model goes on with."""


def bank_for(name: str, item: str, domain: str) -> str:
    """Return the kind of text that a field is.

    >>> bank_for("question", "question", "technology"), bank_for("body", "support ticket", "service")
    ('technical', 'request')
    """
    words = f"{name} {item}".lower()
    if "question" in words or "faq" in words:
        return "technical" if domain == "technology" else "question"
    if "review" in words or "opinion" in words:
        return "review"
    if any(word in words for word in ("ticket", "mail", "message", "input", "complaint", "request", "subject")):
        return "request"
    return "task" if any(word in words for word in ("instruction", "task", "prompt")) else "text"
