"""What it costs to start: `import simulacra` and `simulacra --help`, in CPU seconds over a bare interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

from _cost import cheapest


def main() -> None:
    python = sys.executable
    bare = cheapest([python, "-c", "pass"], 7).cpu
    rows = {
        "import simulacra": cheapest([python, "-c", "import simulacra"], 7).cpu,
        "simulacra --help": cheapest([str(Path(python).parent / "simulacra"), "--help"], 7).cpu,
    }
    print(f"{'bare interpreter':<22}{bare:6.3f} CPU s")
    for name, cpu in rows.items():
        print(f"{name:<22}{cpu:6.3f} CPU s, {cpu - bare:+.3f} over bare")


if __name__ == "__main__":
    main()
