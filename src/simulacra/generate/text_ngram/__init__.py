"""Texts from chains of words: the plainest generator of texts, for experiments, not for use."""

from .chain import WordChain, learn_chain

__all__ = ["WordChain", "learn_chain"]
