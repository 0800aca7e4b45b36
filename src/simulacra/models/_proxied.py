"""Requests through a proxy, by aiohttp: it knows proxies of every kind; see `_wire` for the direct way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ._wire import Broken, Reply, TooLarge

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Proxied"]


class Proxied:
    """As `Wire`, over the proxy that the environment names."""

    def __init__(self, base: str, headers: Mapping[str, str], largest: int) -> None:
        self._base, self._headers, self._largest = base, dict(headers), largest
        self._session: aiohttp.ClientSession | None = None

    async def exchange(self, method: str, path: str, body: bytes | None) -> Reply:
        """Send one request and return its answer; errors as `Wire.exchange`."""
        import aiohttp

        session = self._open()
        try:
            async with session.request(
                method, self._base + path, data=body, headers=self._headers, allow_redirects=False
            ) as response:
                content = await self._content(response)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status, headers, content)
        except aiohttp.ClientConnectorCertificateError as error:
            raise ssl.SSLError(None, str(error.certificate_error)) from None
        except aiohttp.ClientSSLError as error:
            raise ssl.SSLError(None, error.strerror) from None
        except aiohttp.ClientConnectorError as error:
            raise OSError(None, error.strerror) from None
        except (aiohttp.ClientError, ConnectionError, asyncio.IncompleteReadError) as error:
            raise Broken(type(error).__name__) from None

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            import aiohttp

            # The engine keeps to the width and to the time; here nothing else waits.
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=20)
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=timeout, trust_env=True, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    async def _content(self, response: aiohttp.ClientResponse) -> bytes:
        parts, size = [], 0
        async for part in response.content.iter_any():
            parts.append(part)
            size += len(part)
            if size > self._largest:
                raise TooLarge
        return b"".join(parts)
