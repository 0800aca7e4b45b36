"""The page in a real browser: what a reader sees, nothing from outside, no complaint, legible in light and dark."""

from __future__ import annotations

import html
import json
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
    "--dump-dom",
)  # fmt: skip

# Runs inside a copy of the page: its width, and the poorest contrast of text that has words of its own.
PROBE = """
<script>
const rgb = c => c.match(/[\\d.]+/g).slice(0, 3).map(Number);
const light = c => rgb(c).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
const contrast = (a, b) => {
  const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
  return (x + .05) / (y + .05);
};
const paper = getComputedStyle(document.body).backgroundColor;
let worst = [99, ""];
for (const node of document.querySelectorAll("main *, footer *")) {
  const own = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
  if (!own || node.closest("title, desc, .mark, pre")) continue;
  const style = getComputedStyle(node);
  const found = contrast(node.closest("svg") ? style.fill : style.color, paper);
  if (found < worst[0]) worst = [found, node.textContent.trim().slice(0, 40)];
}
const probe = { width: innerWidth, page: document.documentElement.scrollWidth, worst, paper };
document.body.setAttribute("data-probe", JSON.stringify(probe));
</script>
"""


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


def requests(log: Path) -> set[str]:
    """Return what was asked of the network, but for what the browser asks of its maker about itself."""
    asked = re.findall(r'"url":"((?:https?|wss?|ftp):[^"]+)"', log.read_text("utf-8"))
    own = re.compile(r"https?://(?!fonts\.)([\w-]+\.)*(google|googleapis|gstatic)\.com[:/]")
    return {url for url in asked if not own.match(url)}


def test_the_page_stands_without_errors_or_requests(page: Path, tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    dom, messages = open_page(page, tmp_path / "profile", f"--log-net-log={log}")
    text = html.unescape(re.sub(r"<[^>]+>", " ", dom.partition("<body>")[2]))
    assert re.search(r"Verdict\s+✕\s+Fail", text)
    assert "300 synthetic rows, made from people.csv" in text
    assert dom.count("<svg") == dom.count("</svg>") > 8
    assert "CONSOLE" not in messages, messages
    assert requests(log) == set()


def test_the_page_forbids_what_comes_from_outside(page: Path, tmp_path: Path) -> None:
    page.write_text(page.read_text("utf-8").replace("</main>", '<img src="http://127.0.0.1:9/x.png"></main>'), "utf-8")
    _, messages = open_page(page, tmp_path / "profile")
    assert "Content Security Policy" in messages


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)])
def test_legible_in_light_and_dark_wide_and_narrow(page: Path, tmp_path: Path, width: int, dark: bool) -> None:
    probed = re.sub(r"<meta http-equiv[^>]+>", "", page.read_text("utf-8")).replace("</body>", f"{PROBE}</body>")
    page.write_text(probed, "utf-8")
    scheme = ["--force-dark-mode", "--enable-features=WebUIDarkMode"] if dark else []
    dom, messages = open_page(page, tmp_path / "profile", f"--window-size={width},900", *scheme)
    found = re.search(r'data-probe="([^"]+)"', dom)
    assert found, messages
    probe = json.loads(html.unescape(found[1]))
    assert probe["paper"] == ("rgb(22, 23, 26)" if dark else "rgb(252, 251, 248)")
    assert probe["page"] <= probe["width"], "the page is wider than its window"
    assert probe["worst"][0] >= 4.5, probe["worst"]
