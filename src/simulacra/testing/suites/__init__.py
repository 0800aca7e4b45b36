"""Ground truth for a judge of synthetic tables: leaks and flaws of known strength, planted in clean real rows.

A case holds three disjoint samples of one real table: rows "learned from", rows held out, and rows of other people that
stand in the place of synthetic ones. Left as they are, they are the best synthetic data there can be; a leak puts
something of the rows learned from among them, a flaw spoils them, a control looks suspicious and is clean.

>>> from simulacra.testing import example_table
>>> case = next(leak_cases(example_table(800).frame, rows=200, kinds=["verbatim"]))
>>> case.kind, case.strength, case.synthetic.height
('verbatim', 0.005, 200)
"""

from ._case import Case
from .controls import CONTROLS, control_cases
from .flaws import FLAWS, flaw_cases
from .leaks import LEAKS, leak_cases

__all__ = ["CONTROLS", "FLAWS", "LEAKS", "Case", "control_cases", "flaw_cases", "leak_cases"]
