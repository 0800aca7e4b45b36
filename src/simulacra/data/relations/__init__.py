"""Relations that hold between columns: found on the real rows, written as rules, kept by rewriting the table."""

from .find import find_relations, find_rules, settle
from .relation import Relation
from .rewriting import Rewriting
from .sketch import holding

__all__ = ["Relation", "Rewriting", "find_relations", "find_rules", "holding", "settle"]
