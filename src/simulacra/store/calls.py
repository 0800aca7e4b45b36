"""Answered calls of language models: durable before anything downstream sees them, never paid for twice.

A call is found by its key alone (`contracts.models.Call.key`), so the same question is a hit in any later run over the
same file. What was paid for and could not be used is kept too, apart (`losses`): the money is gone and is counted.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contracts.models import Answer, Call, ToolCall, Usage
from ..errors import OutputError
from ._file import open_file, told

__all__ = ["CallStore", "Loss", "Paid"]

_TABLES = """
CREATE TABLE IF NOT EXISTS calls (
    number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, model TEXT NOT NULL, question BLOB NOT NULL,
    answer BLOB NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, dollars REAL NOT NULL,
    sent REAL NOT NULL, seconds REAL NOT NULL, attempts INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS losses (
    number INTEGER PRIMARY KEY, key BLOB NOT NULL, model TEXT NOT NULL, reason TEXT NOT NULL,
    dollars REAL NOT NULL, sent REAL NOT NULL);
CREATE TABLE IF NOT EXISTS modes (model TEXT PRIMARY KEY, mode TEXT NOT NULL);
"""
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=dict).encode
_DAMAGED = "start again with --fresh, or name another --store"
_PACK_FROM = 400
"""Bytes from which compressing is worth its time."""


@dataclass(frozen=True, slots=True)
class Paid:
    """An answered call as it goes into the store.

    sent : Unix time of the request that was answered. seconds : until the answer. attempts : requests it took.
    """

    call: Call
    key: str
    answer: Answer
    sent: float
    seconds: float
    attempts: int


@dataclass(frozen=True, slots=True)
class Loss:
    """A request that may have been charged and brought nothing usable: cut off, unreadable, timed out."""

    key: str
    model: str
    reason: str
    dollars: float
    sent: float


class CallStore:
    """The calls in the run's file; create it with the path, or with ":memory:" for what need not last.

    Errors: OutputError if the file is damaged, locked, of a newer version, something else, or cannot be written.

    >>> store = CallStore(":memory:")
    >>> call = Call("echo:script", prompt="a")
    >>> store.put([Paid(call, call.key(), Answer("b", usage=Usage(1, 1)), 0.0, 0.1, 1)])
    >>> store.get(call.key()).text, store.get("00" * 16), len(store)
    ('b', None, 1)
    >>> store.close()
    """

    def __init__(self, path: Path | str, *, patience: float | None = None) -> None:
        self._where = str(path)
        self._db = open_file(path, _TABLES, patience=patience, damaged=_DAMAGED)

    def get(self, key: str) -> Answer | None:
        """Return the stored answer to the call with that key, marked `stored`; None if there is none."""
        with told(self._where, _DAMAGED):
            row = self._db.execute("SELECT answer FROM calls WHERE key = ?", (bytes.fromhex(key),)).fetchone()
        return None if row is None else self._answer(row[0])

    def put(self, paid: Sequence[Paid], losses: Sequence[Loss] = ()) -> None:
        """Write answered calls and losses in one transaction; durable when this returns."""
        rows = [_row(one) for one in paid]
        lost = [(bytes.fromhex(one.key), one.model, one.reason, one.dollars, one.sent) for one in losses]
        with told(self._where, _DAMAGED):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(_INSERT, rows)
                if lost:
                    self._db.executemany(
                        "INSERT INTO losses (key, model, reason, dollars, sent) VALUES (?, ?, ?, ?, ?)", lost
                    )
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def question(self, key: str) -> dict[str, Any] | None:
        """Return what was asked under that key, as plain JSON values; None if nothing was."""
        with told(self._where, _DAMAGED):
            row = self._db.execute("SELECT question FROM calls WHERE key = ?", (bytes.fromhex(key),)).fetchone()
        return None if row is None else self._unpack(row[0])

    def keys(self) -> Iterator[str]:
        """Yield the keys of all answered calls, in the order they were answered."""
        with told(self._where, _DAMAGED):
            for (key,) in self._db.execute("SELECT key FROM calls ORDER BY number"):
                yield bytes(key).hex()

    def spent(self) -> dict[str, Usage]:
        """Return model -> tokens and dollars of everything in this file, losses included."""
        with told(self._where, _DAMAGED):
            sums = self._db.execute(
                "SELECT model, sum(tokens_in), sum(tokens_out), sum(dollars) FROM (SELECT model, tokens_in, tokens_out,"
                " dollars FROM calls UNION ALL SELECT model, 0, 0, dollars FROM losses) GROUP BY model"
            ).fetchall()
        return {model: Usage(int(read), int(written), float(dollars)) for model, read, written, dollars in sums}

    def mode(self, model: str) -> str | None:
        """Return the mode of structured output that was found to work with a model; None if not known."""
        with told(self._where, _DAMAGED):
            row = self._db.execute("SELECT mode FROM modes WHERE model = ?", (model,)).fetchone()
        return None if row is None else str(row[0])

    def put_mode(self, model: str, mode: str) -> None:
        """Remember the mode of structured output that works with a model."""
        with told(self._where, _DAMAGED):
            self._db.execute("INSERT OR REPLACE INTO modes VALUES (?, ?)", (model, mode))

    def __len__(self) -> int:
        with told(self._where, _DAMAGED):
            return int(self._db.execute("SELECT count(*) FROM calls").fetchone()[0])

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._db.close()

    def _answer(self, content: bytes) -> Answer:
        text, finish, tools, usage, logprobs = self._unpack(content)
        return Answer(
            text,
            finish=finish,
            tools=tuple(ToolCall(*tool) for tool in tools),
            usage=Usage(*usage),
            logprobs=tuple((token, value, others) for token, value, others in logprobs),
            stored=True,
        )

    def _unpack(self, content: bytes) -> Any:
        try:
            return json.loads(content if content[:1] in b"[{" else zlib.decompress(content))
        except (ValueError, zlib.error) as error:
            seen = "the run's store cannot be used (a stored answer is damaged)"
            raise OutputError(seen, where=self._where, hint=_DAMAGED) from error


_INSERT = (
    "INSERT OR IGNORE INTO calls"
    " (key, model, question, answer, tokens_in, tokens_out, dollars, sent, seconds, attempts)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _row(paid: Paid) -> tuple[Any, ...]:
    call, answer, usage = paid.call, paid.answer, paid.answer.usage
    tools = [[tool.name, tool.arguments, tool.identity] for tool in answer.tools]
    said = [answer.text, answer.finish, tools, [usage.tokens_in, usage.tokens_out, usage.dollars], answer.logprobs]
    return (
        bytes.fromhex(paid.key), call.model, _pack(_question(call)), _pack(said), usage.tokens_in, usage.tokens_out,
        usage.dollars, paid.sent, paid.seconds, paid.attempts,
    )  # fmt: skip


def _question(call: Call) -> dict[str, Any]:
    """Return what was asked without what is empty."""
    asked: dict[str, Any] = {"parameters": dict(call.parameters), "sample": call.sample, "seed": call.seed}
    if call.prompt is not None:
        asked["prompt"] = call.prompt
    else:
        asked["messages"] = [{"role": turn.role, "content": turn.content} for turn in call.messages]
    if call.schema is not None:
        asked["schema"] = call.schema
    if call.tools:
        asked["tools"] = call.tools
    return asked


def _pack(value: Any) -> bytes:
    content = _ENCODE(value)
    # Half of a surrogate pair is possible in an answer and is no UTF-8: such rare text is stored escaped.
    try:
        data = content.encode()
    except UnicodeEncodeError:
        data = json.dumps(value, separators=(",", ":"), default=dict).encode()
    return data if len(data) < _PACK_FROM else zlib.compress(data, 1)
