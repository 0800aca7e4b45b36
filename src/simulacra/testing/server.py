"""A fake model server for tests and benchmarks: OpenAI's and Anthropic's interface on loopback, in any weather.

    python -m simulacra.testing.server --port 8800

The weather is part of the address, so one process serves all of it:

    http://127.0.0.1:8800/v1                                        answers at once
    http://127.0.0.1:8800/latency=fixed:.2,busy=.1,faults=.05/v1    200 ms, 10 % 429, 5 % 500
    http://127.0.0.1:8800/rpm=3000,announce=1/v1                    3,000 requests a minute, said in headers
    http://127.0.0.1:8800/always=hang/v1                            one of `ALWAYS`, or a status: always=402

Faults are a function of the request's content and of how often it came, so every client meets the same ones. A GET of
`/<weather>/ledger` tells what was asked and answered.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import math
import random
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field, fields
from typing import Any, Self

from ..models.filling import fill

__all__ = ["ALWAYS", "FakeServer", "Weather"]

ALWAYS = (
    "hang", "half", "drop", "html", "huge", "latin1", "empty", "length", "refusal", "nojson", "list", "context",
    "quota", "noschema", "wrongdata", "echo_key",
)  # fmt: skip
"""Weathers that hit every request: no answer, half of one, a closed connection, a web page, 50 MB, text that is no
UTF-8, no choices, cut off, refused, no JSON, JSON of another form, "context too long", "quota exhausted", schemas not
taken, data that never fits the schema, an error that repeats the key."""
_EARLY = 2.0  # seconds in which a client may still be finding out
_REASONS = {200: "OK", 429: "Too Many Requests", 404: "Not Found"}


@dataclass(slots=True)
class Weather:
    """How the server behaves under one address, and what it has seen there.

    latency : "fixed:SECONDS" or "lognormal:MEDIAN:SIGMA". busy, faults, malformed : shares of 429, 500 and of answers
    whose text is cut. rpm : requests a minute, with a burst of `burst` seconds. after : `Retry-After` of each 429, in
    seconds; 0 says nothing. announce : tell the limit in headers. always : see `ALWAYS`. tokens : of a plain answer.
    """

    latency: str = "fixed:0"
    busy: float = 0.0
    faults: float = 0.0
    malformed: float = 0.0
    rpm: float = 0.0
    burst: float = 1.0
    after: float = 0.0
    announce: int = 0
    always: str = ""
    tokens: int = 32
    seen: dict[bytes, int] = field(default_factory=dict)
    paid: dict[bytes, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    full: float = math.inf
    at: float = 0.0
    begun: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Weather:
        """Return the weather that an address names, e.g. "latency=fixed:.2,busy=.1"."""
        weather = cls()
        kinds = {one.name: type(getattr(weather, one.name)) for one in fields(cls)[:10]}
        for part in filter(None, text.split(",")):
            name, _, value = part.partition("=")
            if name not in kinds:
                raise ValueError(f"a weather has no {name!r}; it may have {', '.join(kinds)}")
            setattr(weather, name, kinds[name](value))
        return weather

    def count(self, what: str) -> None:
        """Count one of something."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def lets_through(self, now: float) -> bool:
        """Whether the rate limit lets a request through now."""
        if not self.rpm:
            return True
        rate = self.rpm / 60
        self.full = min(max(1.0, rate * self.burst), self.full + (now - self.at) * rate)
        self.at = now
        if self.full < 1:
            return False
        self.full -= 1
        return True

    def draw(self, content: bytes) -> tuple[bytes, random.Random]:
        """Return the request's digest and the chances of this attempt at it."""
        key = hashlib.blake2b(content, digest_size=8).digest()
        attempt = self.seen[key] = self.seen.get(key, 0) + 1
        return key, random.Random(int.from_bytes(key, "little") + attempt)

    def delay(self, rng: random.Random) -> float:
        """Return the seconds until the answer."""
        kind, *values = self.latency.split(":")
        if kind == "fixed":
            return float(values[0])
        return float(values[0]) * math.exp(rng.gauss(0.0, float(values[1])))


