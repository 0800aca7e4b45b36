"""What the embedded model comes to as a writer: rows from attempts, CPU seconds, reasons for rejects, some rows.

Run: python bench/instruct.py [ROWS] [SENTENCE]   (some 2 CPU seconds a row; needs `simulacra models install`)
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from simulacra import api

SENTENCE = (
    "Generate 50 questions about Kubernetes with their answers. Each question should cover a different difficulty "
    "level. Include real production scenarios."
)


def main() -> None:
    """Print the yield of one run and its first rows."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    recipe = api.make_instruct_recipe(sys.argv[2] if len(sys.argv) > 2 else SENTENCE, model="embedded", rows=rows)
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        record = api.run_instruct(recipe, Path(folder) / "out")
        spent = time.process_time() - start
        lines = (Path(folder) / "out" / "data.jsonl").read_text(encoding="utf-8").splitlines()
    totals = record.totals
    share = record.rows / max(1, totals.attempts)
    print(f"{record.rows} rows from {totals.attempts} attempts ({share:.0%}), {spent:.0f} CPU s")
    print(f"{totals.calls} calls, {totals.tokens_in:,} tokens read, {totals.tokens_out:,} written")
    for (step, why), count in sorted(totals.refused.items(), key=lambda item: -item[1]):
        print(f"{count:>5}  {step}: {why}")
    print(f"verdict {record.assessment.verdict}; diversity {record.assessment.families['diversity'].verdict}\n")
    for line in lines[:8]:
        print(json.dumps(json.loads(line), ensure_ascii=False))


if __name__ == "__main__":
    main()
