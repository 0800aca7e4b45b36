"""HTTP/1.1 to one address, as much of it as models' endpoints use: kept connections, one request at a time on each.

A general client costs four times the CPU of this one at 128 calls at once, and a fifth of a second to import. Not
handled: proxies (see `_proxied`), redirects, requests in chunks, HTTP/2.
"""

from __future__ import annotations

import asyncio
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

__all__ = ["Broken", "Reply", "TooLarge", "Wire"]

_CONNECT = 20.0
_KEPT = 60.0  # seconds after which a connection that nobody used is not trusted any more
_HEAD = 65_536
_LENGTH_DIGITS = 16


class Broken(Exception):
    """The connection ended, or what came is no HTTP; says which in a word or two."""


class TooLarge(Exception):
    """The answer has more bytes than are taken."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. headers : by lower-case name."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Wire:
    """The connections to the address `base`; they live as long as their event loop.

    headers : of every request. largest : bytes of an answer above which it is given up.
    """

    def __init__(self, base: str, headers: Mapping[str, str], largest: int) -> None:
        parts = urlsplit(base)
        self._host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._path, self._largest = parts.path, largest
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        host = f"[{self._host}]" if ":" in self._host else self._host
        given = {"Host": f"{host}:{parts.port}" if parts.port else host, "User-Agent": "simulacra", **headers}
        lines = [f"{name}: {value}" for name, value in given.items()]
        if any(mark in line for line in lines for mark in "\r\n\0"):
            raise ValueError("a header holds a line break")
        self._head = "\r\n".join(lines)
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()

    async def exchange(self, method: str, path: str, body: bytes | None) -> Reply:
        """Send one request and return its answer.

        Errors: OSError if there is no connection (ssl.SSLError: no safe one); Broken; TooLarge.
        """
        target = quote(self._path + path, safe="/%:=,;+&@!$'()*~")
        head = f"{method} {target} HTTP/1.1\r\n{self._head}\r\nContent-Length: {len(body or b'')}\r\n\r\n"
        connection = self._kept() or await self._connect()
        try:
            reply = await connection.ask(head.encode() + (body or b""))
        except BaseException:
            connection.close()
            raise
        if connection.reusable:
            self._idle.append(connection)
        else:
            connection.close()
        return reply

    async def close(self) -> None:
        """Close all connections; safe to call twice."""
        for connection in list(self._all):
            connection.close()
        self._idle.clear()
        await asyncio.sleep(0)

    def _kept(self) -> _Connection | None:
        oldest = time.monotonic() - _KEPT
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable and connection.used > oldest:
                return connection
            connection.close()
        return None

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._largest, self._all.discard),
                    self._host,
                    self._port,
                    ssl=self._ssl,
                    happy_eyeballs_delay=0.25,
                )
        except TimeoutError:
            raise OSError(None, f"no connection within {_CONNECT:.0f} s") from None
        self._all.add(connection)
        return connection


class _Connection(asyncio.Protocol):
    def __init__(self, largest: int, gone: Callable[[_Connection], None]) -> None:
        self._largest, self._gone = largest, gone
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Reply] | None = None
        self._buffer = bytearray()
        self.reusable, self.used = True, 0.0
        self._begin()

    def _begin(self) -> None:
        self._status, self._headers = 0, dict[str, str]()
        self._body: _Body | None = None

    async def ask(self, request: bytes) -> Reply:
        """Send a request; return the answer to it."""
        if self._transport is None:
            raise Broken("it was closed")
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiter

    def close(self) -> None:
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._transport, self.reusable = None, False
        self._gone(self)
        if self._body is not None and self._body.until_close and error is None:
            self._finish()
        else:
            self._fail(Broken(type(error).__name__ if error else "it was closed"))

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:
            self.close()  # nobody asked
            return
        self._buffer += data
        try:
            if self._body is None and not self._read_head():
                return
            assert self._body is not None
            if self._body.take(self._buffer):
                self._finish()
        except (Broken, TooLarge) as error:
            self._fail(error)
            self.close()

    def _read_head(self) -> bool:
        """Read status and headers; False if they are not all there yet."""
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            first, *lines = self._buffer[:end].decode("latin1").split("\r\n")
            del self._buffer[: end + 4]
            version, _, rest = first.partition(" ")
            if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
                raise Broken("what answers speaks no HTTP")
            status = int(rest[:3])
            if status < 200:
                continue  # "100 Continue" and the like go before the answer
            pairs = (line.partition(":") for line in lines)
            self._status, self._headers = status, {name.lower(): value.strip() for name, _, value in pairs}
            said = self._headers.get("connection", "").lower()
            self.reusable = "close" not in said and (version != "HTTP/1.0" or "keep-alive" in said)
            self._body = _Body(self._status, self._headers, self._largest)
            return True
        if len(self._buffer) > _HEAD or (len(self._buffer) >= 5 and self._buffer[:5] != b"HTTP/"):
            raise Broken("what answers speaks no HTTP")
        return False

    def _finish(self) -> None:
        assert self._body is not None
        if self._buffer or self._body.until_close:
            self.reusable = False
        waiter, self._waiter = self._waiter, None
        try:
            reply = Reply(self._status, self._headers, self._body.content(self._headers))
        except (Broken, TooLarge) as error:
            if waiter is not None and not waiter.done():
                waiter.set_exception(error)
            return
        self.used = time.monotonic()
        self._begin()
        if waiter is not None and not waiter.done():
            waiter.set_result(reply)

    def _fail(self, error: Exception) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)


class _Body:
    """What follows the headers: so many bytes, chunks, or all until the connection ends."""

    def __init__(self, status: int, headers: Mapping[str, str], largest: int) -> None:
        self._parts, self._size, self._largest = list[bytes](), 0, largest
        self._chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        self._left: int | None = None  # bytes still to come, of the body or of the chunk
        length = headers.get("content-length", "")
        if status in (204, 304):
            self._left = 0
        elif not self._chunked and length:
            if not length.isdigit() or len(length) > _LENGTH_DIGITS:
                raise Broken("its length is no number")
            self._left = int(length)
        self.until_close = not self._chunked and self._left is None
        self._after_chunk = self._trailing = False
        if self._left is not None and self._left > largest:
            raise TooLarge

    def take(self, buffer: bytearray) -> bool:
        """Move what there is out of the buffer; True if the body is complete."""
        if self._chunked:
            return self._take_chunks(buffer)
        self._move(buffer, len(buffer) if self._left is None else self._left)
        return self._left == 0

    def content(self, headers: Mapping[str, str]) -> bytes:
        """Return the whole body, unpacked if the server packed it unasked."""
        content = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        packed = headers.get("content-encoding", "identity").lower()
        if packed in ("identity", "") or not content:
            return content
        if packed not in ("gzip", "x-gzip", "deflate"):
            raise Broken(f"it is packed as {packed[:20]}")
        unpack = zlib.decompressobj(47)
        try:
            content = unpack.decompress(content, self._largest + 1)
        except zlib.error:
            raise Broken("it cannot be unpacked") from None
        if len(content) > self._largest:
            raise TooLarge
        if not unpack.eof:
            raise Broken("it cannot be unpacked")
        return content

    def _move(self, buffer: bytearray, count: int) -> None:
        part = bytes(buffer[:count])
        del buffer[:count]
        self._parts.append(part)
        self._size += len(part)
        if self._left is not None:
            self._left -= len(part)
        if self._size > self._largest:
            raise TooLarge

    def _take_chunks(self, buffer: bytearray) -> bool:
        while True:
            if self._left:
                self._move(buffer, self._left)
                if self._left:
                    return False
                self._after_chunk = True
            end = buffer.find(b"\r\n")
            if end < 0:
                if len(buffer) > _HEAD:
                    raise Broken("its chunks are malformed")
                return False
            line = bytes(buffer[:end])
            del buffer[: end + 2]
            if self._trailing:
                if not line:
                    return True
            elif self._after_chunk:
                if line:
                    raise Broken("its chunks are malformed")
                self._after_chunk = False
            else:
                self._left = _chunk_size(line)
                self._trailing = self._left == 0


def _chunk_size(line: bytes) -> int:
    digits = line.split(b";", 1)[0].strip()
    if not digits or len(digits) > _LENGTH_DIGITS or not set(digits) <= set(b"0123456789abcdefABCDEF"):
        raise Broken("its chunks are malformed")
    return int(digits, 16)
