"""The road of texts: rows made one at a time by steps that ask models, checked, decided in a fixed order, durable."""

from .attempt import Begin, Flow, Made, Open, Outcome
from .executor import Inline, RowExecutor, open_executor
from .limits import Limits
from .order import Attempt, Order
from .runner import End, fill

__all__ = [
    "Attempt", "Begin", "End", "Flow", "Inline", "Limits", "Made", "Open", "Order", "Outcome", "RowExecutor", "fill",
    "open_executor",
]  # fmt: skip
