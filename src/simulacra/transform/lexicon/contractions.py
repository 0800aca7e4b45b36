"""Contractions of English and their long forms."""

from __future__ import annotations

__all__ = ["CONTRACTED", "EXPANDED"]

_NEGATED = "is are was were do does did have has had could would should must need"

EXPANDED = {
    **{f"{verb}n't": f"{verb} not" for verb in _NEGATED.split()},
    "can't": "cannot", "won't": "will not", "shan't": "shall not",
    "i'm": "I am", "you're": "you are", "we're": "we are", "they're": "they are",
    "i've": "I have", "you've": "you have", "we've": "we have", "they've": "they have",
    "i'll": "I will", "you'll": "you will", "he'll": "he will", "she'll": "she will", "we'll": "we will",
    "they'll": "they will", "it'll": "it will",
    "could've": "could have", "should've": "should have", "would've": "would have", "might've": "might have",
    "gonna": "going to", "wanna": "want to", "gotta": "have got to",
}  # fmt: skip
"""Contraction -> long form, where there is only one ("it's" may be "it is" or "it has": not here)."""

CONTRACTED = {
    **{long.lower(): short for short, long in EXPANDED.items() if short[-3:] != "'ve" and "'" in short},
    "it is": "it's", "that is": "that's", "what is": "what's", "where is": "where's", "who is": "who's",
    "how is": "how's", "there is": "there's", "he is": "he's", "she is": "she's", "let us": "let's",
}  # fmt: skip
"""Long form -> contraction; none of "have", which contracts as an auxiliary only."""
