"""The command `simulacra`: finds the verb, and turns what went wrong into a line a person can act on and an exit code.

Exit codes
----------
0    pass or warn: the result may be used
1    a gate failed
2    the user's mistake: what was seen, where, what to do
3    something is missing: an extra, a program, a data package; for models a key, money or budget, a server that answers
4    unknown: the result could not be judged, and why
70   a fault inside simulacra; the traceback lies in a file (`--debug` shows it)
130  interrupted; the same command goes on where it stopped
141  whoever read stdout went away (`simulacra list | head -1`)
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn

import click

from ..errors import SimulacraError
from .terminal import Terminal, paint

__all__ = ["COMPLETE", "FAULT", "INTERRUPTED", "VERBS", "main", "root", "run_command"]

VERBS = (
    "synthesize", "fit", "sample", "instruct", "distill", "export", "augment", "privatize", "validate", "collapse",
    "edgecases", "redteam", "inspect", "run", "demo", "models", "list", "doctor", "completion",
)  # fmt: skip
"""The verbs in the order of the help; each is the module of that name, imported when needed."""

FAULT, INTERRUPTED, READER_GONE = 70, 130, 141
COMPLETE = "_SIMULACRA_COMPLETE"  # by this variable a shell asks for completions


class Root(click.Group):
    """The group of verbs; a verb's module is imported only when it is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the help."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb's command, None if there is no such verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f".{cmd_name}", __package__).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; a UsageError with the nearest one if there is none."""
        verb = args[0]
        if verb not in VERBS and not verb.startswith("-"):
            near = difflib.get_close_matches(verb, VERBS, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(VERBS)}."
            raise click.UsageError(f"There is no command {verb!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every option is also an environment variable: --rows is SIMULACRA_ROWS, for one command alone "
    "SIMULACRA_SYNTHESIZE_ROWS. Exit codes: 0 pass or warn, 1 a gate failed, 2 a mistake in the call or the data, "
    "3 something is missing, 4 unknown, 70 a fault of ours, 130 interrupted.",
)
@click.version_option(package_name="simulacra", message="%(package)s %(version)s")
def root() -> None:
    """Synthetic data with a verdict: private twins of tables, measured before they leave."""


def main() -> NoReturn:
    """Run the command with the arguments of this process, and exit."""
    if not sys.warnoptions:  # Python's warnings are for programmers; -W and PYTHONWARNINGS show them
        warnings.simplefilter("ignore")
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors are told on stderr, never raised."""
    terminal = Terminal()
    try:
        code = root.main(
            list(arguments), prog_name="simulacra", complete_var=COMPLETE, standalone_mode=False, obj=terminal
        )
        return code if isinstance(code, int) else 0
    except SimulacraError as error:
        return _tell(str(error), error.exit_code, error, terminal)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        return _tell(_usage(error), 2, error, terminal)
    except click.ClickException as error:
        return _tell(error.format_message(), 2, error, terminal)
    except (click.Abort, KeyboardInterrupt) as stop:
        for note in getattr(stop.__cause__ or stop, "__notes__", ()):
            click.echo(note, err=True)
        click.echo("interrupted: the same command goes on where it stopped", err=True)
        return INTERRUPTED
    except (
        SystemExit
    ) as stop:  # of click: shell completion is done, or stdout was closed; 1 would read as a failed gate
        return READER_GONE if stop.code and COMPLETE not in os.environ else int(stop.code or 0)
    except MemoryError as error:
        hint = "Give fewer rows, --quality fast, or more memory (--dry-run estimates it)."
        return _tell(f"The machine has not enough memory for this. {hint}", FAULT, error, terminal)
    except ModuleNotFoundError as error:
        return _absent(error, terminal)
    except Exception as error:  # the one place that must catch all: nothing a person meets is a bare traceback
        return _tell(_fault(error, terminal), FAULT, error, terminal)


def _tell(message: str, code: int, error: BaseException, terminal: Terminal) -> int:
    if terminal.debug:
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    click.echo(f"{paint('error:', 'red')} {message}", err=True)
    return code


def _absent(error: ModuleNotFoundError, terminal: Terminal) -> int:
    from .parts import part_of

    part = part_of(error.name or "")
    if (
        part is None or part.version is not None
    ):  # not a missing package but a broken import: our fault, or the package's
        return _tell(_fault(error, terminal), FAULT, error, terminal)
    return _tell(f"The package {part.name} is not installed. Install it with: {part.install}", 3, error, terminal)


def _usage(error: click.UsageError) -> str:
    message = error.format_message()
    path = error.ctx.command_path if error.ctx else "simulacra"
    return f"{message} See: {path} --help"


def _fault(error: Exception, terminal: Terminal) -> str:
    seen = f"{type(error).__name__}: {error}".rstrip(": ")
    if terminal.debug:
        return f"a fault inside simulacra, not in your call ({seen})"
    handle, path = tempfile.mkstemp(prefix="simulacra-fault-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write("".join(traceback.format_exception(error)))
    return f"a fault inside simulacra, not in your call ({seen}). The traceback is in {path}; --debug shows it here."
