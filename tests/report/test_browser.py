"""The page in a real browser: what a reader sees, nothing from outside, no complaint in the console."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from simulacra.report.page import render_page
from simulacra.run.record import RunRecord

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--virtual-time-budget=2000", "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


def open_page(page: Path, profile: Path, *flags: str) -> tuple[str, str]:
    """Return the DOM after loading, and what the browser logged."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("no chromium found: this test looks at the report in a browser; install it (apt install chromium)")
    command = [program, *FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.fixture
def page(record: RunRecord, tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(render_page(record), encoding="utf-8")
    return path


def test_the_page_stands_without_errors_or_requests(page: Path, tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    dom, messages = open_page(page, tmp_path / "profile", "--dump-dom", f"--log-net-log={log}")
    text = html.unescape(re.sub(r"<[^>]+>", " ", dom.partition("<body>")[2]))
    assert re.search(r"Verdict\s+✕\s+Fail", text)
    assert "300 synthetic rows, made from people.csv" in text
    assert dom.count("<svg") == dom.count("</svg>") > 8
    assert "CONSOLE" not in messages, messages
    asked = set(re.findall(r'"url":"((?!file:|data:|chrome)[^"]+)"', log.read_text("utf-8")))
    assert not {url for url in asked if not re.search(r"google|gstatic", url)}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_draws_in_light_and_dark_and_on_a_phone(page: Path, tmp_path: Path, width: int, scheme: str) -> None:
    shot = tmp_path / "shot.png"
    dark = ["--force-dark-mode", "--enable-features=WebUIDarkMode"] if scheme == "dark" else []
    flags = [f"--screenshot={shot}", f"--window-size={width},900", *dark]
    open_page(page, tmp_path / "profile", *flags)
    assert shot.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
