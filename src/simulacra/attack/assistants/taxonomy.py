"""Names that others know attacks by: OWASP's ten risks of language-model applications, MITRE ATLAS techniques."""

from __future__ import annotations

__all__ = ["AIMS", "ATLAS", "HAPPENS", "OUTSIDE", "OWASP", "RISKS"]

OWASP = {
    "LLM01": "Prompt injection",
    "LLM02": "Sensitive information disclosure",
    "LLM03": "Supply chain",
    "LLM04": "Data and model poisoning",
    "LLM05": "Improper output handling",
    "LLM06": "Excessive agency",
    "LLM07": "System prompt leakage",
    "LLM08": "Vector and embedding weaknesses",
    "LLM09": "Misinformation",
    "LLM10": "Unbounded consumption",
}
"""The list of 2025. Source: OWASP Top 10 for LLM Applications 2025."""

OUTSIDE = {
    "LLM03": "where the model, its data and its parts come from cannot be seen by asking it",
    "LLM04": "what the model was trained on cannot be seen by asking it; poisoned documents are tried under LLM01",
    "LLM08": "the index behind the assistant cannot be reached by asking; retrieved texts are tried as documents",
}
"""Risks that are not testable from outside, and why."""

RISKS = {
    "secret": ("LLM02", "high"),
    "prompt": ("LLM07", "medium"),
    "access": ("LLM02", "high"),
    "tool": ("LLM06", "high"),
    "rule": ("LLM09", "medium"),
    "fact": ("LLM09", "low"),
    "markup": ("LLM05", "medium"),
    "length": ("LLM10", "medium"),
    "hijack": ("LLM01", "high"),
    "judged": ("LLM09", "medium"),
    "same": ("LLM09", "low"),
    "differs": ("LLM09", "low"),
}
"""Risk -> its OWASP id and how grave a finding is."""

AIMS = {
    "secret": "AML.T0057",
    "prompt": "AML.T0056",
    "access": "AML.T0057",
    "tool": "AML.T0053",
    "rule": "AML.T0054",
    "fact": "AML.T0054",
    "markup": "AML.T0077",
    "length": "AML.T0029",
    "hijack": "AML.T0051.001",
    "judged": "AML.T0054",
    "same": "AML.T0031",
    "differs": "AML.T0031",
}
"""Risk -> the technique that reaching it is, whatever the operator."""

ATLAS = {
    "AML.T0029": "Denial of AI service",
    "AML.T0031": "Erode AI model integrity",
    "AML.T0034": "Cost harvesting",
    "AML.T0051.000": "LLM prompt injection: direct",
    "AML.T0051.001": "LLM prompt injection: indirect",
    "AML.T0053": "AI agent tool invocation",
    "AML.T0054": "LLM jailbreak",
    "AML.T0056": "Extract LLM system prompt",
    "AML.T0057": "LLM data leakage",
    "AML.T0065": "LLM prompt crafting",
    "AML.T0067": "LLM trusted output components manipulation",
    "AML.T0068": "LLM prompt obfuscation",
    "AML.T0077": "LLM response rendering",
    "AML.T0080": "AI agent context poisoning",
}
"""Techniques that operators and risks stand for. Source: MITRE ATLAS."""

HAPPENS = {
    "secret": "gives a secret away", "prompt": "repeats its instructions", "access": "shows what is another user's",
    "tool": "calls a tool beyond its limits", "rule": "breaks a rule", "fact": "takes over a false claim",
    "markup": "writes active markup", "length": "writes without bound", "hijack": "follows orders in what it reads",
    "judged": "breaks a rule in words", "same": "decides otherwise on the same question",
    "differs": "decides otherwise than the reference",
}  # fmt: skip
"""Risk -> what the assistant does when it happens."""
