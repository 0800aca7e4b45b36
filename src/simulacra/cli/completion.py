"""`simulacra completion`: the script that teaches a shell our words."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from .terminal import Terminal
from .verb import verb

_SHELLS = ("bash", "zsh", "fish")


@verb("completion")
@click.argument("shell", type=click.Choice(_SHELLS), required=False)
def command(terminal: Terminal, *, shell: str | None) -> int:
    """Print the completion script of your shell.

    \b
    eval "$(simulacra completion bash)"                                   # in ~/.bashrc
    eval "$(simulacra completion zsh)"                                    # in ~/.zshrc
    simulacra completion fish > ~/.config/fish/completions/simulacra.fish
    """
    from .main import COMPLETE, root

    chosen = shell or Path(os.environ.get("SHELL", "")).name
    writer = get_completion_class(chosen)
    if writer is None or chosen not in _SHELLS:
        raise click.UsageError(f"Say which shell: {', '.join(_SHELLS)}.", click.get_current_context())
    script = writer(root, {}, "simulacra", COMPLETE).source()
    if terminal.as_json:
        terminal.document({"shell": chosen, "script": script})
    else:
        terminal.result(script)
    return 0
