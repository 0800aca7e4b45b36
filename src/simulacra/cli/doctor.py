"""`simulacra doctor`: is everything here that the work needs, and how to get what is not."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from .parts import parts
from .terminal import Terminal, align, paint
from .verb import verb

_NEEDED = ("core", "tables")  # without these the first command of the README does not run
_THREADS = ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at. state : ok, absent (an optional part is not there) or missing (nothing works without)."""

    what: str
    state: str
    seen: str


@verb("doctor")
def command(terminal: Terminal) -> int:
    """Say which parts are here and how to get the others.

    Exit code 3 if one is missing that the first command of the README needs."""
    lines = [*_machine(), *_parts(), _kernel_cache(), *_models()]
    missing = [line for line in lines if line.state == "missing"]
    if terminal.as_json:
        terminal.document({"ok": not missing, "lines": [asdict(line) for line in lines]})
    else:
        colours = {"ok": "green", "absent": "yellow", "missing": "red"}
        terminal.result(
            align([[paint(line.state, colours[line.state]), line.what, line.seen] for line in lines], limit=40)
        )
    return 3 if missing else 0


def _machine() -> list[Line]:
    here, scratch = (shutil.disk_usage(folder).free / 1e9 for folder in (Path.cwd(), Path(tempfile.gettempdir())))
    threads = ", ".join(f"{name}={os.environ[name]}" for name in _THREADS if name in os.environ)
    return [
        Line("simulacra", "ok", version("simulacra")),
        Line(
            "python",
            "ok" if sys.version_info >= (3, 11) else "missing",
            f"{platform.python_version()} {sys.executable}",
        ),
        Line("processors", "ok", f"{_processors()} usable" + (f" ({threads})" if threads else "")),
        Line("memory", "ok", _memory()),
        Line(
            "disk",
            "ok" if min(here, scratch) > 0.5 else "missing",
            f"{here:.1f} GB free here, {scratch:.1f} in scratch",
        ),
    ]


def _processors() -> int:
    # What this process may use, where the system tells (Linux); what the machine has, elsewhere.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> str:
    try:
        pairs = [line.split(":") for line in Path("/proc/meminfo").read_text().splitlines()]
        sizes = {name: int(rest.split()[0]) / 1e6 for name, rest in pairs}
        return f"{sizes['MemAvailable']:.1f} of {sizes['MemTotal']:.1f} GB available"
    except (OSError, KeyError, ValueError):
        return "not told by this system"


def _parts() -> list[Line]:
    """Return a line for each package, with the line that installs it if it is not here."""
    lines = []
    for part in parts():
        absent = "missing" if part.group in _NEEDED else "absent"
        lines.append(Line(f"{part.group}: {part.name}", "ok" if part.version else absent, part.version or part.install))
    return lines


def _models() -> list[Line]:
    """Return a line for each kind of model: whether there is a key, never which; whether weights are installed."""
    from ..models.presence import presences

    return [Line(f"model: {one.name}", "ok" if one.ready else "absent", one.told) for one in presences()]


def _kernel_cache() -> Line:
    """Return whether compiled kernels can be kept; without it each run compiles them again."""
    own = os.environ.get("NUMBA_CACHE_DIR")
    places = [Path(own)] if own else [Path(__file__).parents[1], Path.home() / ".cache"]
    for place in places:
        nearest = next((folder for folder in (place, *place.parents) if folder.exists()), Path("/"))
        if nearest.is_dir() and os.access(nearest, os.W_OK):
            return Line("kernel cache", "ok", str(place))
    hint = "set NUMBA_CACHE_DIR to a folder that can be written, or each run compiles for seconds"
    return Line("kernel cache", "absent", hint)
