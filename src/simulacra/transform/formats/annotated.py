"""Worked solutions with annotated steps, "48/2 = <<48/2=24>>24 ... #### 72": read, evaluated, checked.

Source: the notation of GSM8K, Cobbe et al., "Training verifiers to solve math word problems" (2021).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from ...errors import DataError

__all__ = ["NUMBER", "evaluate", "final_answer", "read_number", "steps_of", "written", "wrong_steps"]

NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d])|(?<![\w.])\.\d+")
"""A number in digits in running text, with commas between groups or without."""
_STEP = re.compile(r"<<([^<>=]+)=([^<>]+)>>")
_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+|[-+*/()])")
_FINAL = re.compile(r"####\s*\$?(-?[\d,]*\.?\d+)")


def read_number(text: str) -> Fraction:
    """Return the number that digits write; commas are between groups."""
    return Fraction(text.replace(",", ""))


def written(number: Fraction, like: str = "") -> str:
    """Return a number in digits, with commas and decimals as `like` has them; DataError if it has no finite digits.

    >>> written(Fraction(7, 2)), written(Fraction(12000), "1,000"), written(Fraction(5), "1.50")
    ('3.5', '12,000', '5.00')
    """
    shift = next((places for places in range(13) if (number * 10**places).denominator == 1), None)
    if shift is None:
        raise DataError(f"{number} does not end after the point", hint="take numbers that divide")
    decimals = max(shift, len(like.partition(".")[2]))
    digits = f"{abs(number.numerator * 10**decimals // number.denominator):0{decimals + 1}d}"
    whole, rest = (digits[:-decimals], digits[-decimals:]) if decimals else (digits, "")
    whole = f"{int(whole):,}" if "," in like else whole
    return ("-" if number < 0 else "") + whole + (f".{rest}" if rest else "")


def steps_of(solution: str) -> Iterator[re.Match[str]]:
    """Yield the annotated steps: group 1 is the expression, group 2 its result."""
    return _STEP.finditer(solution)


def final_answer(solution: str) -> re.Match[str] | None:
    """Return the match of the final answer, its digits as group 1; None if there is none."""
    return _FINAL.search(solution)


def evaluate(expression: str) -> Fraction:
    """Return the exact value of + - * / and brackets over numbers; DataError for anything else.

    >>> evaluate("2*(3+.5)/7")
    Fraction(1, 1)
    """
    tokens, at = [], 0
    expression = expression.replace(",", "").strip()
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None:
            raise DataError(f"{expression!r} is no sum of numbers", hint="use digits, + - * / and brackets")
        tokens.append(found[1])
        at = found.end()
    try:
        value, rest = _sum(tokens, 0)
    except (IndexError, ZeroDivisionError, ValueError, RecursionError) as error:
        raise DataError(f"{expression!r} has no value", hint="close brackets, do not divide by zero") from error
    if rest != len(tokens):
        raise DataError(f"{expression!r} has no value", hint="put a sign between numbers")
    return value


def _sum(tokens: list[str], at: int) -> tuple[Fraction, int]:
    value, at = _product(tokens, at)
    while at < len(tokens) and tokens[at] in "+-":
        other, after = _product(tokens, at + 1)
        value, at = (value + other if tokens[at] == "+" else value - other), after
    return value, at


def _product(tokens: list[str], at: int) -> tuple[Fraction, int]:
    value, at = _factor(tokens, at)
    while at < len(tokens) and tokens[at] in "*/":
        other, after = _factor(tokens, at + 1)
        value, at = (value * other if tokens[at] == "*" else value / other), after
    return value, at


def _factor(tokens: list[str], at: int) -> tuple[Fraction, int]:
    if tokens[at] == "-":
        value, at = _factor(tokens, at + 1)
        return -value, at
    if tokens[at] == "(":
        value, at = _sum(tokens, at + 1)
        if tokens[at] != ")":
            raise ValueError("a bracket is not closed")
        return value, at + 1
    return Fraction(tokens[at]), at + 1


def wrong_steps(solution: str) -> list[str]:
    """Return what does not hold in a solution, a sentence each: a step of another value, a final answer of no step."""
    wrong, results = [], []
    for step in steps_of(solution):
        try:
            value, stated = evaluate(step[1]), evaluate(step[2])
        except DataError as error:
            wrong.append(str(error))
            continue
        results.append(stated)
        if value != stated:
            wrong.append(f"{step[1]} is {float(value):g}, not {step[2]}")
    final = final_answer(solution)
    if final is None:
        wrong.append("there is no final answer")
    elif not results or read_number(final[1]) != results[-1]:
        wrong.append(f"the final answer {final[1]} is not the last step's result")
    return wrong
