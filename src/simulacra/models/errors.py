"""What can go wrong with a language model, told apart by what is to be done about it.

ModelError
├── Fatal                 ends the run at once; what was answered is stored, the same command goes on
│   ├── KeyRefused     exit 3   no key, a wrong key, or one that may not use this model
│   ├── QuotaSpent     exit 3   the account has no money or no quota left
│   ├── BudgetSpent    exit 3   the run's own budget is used up
│   ├── Unreachable    exit 3   no answer to anything: down, wrong address, TLS, refused for ever
│   ├── ModelUnknown   exit 2   the endpoint has no such model or no such address
│   ├── RequestWrong   exit 2   the endpoint takes no request of this form
│   └── StoreFailed    exit 2   what was answered cannot be written down
├── Declined              this call gets no answer: refusal, too long, unfillable schema; the row is rejected
├── RequestRefused        the endpoint does not take this request (400): Declined if it took others, else Fatal
├── ModeRefused           the endpoint does not know this mode of structured output: the next one is tried
└── Retryable             may be tried again
    ├── Busy                    429, with the server's `Retry-After`
    └── Faulty                  5xx, timeouts, broken connections, unreadable answers
        └── Unconnected         nobody listens at the address
"""

from __future__ import annotations

from ..errors import SimulacraError

__all__ = [
    "BudgetSpent", "Busy", "Declined", "Fatal", "Faulty", "KeyRefused", "ModeRefused", "ModelError", "ModelUnknown",
    "QuotaSpent", "RequestRefused", "RequestWrong", "Retryable", "StoreFailed", "Unconnected", "Unreachable",
]  # fmt: skip


class ModelError(SimulacraError):
    """Something about a call to a language model; `where` names the model, never an address or a key."""


class Fatal(ModelError):
    """Ends the run: asking on would only fail or cost."""

    exit_code = 3


class KeyRefused(Fatal):
    """There is no key, or the server does not take it."""


class QuotaSpent(Fatal):
    """The account behind the key has no money or no quota left."""


class BudgetSpent(Fatal):
    """The next call could cost more than what is left of the run's budget."""


class Unreachable(Fatal):
    """Nothing was answered for as long as was agreed to wait."""


class ModelUnknown(Fatal):
    """The endpoint has no such model, or is no endpoint."""

    exit_code = 2


class RequestWrong(Fatal):
    """The endpoint takes no request of this form."""

    exit_code = 2


class StoreFailed(Fatal):
    """What was answered cannot be written down, so nothing more is asked."""

    exit_code = 2


class Declined(ModelError):
    """This call gets no answer that can be used; its row is rejected with `reason`."""

    @property
    def reason(self) -> str:
        """In a few words, for the list of rejected rows."""
        return self.seen


class RequestRefused(ModelError):
    """The endpoint does not take this request as it is."""

    exit_code = 2


class ModeRefused(ModelError):
    """The endpoint does not know the mode of structured output that was asked for."""


class Retryable(ModelError):
    """The same request may be answered if it is sent again.

    charged : the server may have done the work and charge for it. after : seconds it asks to wait, None if it does not.
    """

    def __init__(
        self, seen: str, *, where: str = "", hint: str = "", charged: bool = False, after: float | None = None
    ) -> None:
        super().__init__(seen, where=where, hint=hint)
        self.charged, self.after = charged, after

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), (self.seen, self.where, self.hint, self.charged, self.after)))


class Busy(Retryable):
    """Too many requests: 429."""


class Faulty(Retryable):
    """The server or the way to it failed, or the answer cannot be read."""


class Unconnected(Faulty):
    """Nobody listens at the address."""


def _rebuild(kind: type[Retryable], parts: tuple[str, str, str, bool, float | None]) -> Retryable:
    seen, where, hint, charged, after = parts
    return kind(seen, where=where, hint=hint, charged=charged, after=after)