class FakeServer:
    """The server in a process of its own; a context manager.

    >>> with FakeServer() as server:
    ...     server.url("always=402").startswith("http://127.0.0.1:")
    True
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "simulacra.testing.server", "--port", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the fake server did not start")
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def url(self, weather: str = "") -> str:
        """Return the base address under which the server behaves that way."""
        return f"http://127.0.0.1:{self.port}/{weather}{'/' if weather else ''}v1"

    def ledger(self, weather: str = "") -> dict[str, Any]:
        """Return what happened under that address: counts, and "paid": digest of a request -> times it was answered."""
        address = f"http://127.0.0.1:{self.port}/{weather or '-'}/ledger"
        with urllib.request.urlopen(address) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


class _Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as much of it as clients of models use."""

    def __init__(self, sky: dict[str, Weather]) -> None:
        self._sky, self._buffer = sky, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            size = 0
            if (place := head.find(b"content-length:")) >= 0:
                size = int(head[place + 15 :].split(b"\r\n", 1)[0])
            if len(self._buffer) < end + 4 + size:
                return
            body, line = self._buffer[end + 4 : end + 4 + size], self._buffer[:end].split(b"\r\n", 1)[0]
            key = next((row for row in self._buffer[:end].split(b"\r\n") if row.lower().startswith(b"auth")), b"")
            self._buffer = self._buffer[end + 4 + size :]
            self._take(line.split(b" ")[1].decode(), body, key.decode("latin1"))

    def _take(self, path: str, body: bytes, key: str) -> None:
        _, first, *rest = path.split("/")
        name = "" if first in ("v1", "-") else first
        if name not in self._sky:
            try:
                self._sky[name] = Weather.parse(name)
            except ValueError as error:
                self._send(_http(404, _error(str(error))))
                return
        weather = self._sky[name]
        if rest == ["ledger"]:
            paid = {digest.hex(): count for digest, count in weather.paid.items()}
            self._send(_http(200, json.dumps({**weather.counts, "paid": paid}).encode()))
        elif path.endswith("/models"):
            self._send(_http(200, json.dumps({"data": [{"id": "fake-model", "object": "model"}]}).encode()))
        else:
            self._answer(weather, path, body, key)

    def _answer(self, weather: Weather, path: str, body: bytes, key: str) -> None:
        loop = asyncio.get_running_loop()
        weather.begun = weather.begun or loop.time()
        late = "_late" if loop.time() > weather.begun + _EARLY else ""
        weather.count("requests")
        if late:
            weather.count("requests_late")
        digest, rng = weather.draw(body)
        chance = rng.random()
        if not weather.lets_through(loop.time()) or chance < weather.busy:
            weather.count("busy")
            if late:
                weather.count("busy_late")
            wait = f"Retry-After: {weather.after:g}\r\n" if weather.after else ""
            loop.call_later(0.003, self._send, _http(429, _error("Rate limit reached", "rate_limit"), wait))
            return
        delay = weather.delay(rng)
        if chance < weather.busy + weather.faults:
            weather.count("faults")
            loop.call_later(delay / 2, self._send, _http(500, _error("The server had an error")))
        elif weather.always:
            loop.call_later(delay, self._misbehave, weather, path, body, key)
        else:
            cut = chance < weather.busy + weather.faults + weather.malformed
            loop.call_later(delay, self._reply, weather, path, (body, digest, rng, cut))

    def _reply(self, weather: Weather, path: str, asked: tuple[bytes, bytes, random.Random, bool]) -> None:
        body, digest, rng, cut = asked
        if self._transport is None:
            weather.count("gone")
            return
        weather.count("answered")
        weather.count("malformed" if cut else "good")
        weather.paid[digest] = weather.paid.get(digest, 0) + 1
        headers = f"x-ratelimit-limit-requests: {weather.rpm:.0f}\r\n" if weather.announce else ""
        self._send(_http(200, _said(path, json.loads(body), rng, weather, cut=cut), headers))

    def _misbehave(self, weather: Weather, path: str, body: bytes, key: str) -> None:
        how = weather.always
        weather.count(how)
        whole = _said(path, json.loads(body), random.Random(0), weather, finish="length" if how == "length" else "stop")
        plain = {
            "html": _http(200, b"<html>Welcome</html>", kind="text/html"),
            "latin1": _http(200, '{"choices": "caf\u00e9"}'.encode("latin1")),
            "empty": _http(200, b'{"choices": [], "content": null, "usage": {"prompt_tokens": 1}}'),
            "nojson": _http(200, b'{"choices": [{"mess'),
            "list": _http(200, b"[1, 2]"),
            "length": _http(200, whole),
            "context": _http(
                400, _error("This model's maximum context length is 8192 tokens", "context_length_exceeded")
            ),
            "quota": _http(429, _error("You exceeded your current quota", "insufficient_quota")),
            "echo_key": _http(401, _error(f"Incorrect key provided: {key}")),
        }
        if how in plain:
            self._send(plain[how])
        elif how.isdigit():
            self._send(_http(int(how), _error(f"status {how} as asked for")))
        elif how == "half":
            self._send(_http(200, whole)[:-10])
            self._drop()
        elif how == "drop":
            self._drop()
        elif how == "huge":
            self._send(_http(200, b'{"choices": "' + b"x" * 50_000_000 + b'"}'))
        elif how in ("noschema", "wrongdata", "refusal"):
            self._send(_contrary(how, path, json.loads(body)))

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _drop(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _http(status: int, body: bytes, headers: str = "", kind: str = "application/json") -> bytes:
    reason = _REASONS.get(status, "Status")
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def _error(message: str, code: str = "error") -> bytes:
    return json.dumps({"error": {"message": message, "type": code, "code": code}}).encode()


def _contrary(how: str, path: str, asked: dict[str, Any]) -> bytes:
    """Answers to a call with a schema that no schema helps with."""
    if how == "noschema" and ("response_format" in asked or "tools" in asked):
        return _http(400, _error("Unknown parameter: response_format / tools are not supported"))
    text = {"noschema": '{"q": "in words", "n": 1}', "refusal": "I cannot help with that."}.get(how, '{"unfit": true}')
    message = {"role": "assistant", "content": text, "refusal": text if how == "refusal" else None}
    usage = {"prompt_tokens": 10, "completion_tokens": 10, "input_tokens": 10, "output_tokens": 10}
    if path.endswith("/messages"):
        stop = "refusal" if how == "refusal" else "end_turn"
        value: dict[str, Any] = {"content": [{"type": "text", "text": text}], "stop_reason": stop, "usage": usage}
    else:
        value = {"choices": [{"message": message, "text": text, "finish_reason": "stop"}], "usage": usage}
    return _http(200, json.dumps(value).encode())


def _said(
    path: str, asked: dict[str, Any], rng: random.Random, weather: Weather, *, cut: bool = False, finish: str = "stop"
) -> bytes:
    """Return an answer in the form of the interface that was asked."""
    schema = asked.get("response_format", {}).get("json_schema", {}).get("schema")
    tool = _chosen_tool(asked)
    if tool is not None:
        schema = tool[1]
    text = json.dumps(fill(schema, rng)) if schema is not None else _words(asked, rng, weather.tokens)
    text = text[: max(1, len(text) * 2 // 3)] if cut else text
    read, written = len(json.dumps(asked)) // 4, len(text) // 4 + 1
    if path.endswith("/messages"):
        data: Any = text
        with contextlib.suppress(ValueError):
            data = json.loads(text)
        part: dict[str, Any] = {"type": "text", "text": text}
        if tool is not None:
            part = {"type": "tool_use", "id": "t1", "name": tool[0], "input": data if isinstance(data, dict) else {}}
        stop = "max_tokens" if finish == "length" else "tool_use" if tool else "end_turn"
        usage = {"input_tokens": read, "output_tokens": written}
        return json.dumps({"content": [part], "stop_reason": stop, "usage": usage}).encode()
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if tool is not None:
        call = {"id": "t1", "type": "function", "function": {"name": tool[0], "arguments": text}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "text": text, "finish_reason": finish}
    usage = {"prompt_tokens": read, "completion_tokens": written}
    return json.dumps({"choices": [choice], "model": asked.get("model"), "usage": usage}).encode()


def _chosen_tool(asked: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    if not asked.get("tools") or asked.get("tool_choice", "auto") in ("auto", "none", {"type": "auto"}):
        return None
    one = asked["tools"][0]
    one = one.get("function", one)
    return one["name"], one.get("parameters", one.get("input_schema", {}))


def _words(asked: dict[str, Any], rng: random.Random, tokens: int) -> str:
    if asked.get("response_format"):
        return json.dumps({"text": fill({"type": "string"}, rng)})
    size = min(tokens, asked.get("max_tokens") or asked.get("max_completion_tokens") or tokens)
    return " ".join(fill({"type": "string"}, rng) for _ in range(-(-size // 4)))


async def _serve(port: int) -> None:
    sky: dict[str, Weather] = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(sky), "127.0.0.1", port, backlog=4096)
    sys.stdout.write(f"fake models on http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulacra.testing.server", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=8800, help="0: any free one, it is printed")
    port = parser.parse_args().port
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(port))


if __name__ == "__main__":
    _main()
