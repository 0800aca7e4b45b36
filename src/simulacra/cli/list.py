"""`simulacra list`: the generators, checks and measures there are."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

import click

from .. import registry
from .terminal import Terminal, align
from .verb import verb

_PLURALS = {f"{kind}s": kind for kind in registry.KINDS}


@verb("list")
@click.argument("what", type=click.Choice(list(_PLURALS)), required=False)
def command(terminal: Terminal, *, what: str | None) -> int:
    """List generators, checks and measures.

    \b
    simulacra list
    simulacra list metrics
    """
    chosen = [_PLURALS[what]] if what else list(registry.KINDS)
    found = {f"{kind}s": [_entry(kind, name) for name in registry.names(kind)] for kind in chosen}
    if terminal.as_json:
        terminal.document(found)
        return 0
    blocks = [
        f"{plural}\n"
        + textwrap.indent(align([[entry["name"], entry["family"], entry["about"]] for entry in entries]), "  ")
        for plural, entries in found.items()
    ]
    terminal.result("\n\n".join(blocks))
    return 0


def _entry(kind: str, name: str) -> dict[str, Any]:
    plugin = registry.find(kind, name)
    about = (inspect.getdoc(plugin) or "").split("\n\n")[0].replace("\n", " ")
    return {"name": name, "family": getattr(plugin, "family", ""), "about": about}
