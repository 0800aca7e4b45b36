"""Adult: CPU seconds of fit and sample, import included, against SDV's GaussianCopulaSynthesizer in the same run.

make peers                      once: installs the peer into an environment of its own (1.5 GB, it needs torch)
python bench/speed.py [FOLDER]  FOLDER: a folder with adult/train.parquet; without it the demo's table is used
"""

from __future__ import annotations

import sys
from pathlib import Path

from _cost import adult, cheapest, run

PEER = Path(".venv-peers/bin/python")

_OURS = """
import sys, time, simulacra
from simulacra.run.source import load_frame
from pathlib import Path
frame, _ = load_frame(Path(sys.argv[1]))
start = time.process_time()
model = simulacra.Synthesizer(quality=sys.argv[2]).fit(frame)
fitted = time.process_time()
model.sample(frame.height)
done = time.process_time()
model.sample(100_000)
print(f'{fitted - start:.2f} {done - fitted:.2f} {100_000 / (time.process_time() - done):.0f}')
"""

_PEER = """
import sys, warnings; warnings.filterwarnings('ignore')
import pandas as pd
from sdv.metadata import Metadata
from sdv.single_table import GaussianCopulaSynthesizer
frame = pd.read_parquet(sys.argv[1]) if sys.argv[1].endswith('parquet') else pd.read_csv(sys.argv[1])
model = GaussianCopulaSynthesizer(Metadata.detect_from_dataframes({"adult": frame}))
model.fit({"adult": frame})
model.sample(num_rows=len(frame))
"""


def main() -> None:
    table = str(adult(sys.argv[1:]))
    peer = cheapest([str(PEER), "-c", _PEER, table], 2) if PEER.exists() else None
    print(f"{'':<28}{'CPU s':>8}{'fit':>8}{'sample':>8}{'rows/CPU s':>12}{'MB':>7}{'of peer':>9}")
    for quality in ("fast", "best"):
        command = [sys.executable, "-c", _OURS, table, quality]
        run(command)  # fills the cache of compiled kernels
        cost = cheapest(command, 2)
        fit, sample, rate = cost.output.split()
        cpu = cost.cpu - 100_000 / float(rate)  # the second sample, made for its rate, is not part of the job
        share = f"{cpu / peer.cpu:8.2f}x" if peer else "        -"
        print(f"{'simulacra ' + quality:<28}{cpu:8.1f}{fit:>8}{sample:>8}{rate:>12}{cost.memory:7.0f}{share}")
    if peer:
        print(f"{'SDV GaussianCopula':<28}{peer.cpu:8.1f}{'':>28}{peer.memory:7.0f}")
    else:
        print(f"SDV is not installed in {PEER.parent.parent}: `make peers` does it")


if __name__ == "__main__":
    main()
