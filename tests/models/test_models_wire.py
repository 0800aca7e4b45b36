"""The HTTP client: any cut of the bytes gives the same answer, what is no HTTP is said to be none, TLS is checked."""

import asyncio
import contextlib
import gzip
import ssl
import subprocess
import zlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.contracts.models import Call, Message
from simulacra.models._wire import Broken, Reply, TooLarge, Wire
from simulacra.models.engine import Engine, Retry
from simulacra.models.errors import KeyRefused, Unreachable
from simulacra.testing.server import FakeServer

WHOLE = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"
    b"2\r\nhe\r\n3;ext=1\r\nllo\r\n0\r\nTrailer: x\r\n\r\n",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-a:b\r\ncontent-length: 5\r\n\r\nhello",
    "gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nX-A: b\r\nContent-Length: %d\r\n\r\n"
    % len(gzip.compress(b"hello", mtime=0))
    + gzip.compress(b"hello", mtime=0),
    "until it closes": b"HTTP/1.0 200 OK\r\nX-A: b\r\n\r\nhello",
}

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


async def exchange(serve: Serve, *, times: int = 1, largest: int = 1000) -> list[Reply]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    wire = Wire(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", {}, largest)
    try:
        return [await asyncio.wait_for(wire.exchange("POST", "/x", b"{}"), 10) for _ in range(times)]
    finally:
        await wire.close()
        await settle(server)


def says(*parts: bytes, close: bool = True) -> Serve:
    """A server that answers each request with these bytes, one write each."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.readline():
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                for part in parts:
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
                # Whoever closes with unread bytes resets the connection, and the answer may be lost with it.
                await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
                if close:
                    break
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    return serve


async def settle(server: asyncio.Server) -> None:
    """Wait until every connection of the server has ended."""
    server.close()
    await server.wait_closed()
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others, timeout=5)


@pytest.mark.parametrize("form", WHOLE)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_any_cut_of_the_bytes_gives_the_same_answer(form: str, data: st.DataObject) -> None:
    content = WHOLE[form]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=6)))
    parts = [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    (reply,) = asyncio.run(exchange(says(*parts)))
    assert (reply.status, reply.headers["x-a"], reply.content) == (200, "b", b"hello")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"SSH-2.0-OpenSSH\r\n", "speaks no HTTP"),
        (b"HTTP/1.1 fine\r\n\r\n", "speaks no HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "speaks no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", "length is no number"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "chunks are malformed"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n", "chunks are malformed"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 70_000, "chunks are malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "it was closed"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "it was closed"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", "packed as br"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "cannot be unpacked"),
    ],
)
def test_what_is_no_whole_answer_is_none(content: bytes, words: str) -> None:
    with pytest.raises(Broken, match=words):
        asyncio.run(exchange(says(content)))


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: %d\r\n\r\n" % len(zlib.compress(bytes(2000)))
        + zlib.compress(bytes(2000)),
    ],
)
def test_an_answer_that_is_too_large_is_given_up(content: bytes) -> None:
    with pytest.raises(TooLarge):
        asyncio.run(exchange(says(content)))


@pytest.mark.parametrize(
    ("content", "closes", "connections"),
    [
        (WHOLE["length"], False, 1),
        (WHOLE["chunks"], False, 1),
        (WHOLE["length"].replace(b"X-A: b", b"Connection: close"), False, 3),
        (WHOLE["length"].replace(b"HTTP/1.1", b"HTTP/1.0"), False, 3),
        (WHOLE["length"] + b"more than was said", False, 3),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False, 1),
        (WHOLE["length"], True, 3),
    ],
)
def test_a_connection_is_kept_only_if_it_is_sound(content: bytes, closes: bool, connections: int) -> None:
    seen = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(1)
        await says(content, close=closes)(reader, writer)

    async def main() -> list[Reply]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        wire = Wire(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", {}, 1000)
        replies = []
        for _ in range(3):
            replies.append(await wire.exchange("POST", "/x", b"{}"))
            await asyncio.sleep(0.02)  # an end of the connection arrives before the next request
        await wire.close()
        await settle(server)
        return replies

    assert {reply.content for reply in asyncio.run(main())} <= {b"hello", b""}
    assert len(seen) == connections


def test_another_server_understands_and_is_understood() -> None:
    """aiohttp's server as the reference: what was asked arrives, chunked and packed answers come back whole."""
    text = "größer " * 2000

    async def answer(request: web.Request) -> web.StreamResponse:
        asked = await request.text()
        plain = web.Response(text=f"{request.method} {request.path_qs} {request.headers['X-Key']} {asked}")
        if request.path.endswith("plain"):
            return plain
        response = web.StreamResponse()
        response.enable_compression(web.ContentCoding.gzip)
        await response.prepare(request)
        for start in range(0, len(text), 999):
            await response.write(text[start : start + 999].encode())
        return response

    async def main() -> tuple[Reply, Reply, Reply]:
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        wire = Wire(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", {"X-Key": "k"}, 1_000_000)
        found = (
            await wire.exchange("POST", "/plain", "größer".encode()),
            await wire.exchange("GET", "/plain", None),
            await wire.exchange("POST", "/packed", b"{}"),
        )
        await wire.close()
        await runner.cleanup()
        return found

    posted, got, packed = asyncio.run(main())
    assert (posted.content.decode(), got.content) == ("POST /v1/plain k größer", b"GET /v1/plain k ")
    assert packed.content.decode() == text


def ask(model: str) -> str:
    async def main() -> str:
        async with Engine(retry=Retry(attempts=2, first=0.01)) as engine:
            return (await engine.ask(Call(model, messages=(Message("user", "hello"),)))).text

    return asyncio.run(main())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody vouches for, with its key in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    paths = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*command.split(), *paths], cwd=folder, check=True, capture_output=True)
    whole = folder / "both.pem"
    whole.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return whole


async def asked_over_tls(certificate: Path) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(says(WHOLE["length"]), "127.0.0.1", 0, ssl=context)
    address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        async with Engine(retry=Retry(attempts=2, first=0.01)) as engine:
            with pytest.raises(Unreachable) as caught:
                await engine.ask(Call(f"{address}#m", messages=(Message("user", "hello"),)))
        return str(caught.value).encode()
    finally:
        await settle(server)


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    said = asyncio.run(asked_over_tls(certificate)).decode()
    assert "no safe connection (self" in said
    assert "Look at the certificate" in said


def test_a_certificate_that_is_trusted_is_taken(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    # The connection stands: what is wrong now is the answer, which is no JSON.
    assert "no JSON" in asyncio.run(asked_over_tls(certificate)).decode()


def test_a_proxy_is_used_where_one_is_named(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert ask("http://models.example/v1#m"), "only the proxy knows that host"
    assert ask(f"{server.url()}#m")


def test_a_key_with_a_line_break_is_refused(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULACRA_API_KEY", "abc\r\nX-Other: 1")
    with pytest.raises(KeyRefused, match="line break"):
        ask(f"{server.url()}#m")
