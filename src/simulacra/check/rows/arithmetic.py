"""Sums come out right, and answers are those that are known to be right."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...contracts.rows import Context, Row
from ...registry import register
from ._row import Alone, as_text, value_at

__all__ = ["Arithmetic", "evaluate", "number_in"]

_OPERATIONS: dict[type[ast.AST], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Mod: operator.mod, ast.FloorDiv: lambda a, b: Fraction(a // b),
}  # fmt: skip
_LONGEST, _BIGGEST = 500, 64
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "^": " ", "%": "/100 "})
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:/\d+)?")


@register("row_check")
class Arithmetic(Alone):
    """Rejects a row whose arithmetic is wrong, or whose answer is not the expected one.

    steps : a field with annotated steps "<<48/2=24>>" (or lines "48 / 2 = 24"), each of which must hold; answer : the
    field whose last number is the answer; expected : a field with the right answer, a number or an expression.
    Without `expected` the answer must be the result of the last step. tolerance : relative, of the answer.
    """

    name = "arithmetic"

    def __init__(
        self,
        *,
        steps: str | None = None,
        answer: str | None = None,
        expected: str | None = None,
        tolerance: float = 1e-9,
    ) -> None:
        self._steps, self._answer, self._expected, self._tolerance = steps, answer, expected, tolerance

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the step that does not hold, or that the answer is another."""
        del context
        last: Fraction | None = None
        for left, right in _equations(as_text(value_at(row, self._steps) or "")) if self._steps else ():
            found, told = evaluate(left), evaluate(right)
            if found is None or told is None or not self._near(found, told):
                return f"{left.strip()[:60]} is not {right.strip()[:30]}"
            last = told
        if self._steps and last is None:
            return f"{self._steps} has no step that can be checked"
        if self._expected is not None:
            last = (
                evaluate(as_text(value_at(row, self._expected))) if value_at(row, self._expected) is not None else None
            )
        if self._answer is None:
            return None
        said = number_in(as_text(value_at(row, self._answer) or ""))
        if said is None:
            return f"{self._answer} holds no number"
        if last is None:
            return f"{self._expected} is no arithmetic"
        return None if self._near(said, last) else f"{self._answer} is not the right one"

    def _near(self, one: Fraction, other: Fraction) -> bool:
        return abs(one - other) <= Fraction(self._tolerance) * max(Fraction(1), abs(other))


def _equations(text: str) -> list[tuple[str, str]]:
    marked = re.findall(r"<<([^<>=]+)=([^<>=]+)>>", text)
    return marked or re.findall(r"((?:[\d.,]+|[()])(?:\s*[-+*/×÷·−]\s*(?:[\d.,]+|[()]))+)\s*=\s*(-?[\d.,]+\d|\d)", text)


def evaluate(text: str) -> Fraction | None:
    """Return the exact value of an arithmetic expression, None if it is none, or too big.

    >>> evaluate("(1,200 + 300) / 7"), evaluate("2**99999"), evaluate("__import__('os')")
    (Fraction(1500, 7), None, None)
    """
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text.translate(_SIGNS)).strip().lstrip("$€£").rstrip(".")
    if not plain or len(plain) > _LONGEST:
        return None
    try:
        return _value(ast.parse(plain, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _value(node: Any) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _value(node.operand)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        found = _OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
        if max(found.numerator.bit_length(), found.denominator.bit_length()) > 64 * _BIGGEST:
            raise ValueError("too big")
        return found
    raise ValueError("no arithmetic")


def number_in(text: str) -> Fraction | None:
    """Return the last number in a text, None if there is none.

    >>> number_in("She has 3 boxes, so 1,200.5 in all."), number_in("none")
    (Fraction(2401, 2), None)
    """
    found = _NUMBER.findall(text.replace("−", "-"))
    return evaluate(found[-1]) if found else None
