"""A GGUF model in this process: llama.cpp's server with parallel slots, asked from asyncio, cancellable, deterministic.

Each slot has a key-value cache of its own (no unified one), and one compute thread does the arithmetic: so the same
question gives the same answer to the last bit of its log probabilities, whatever else is asked at the same time.
OpenMP is told to sleep while it waits: two threads that spin on a busy machine slow each other down a hundredfold.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...errors import MissingError, ModelFileError, RecipeError

__all__ = ["Llama", "Refused", "Settings"]

_PATIENT = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0", "KMP_BLOCKTIME": "0"}


class Refused(Exception):
    """The server did not take the request; `kind` is its own word for why."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model runs. context : tokens of one question with its answer. batch : tokens read at once.

    port, key : of the face on loopback; port 0 takes a free one, key None makes up one that nobody knows, "" asks none.
    More slots give more tokens a CPU second and take more memory (`bench/embedded.py`).
    """

    slots: int = 16
    threads: int = 1
    context: int = 1024
    batch: int = 256
    port: int = 0
    key: str | None = None


class Llama:
    """One model file; loaded when it is first asked, in a thread."""

    def __init__(self, path: Callable[[], Path], settings: Settings) -> None:
        """`path` : gives the file when it is needed, or raises what is missing."""
        self.settings = settings
        self._path = path
        self._server: Any = None
        self._loading = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._closed = threading.Event()

    async def ask(self, route: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Send one request ("chat" or "text") and return the pieces of its answer; cancelling it stops the model."""
        if self._pool is None:
            self._closed = threading.Event()
            self._pool = ThreadPoolExecutor(self.settings.slots, thread_name_prefix="llama")
        stop = threading.Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, self._ask, route, body, stop, self._closed
            )
        except asyncio.CancelledError:
            stop.set()
            raise

    def serve(self, *, port: int = 0, key: str = "") -> str:
        """Load the model and return the address of its OpenAI-compatible face on this machine, ending in /v1.

        It is there until `close`. port : 0 takes a free one. key : whoever asks must show it; "" asks none.
        Raises RecipeError if the port is taken.
        """
        _must_be_free(port)
        self.settings = replace(self.settings, port=port, key=key)
        with self._loading:
            self._server = None
        return f"{self._loaded().listening_address}/v1"

    def load(self) -> None:
        """Load the model now; blocks for about a second."""
        self._loaded()

    async def close(self) -> None:
        """Stop what runs and free the memory; safe to call twice, and the next question loads the model again."""
        self._closed.set()
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)
        with self._loading:
            self._server = None

    def _ask(
        self, route: str, body: Mapping[str, Any], stop: threading.Event, closed: threading.Event
    ) -> list[dict[str, Any]]:
        if stop.is_set() or closed.is_set():
            return []
        server = self._loaded()
        handle = server.handle_chat_completions if route == "chat" else server.handle_completions
        pieces: list[dict[str, Any]] = []

        def take(given: Any) -> bool:
            pieces.extend(given if isinstance(given, list) else [given])
            return stop.is_set() or closed.is_set()  # true: no more

        try:
            handle({**body, "stream": True, "stream_options": {"include_usage": True}}, take)
        except (ValueError, RuntimeError) as error:
            raise Refused(str(error)) from error
        for piece in pieces:
            if "error" in piece:
                raise Refused(str(piece["error"].get("message", "")), str(piece["error"].get("type", "")))
        return pieces

    def _loaded(self) -> Any:
        with self._loading:
            if self._server is None:
                self._server = _start(self._path(), self.settings)
            return self._server


def _start(path: Path, settings: Settings) -> Any:
    llama = _library()
    wanted = llama.CommonParams()
    wanted.model.path = str(path)
    wanted.n_parallel = settings.slots
    wanted.n_ctx = settings.context * settings.slots
    wanted.n_batch = wanted.n_ubatch = settings.batch
    wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = settings.threads
    # In a unified cache, or without flash attention, the order of arrival would change the last bits.
    wanted.kv_unified = False
    wanted.flash_attn_type = llama.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED
    wanted.cache_ram_mib = 0
    wanted.warmup = False
    wanted.verbosity = 0
    wanted.hostnames, wanted.port, wanted.ui = ["127.0.0.1"], settings.port, False
    # The library listens on loopback in any case: with a key that nobody knows it is closed to others.
    key = secrets.token_hex(16) if settings.key is None else settings.key
    wanted.api_keys = [key] if key else []
    try:
        return llama.Server(wanted)
    except Exception as error:  # the library raises what it likes
        hint = "give a model in GGUF format that llama.cpp can read, or install the weights again"
        raise ModelFileError("llama.cpp cannot load this model", where=str(path), hint=hint) from error


def _must_be_free(port: int) -> None:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            seen = f"port {port} cannot be had ({error.strerror})"
            raise RecipeError(seen, where="--port", hint="give another, or 0 for a free one") from error


def _library() -> Any:
    for name, value in _PATIENT.items():
        os.environ.setdefault(name, value)  # read once, when the library is loaded
    try:
        import xllamacpp
    except ModuleNotFoundError as error:
        hint = "install it with: pip install 'simulacra[local]'"
        raise MissingError("the package xllamacpp is not installed", where="embedded model", hint=hint) from error
    return xllamacpp


def plain(value: Any) -> Any:
    """Return mappings and tuples inside `value` as dicts and lists, and half characters as question marks."""
    text = json.dumps(value, default=dict, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"))
