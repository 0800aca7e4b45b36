"""The contracts between the rooms, and the small values they exchange.

Two words kept apart: a `Check` looks at rows inside the run and keeps them or says why not; a `Gate` looks at scores at
its end.
"""

from __future__ import annotations

from .judgement import FAMILIES, RISKS, Assessment, Finding, Gate, GateResult, Part, Score, Verdict, worst
from .models import Answer, Backend, Call, Capabilities, Embedder, Message, ToolCall, Usage
from .rows import Context, Record, Reject, Row, RowCheck, Span, Step, Transform
from .tables import Check, Comparison, Executor, Fitted, Generator, Metric, Progress, Silent

__all__ = [
    "FAMILIES",
    "RISKS",
    "Answer",
    "Assessment",
    "Backend",
    "Call",
    "Capabilities",
    "Check",
    "Comparison",
    "Context",
    "Embedder",
    "Executor",
    "Finding",
    "Fitted",
    "Gate",
    "GateResult",
    "Generator",
    "Message",
    "Metric",
    "Part",
    "Progress",
    "Record",
    "Reject",
    "Row",
    "RowCheck",
    "Score",
    "Silent",
    "Span",
    "Step",
    "ToolCall",
    "Transform",
    "Usage",
    "Verdict",
    "worst",
]
