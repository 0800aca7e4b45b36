"""Fixtures of the report's tests."""

from __future__ import annotations

import pytest
from report_records import make_record

from simulacra.run.record import RunRecord


@pytest.fixture
def record() -> RunRecord:
    return make_record()
