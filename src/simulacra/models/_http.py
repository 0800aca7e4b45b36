"""One request to a model's endpoint: POST JSON, get JSON, and every failure told in plain words.

No key, header or full address ever leaves this module: what servers say is scrubbed before it becomes part of an error.
"""

from __future__ import annotations

import email.utils
import json
import re
import ssl
import time
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..errors import RecipeError
from ._proxied import Proxied
from ._wire import Broken, TooLarge, Wire
from .errors import (
    Busy,
    Declined,
    Faulty,
    KeyRefused,
    ModelError,
    ModelUnknown,
    ModeRefused,
    QuotaSpent,
    RequestRefused,
    Unconnected,
    Unreachable,
)
from .limits import Limits

__all__ = ["Endpoint", "check_address"]

LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
LARGEST = 16_000_000
"""Bytes of an answer above which it is given up."""
_SECRETS = re.compile(r"(?i)\b(?:sk|pk|rk|key|gsk|xai)[-_][A-Za-z0-9_\-*]{6,}|bearer\s+\S+")
_TOO_LONG = re.compile(
    r"(?i)context.{0,20}(length|window|size)|maximum.{0,20}(tokens|context)|too long|too many tokens"
)
_POLICY = re.compile(r"(?i)content.{0,3}(filter|policy|management)|safety|flagged|usage policies")
_QUOTA = re.compile(r"(?i)insufficient_quota|credit balance|billing|exceeded your current quota|out of credits")
_MODE = re.compile(
    r"(?i)response_format|json_schema|json_object|guided|grammar|tool|function|strict|schema|output_config"
)


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=dict).encode


