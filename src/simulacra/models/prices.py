"""What models cost: list prices, after a person's own table; the money of a run, reserved before it is spent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ..contracts.models import Call
from ..errors import RecipeError

__all__ = ["LISTED", "PRICES", "Price", "PriceTable", "Prices", "Purse", "tokens_at_most", "tokens_likely"]

PriceTable: TypeAlias = Mapping[str, Any] | Path | str
"""Model -> Price or {"read": .., "written": ..} in dollars for a million tokens; or a JSON or YAML file of that."""
LISTED = "by list prices of late 2025, typed in by hand: check them, or give yours with --prices FILE"
"""What is said of money that `PRICES` tells."""

_PER = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens read and written.

    >>> Price(0.25, 2.0).of(1_000_000, 500_000)
    1.25
    """

    read: float
    written: float

    def of(self, tokens_in: float, tokens_out: float) -> float:
        """Return the dollars for so many tokens."""
        return (tokens_in * self.read + tokens_out * self.written) / _PER


PRICES: dict[str, Price] = {
    "openai:gpt-5": Price(1.25, 10.0),
    "openai:gpt-5-mini": Price(0.25, 2.0),
    "openai:gpt-5-nano": Price(0.05, 0.40),
    "openai:gpt-4.1": Price(2.0, 8.0),
    "openai:gpt-4.1-mini": Price(0.40, 1.60),
    "openai:gpt-4.1-nano": Price(0.10, 0.40),
    "openai:gpt-4o": Price(2.50, 10.0),
    "openai:gpt-4o-mini": Price(0.15, 0.60),
    "openai:o3": Price(2.0, 8.0),
    "openai:o4-mini": Price(1.10, 4.40),
    "anthropic:claude-opus-4-1": Price(15.0, 75.0),
    "anthropic:claude-opus-4-5": Price(5.0, 25.0),
    "anthropic:claude-sonnet-4": Price(3.0, 15.0),
    "anthropic:claude-sonnet-4-5": Price(3.0, 15.0),
    "anthropic:claude-haiku-4-5": Price(1.0, 5.0),
    "anthropic:claude-3-5-haiku": Price(0.80, 4.0),
}
"""What vendors asked in late 2025, typed in by hand and looked up by nobody since: where money is told by it, `LISTED`
says so. A table of one's own goes before this one.
"""


class Prices:
    """Looks up what a model costs: the user's own table first, then `PRICES`; RecipeError for a table that is none.

    >>> Prices({"endpoint:m": {"read": 1, "written": 2}}).of("endpoint:m")
    Price(read=1.0, written=2.0)
    >>> Prices().of("openai:gpt-5-mini-2025-08-07"), Prices().of("endpoint:m")
    (Price(read=0.25, written=2.0), None)
    """

    def __init__(self, own: PriceTable | None = None) -> None:
        table = _read(Path(own)) if isinstance(own, Path | str) else own or {}
        self._own = {name: _price(name, value) for name, value in table.items()}
        self._table = {**PRICES, **self._own}

    def of(self, model: str) -> Price | None:
        """Return the price of a model, or of the one it is a dated version of; None if it is not known."""
        name = self._name(model)
        return None if name is None else self._table[name]

    def is_listed(self, model: str) -> bool:
        """Say whether what a model costs is taken from `PRICES`."""
        name = self._name(model)
        return name is not None and name not in self._own

    def _name(self, model: str) -> str | None:
        if model in self._table:
            return model
        # "-2025-08-07" or "-20250929" is a version; "-mini" would be another model.
        fits = [name for name in self._table if model.startswith(name + "-") and model[len(name) + 1].isdigit()]
        fits = [name for name in fits if model[len(name) + 1 :].replace("-", "").isdigit()]
        return max(fits, key=len) if fits else None


class Purse:
    """A run's money: `reserve` an upper bound before a call is sent, `settle` when its cost is known.

    What is spent and reserved together never exceeds the budget. budget : dollars; None: no bound, only counted.
    spent : by earlier runs over the same store.
    """

    def __init__(self, budget: float | None, spent: float = 0.0) -> None:
        if budget is not None and not budget >= 0:
            raise RecipeError(f"a budget of {budget} is none", where="budget", hint="give dollars, e.g. 5.00")
        self.budget, self.spent, self.before = budget, spent, spent
        self.reserved = 0.0

    def reserve(self, bound: float) -> bool:
        """Set so many dollars aside; False if they are not there."""
        if self.budget is not None and self.spent + self.reserved + bound > self.budget + 1e-9:
            return False
        self.reserved += bound
        return True

    def settle(self, bound: float, cost: float) -> None:
        """Give a reservation back and book what it really cost."""
        self.reserved = max(0.0, self.reserved - bound)
        self.spent += cost


def tokens_at_most(call: Call) -> int:
    """Return an upper bound of the tokens a call's text can be: each takes at least one byte, plus some framing."""
    return len(_text(call).encode("utf-8", "surrogatepass")) + 16 * (len(call.messages) + 1)


def tokens_likely(call: Call) -> int:
    """Return about how many tokens a call's text is: four characters each."""
    return len(_text(call)) // 4 + 4 * (len(call.messages) + 1)


def _text(call: Call) -> str:
    parts = [turn.content for turn in call.messages]
    parts += [tool.arguments for turn in call.messages for tool in turn.tools]
    parts += [json.dumps(value, default=dict) for value in (call.schema, *call.tools) if value]
    return "".join(parts) + (call.prompt or "")


def _price(name: str, value: Any) -> Price:
    if isinstance(value, Price):
        return value
    try:
        price = Price(float(value["read"]), float(value["written"]))
    except (TypeError, KeyError, ValueError) as error:
        hint = "give dollars for a million tokens: {read: 0.25, written: 2.0}"
        raise RecipeError(f"the price of {name!r} is not one", where="prices", hint=hint) from error
    if not (0 <= price.read < 1e6 and 0 <= price.written < 1e6):
        raise RecipeError(f"the price of {name!r} is not one", where="prices", hint="prices are 0 or more")
    return price


def _read(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RecipeError(f"the prices cannot be read ({str(error).splitlines()[0]})", where=str(path)) from error
    if not isinstance(table, Mapping):
        raise RecipeError("this is no table of prices", where=str(path), hint="NAME: {read: 0.25, written: 2.0}")
    return table
