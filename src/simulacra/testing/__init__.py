"""For those who build on Simulacra: laws that every plug-in must keep, and tables with planted leaks and flaws.

`conformance` holds the laws, `suites` the ground truth that a judge of synthetic data is held to.
"""

from .conformance import check_check, check_generator, check_metric, example_table
from .transforms import check_transform, example_records

__all__ = ["check_check", "check_generator", "check_metric", "check_transform", "example_records", "example_table"]