def check_address(text: str) -> str:
    """Return the base address of an endpoint without a slash at its end.

    Errors: RecipeError if it is no http(s) address, or holds a password.
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise RecipeError("the model's address is none", where="model", hint="e.g. http://127.0.0.1:8000/v1#name")
    if parts.username or parts.password or parts.query:
        hint = "put the key into the environment variable SIMULACRA_API_KEY and leave it out of the address"
        raise RecipeError("the model's address holds a user, a password or a query", where="model", hint=hint)
    base = text.split("#")[0].rstrip("/")
    for ending in ("/chat/completions", "/completions", "/messages"):
        base = base.removesuffix(ending)
    return base


class Endpoint:
    """An address that takes JSON.

    where : the model's identity, for errors. headers : of every request. secrets : texts that no error may hold.
    announced : the limits the server named last; None if it named none.
    """

    def __init__(self, base: str, where: str, *, headers: Mapping[str, str], secrets: tuple[str, ...] = ()) -> None:
        self._base, self._where = base, where
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", **headers}
        self._secrets = tuple(secret for secret in secrets if secret)
        self._wire: Wire | Proxied | None = None
        self.announced: Limits | None = None

    async def post(self, path: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Send the payload and return the answer's JSON object.

        Errors: those of `models.errors`, by what the server said or did.
        """
        body = _ENCODE(payload)
        return await self._exchange("POST", path, body.encode("utf-8", "replace"))

    async def get(self, path: str) -> dict[str, Any]:
        """Return the JSON object at a path."""
        return await self._exchange("GET", path, None)

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()

    async def _exchange(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        try:
            reply = await self._open().exchange(method, path, body)
        except ssl.SSLError as error:
            hint = "look at the certificate, or use http:// if the server speaks it"
            raise Unreachable(f"no safe connection ({_kind(error)})", where=self._where, hint=hint) from None
        except OSError as error:
            seen = f"no connection to {self._place()} ({_kind(error)})"
            raise Unconnected(seen, where=self._where, hint="is the server running, the address right") from None
        except TooLarge:
            seen = f"the answer is larger than {LARGEST // 1_000_000} MB"
            raise Faulty(seen, where=self._where, hint="give a lower max_tokens", charged=True) from None
        except Broken as error:
            seen = f"the connection broke before the answer was whole ({error})"
            raise Faulty(seen, where=self._where, charged=True) from None
        self.announced = _announced(reply.headers) or self.announced
        if reply.status != 200:
            raise self._refusal(reply.status, reply.headers, reply.content, body)
        return self._object(reply.content, reply.headers)

    def _open(self) -> Wire | Proxied:
        if self._wire is None:
            try:
                self._wire = (Proxied if self._by_proxy() else Wire)(self._base, self._headers, LARGEST)
            except UnicodeError:
                raise ModelUnknown("the model's address is none", where=self._where, hint="see --model") from None
            except ValueError:
                seen, hint = "the key holds a line break", "look at the environment variable, or at .env"
                raise KeyRefused(seen, where=self._where, hint=hint) from None
        return self._wire

    def _object(self, content: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        try:
            value = json.loads(content)
        except UnicodeDecodeError:
            raise Faulty("the answer is not UTF-8", where=self._where, charged=True) from None
        except (ValueError, RecursionError):
            kind = headers.get("content-type", "").split(";")[0]
            if "json" in kind or not kind:
                raise Faulty("the answer is no JSON, or half of it", where=self._where, charged=True) from None
            hint = f"does an endpoint for models answer at {self._place()}"
            raise Faulty(f"the answer is {kind[:40]}, not JSON", where=self._where, hint=hint) from None
        if not isinstance(value, dict):
            raise Faulty("the answer is JSON, but no answer of a model", where=self._where, charged=True)
        if value.get("error") and "choices" not in value and "content" not in value:
            # Gateways report a failure behind them under status 200.
            error = value["error"]
            code = error.get("code") if isinstance(error, dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 502
            raise self._refusal(status, headers, content, None)
        return value

    def _refusal(self, status: int, headers: Mapping[str, str], content: bytes, body: bytes | None) -> ModelError:
        said = self.scrub(_message(content))
        told = f" ({said})" if said else ""
        where, hint = self._where, ""
        if status == 401 or (status == 403 and not _POLICY.search(said)):
            hint = "set the vendor's environment variable, or put it into .env"
            return KeyRefused(f"the key is not accepted{told or f' ({status})'}", where=where, hint=hint)
        if status == 402 or (status in (400, 403, 429) and _QUOTA.search(said)):
            hint = "top up the account behind the key, or name another model"
            return QuotaSpent(f"the account has no money or quota left{told or f' ({status})'}", where=where, hint=hint)
        if status == 429:
            return Busy(f"too many requests (429){told}", where=where, after=_after(headers))
        if status == 404 or 300 <= status < 400 or status in (405, 410):
            hint = f"look at the model's name and at the address {self._place()}"
            return ModelUnknown(f"there is no such model or address ({status}){told}", where=where, hint=hint)
        if status == 413 or (status in (400, 422) and _TOO_LONG.search(said)):
            return Declined(f"the text is too long for the model ({status})", where=where, hint=said)
        if status in (400, 403, 422) and _POLICY.search(said):
            return Declined("the endpoint refused the content", where=where, hint=said)
        if status in (400, 422) and body is not None and _asks_for_a_mode(body) and _MODE.search(said):
            return ModeRefused(f"the endpoint does not take the schema{told}", where=where)
        if status >= 500 or status in (408, 409, 425):
            return Faulty(f"the server failed ({status}){told}", where=where, after=_after(headers))
        return RequestRefused(f"the endpoint does not take the request ({status}){told}", where=where)

    def scrub(self, text: str) -> str:
        """Return the text without anything that is or looks like a key, on one line, at most 200 characters."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = " ".join(_SECRETS.sub("***", text).split()).rstrip(".")
        return text if len(text) <= 200 else f"{text[:197]}..."

    def _by_proxy(self) -> bool:
        parts = urlsplit(self._base)
        host = parts.hostname or ""
        return (
            host not in LOOPBACK
            and parts.scheme in urllib.request.getproxies()
            and not urllib.request.proxy_bypass(host)
        )

    def _place(self) -> str:
        parts = urlsplit(self._base)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _asks_for_a_mode(body: bytes) -> bool:
    return b'"response_format"' in body or b'"tool_choice"' in body


def _kind(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return (error.strerror or type(error).__name__).split("] ")[-1].split(" (_ssl")[0]


def _message(content: bytes) -> str:
    """Return what the server says in an error, however it puts it."""
    text = content[:4000].decode("utf-8", "replace")
    try:
        value = json.loads(content)
    except ValueError:
        return "" if text.lstrip().startswith("<") else text
    if isinstance(value, dict):
        error = value.get("error", value)
        if isinstance(error, dict):
            words = [error.get("message") or error.get("detail"), error.get("code") or error.get("type")]
            return " ".join(str(word) for word in words if isinstance(word, str | int))
        return str(error)
    return ""


def _after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks to wait."""
    if (milliseconds := headers.get("retry-after-ms", "")).isdigit():
        return int(milliseconds) / 1000
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return min(3600.0, max(0.0, float(text)))
    except ValueError:
        pass
    try:
        return min(3600.0, max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time()))
    except (ValueError, TypeError):
        return None


def _announced(headers: Mapping[str, str]) -> Limits | None:
    found = []
    for what in ("requests", "tokens"):
        text = headers.get(f"x-ratelimit-limit-{what}") or headers.get(f"anthropic-ratelimit-{what}-limit") or ""
        found.append(float(text) if text.isdigit() and int(text) > 0 else None)
    return Limits(*found) if any(found) else None
