"""The exception tree: every error a user can meet says what was seen, where, and what to do.

SimulacraError                      anything this package raises on purpose
├── UserError            exit 2     the input or the call is wrong; the user can mend it
│   ├── DataError                   a table or file: unreadable, empty, contradictory
│   ├── SchemaError                 schema.yaml or a schema object
│   ├── RecipeError                 recipe.yaml, an option, a gate
│   ├── OutputError                 the output folder or file
│   └── ModelFileError              a saved model: damaged, hostile, of another version
└── MissingError         exit 3     an optional part (an extra, a program, a key) is not installed
"""

from __future__ import annotations

__all__ = [
    "DataError",
    "MissingError",
    "ModelFileError",
    "OutputError",
    "RecipeError",
    "SchemaError",
    "SimulacraError",
    "UserError",
]


class SimulacraError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    seen : what was found, as a sentence without a full stop.
    where : file, line, column or option, if there is one.
    hint : what to do about it.

    >>> str(DataError("the file is empty", where="people.csv", hint="give a table with a header and rows"))
    'people.csv: the file is empty. Give a table with a header and rows.'
    """

    exit_code = 1

    def __init__(self, seen: str, *, where: str = "", hint: str = "") -> None:
        self.seen, self.where, self.hint = seen, where, hint
        super().__init__(seen, where, hint)

    def __str__(self) -> str:
        text = f"{self.where}: {self.seen}." if self.where else f"{self.seen[:1].upper()}{self.seen[1:]}."
        end = "?" if self.hint.startswith("did you mean") else "."
        return f"{text} {self.hint[:1].upper()}{self.hint[1:]}{end}" if self.hint else text

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.seen, self.where, self.hint))


def _rebuild(kind: type[SimulacraError], seen: str, where: str, hint: str) -> SimulacraError:
    return kind(seen, where=where, hint=hint)


class UserError(SimulacraError):
    """The input or the call is wrong and the user can mend it."""

    exit_code = 2


class DataError(UserError):
    """A table or a file of data cannot be used as it is."""


class SchemaError(UserError):
    """A schema does not fit the data or itself."""


class RecipeError(UserError):
    """A recipe, an option or a gate is wrong."""


class OutputError(UserError):
    """The output cannot be written, or something else is already there."""


class ModelFileError(UserError):
    """A saved model cannot be used: damaged, hostile, or of another version."""


class MissingError(SimulacraError):
    """An optional part is not installed."""

    exit_code = 3
