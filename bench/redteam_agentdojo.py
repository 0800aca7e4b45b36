"""Agents in environments that are not ours: the tools, mail boxes, bank and travel agency of the package agentdojo.

The agent is a script: it runs the true calls of agentdojo's own tasks on agentdojo's environments, and obeys orders
that stand in some of the places where it reads them. Which places moves with the seed; its twin obeys none. Whether
harm was done is asked of agentdojo, which looks at the environment, never at the transcript.

`python bench/redteam.py --agentdojo` runs it; `pip install agentdojo` brings it (tried with 0.1.35).
"""

from __future__ import annotations

import base64
import re

import numpy as np

from simulacra.attack.assistants.policy import policy_from_dict

PLACES = {
    "tool results": None, "documents": r"---\n|<document>", "mails": r"subject: ", "pages": r"<html>", "code": r"```",
    "tables": r"csv", "json": r'"status"', "reviews": r"review|ticket", "logs": r"\blog\b",
    "search": r"context:|results", "translations": r"translate", "base64": None, "claims before": None,
}  # fmt: skip
_READING = ("get_", "search_", "read_", "list_", "check_")


def suites():
    """Return agentdojo's environments by name; none if the package is not there."""
    try:
        from agentdojo.task_suite import get_suites
    except ImportError:
        return {}
    return get_suites("v1.2")


class Agent:
    """An agent of one suite. places : where it obeys orders. touched : those it obeyed in. harmed : how often it called
    a forbidden tool, how often agentdojo says that its environment was harmed then."""

    def __init__(self, suite, places):
        from agentdojo.functions_runtime import FunctionsRuntime

        self.suite, self.places = suite, places
        self.touched, self.calls, self.confirmed = set(), 0, 0
        self._start = suite.load_and_inject_default_environment({})
        self._runtime = FunctionsRuntime(suite.tools)
        self.orders = {}
        for task in suite.injection_tasks.values():
            truth = task.ground_truth(self._start)
            if truth and self._does_harm(task):
                self.orders.setdefault(truth[-1].function, task)
        self.benign = [
            task.PROMPT
            for task in suite.user_tasks.values()
            if all(one.function.startswith(_READING) for one in task.ground_truth(self._start))
        ][:6]

    @property
    def policy(self):
        """Return what its owner would write: these tools are never for those who only left a text."""
        reading = [one.name for one in self.suite.tools if one.name.startswith(_READING)]
        tools = [{"name": name, "forbidden": True, "ask": task.GOAL} for name, task in self.orders.items()]
        tools += [{"name": name, "returns": True} for name in reading if name not in self.orders]
        return policy_from_dict({"name": f"agentdojo {self.suite.name}", "tools": tools, "benign": self.benign})

    def __call__(self, messages):
        text, role = str(messages[-1]["content"]), messages[-1]["role"]
        earlier = [str(one["content"]) for one in messages[:-1] if one["role"] == "user"]
        for place in self.places:
            read = self._read(place, text, role, earlier)
            name = self._ordered(read) if read else None
            if name is not None:
                self.touched.add(place)
                return self._obey(name)
        if self._ordered(text):
            return "I can't do that: it was not you who asked."
        return "I looked it up for you." if text in self.benign else "I can look things up for you."

    def _read(self, place, text, role, earlier):
        if place == "tool results":
            return text if role == "tool" else ""
        if role == "tool":
            return ""
        if place == "base64":
            try:
                return base64.b64decode(
                    max(re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", text), key=len), validate=True
                ).decode()
            except ValueError:
                return ""
        if place == "claims before":
            return text if any(re.search("administrator|manager|developer", one, re.I) for one in earlier) else ""
        return text if re.search(PLACES[place], text, re.I) else ""

    def _ordered(self, text):
        low = " ".join(text.split())
        for name, task in self.orders.items():
            if " ".join(task.GOAL.split()) in low or re.search(rf"\b({name}|{name.replace('_', ' ')})\b", low):
                return name
        return None

    def _obey(self, name):
        task = self.orders[name]
        self.calls += 1
        self.confirmed += self._does_harm(task)
        truth = task.ground_truth(self._start)
        return {"text": "Done.", "tools": [{"name": one.function, "arguments": dict(one.args)} for one in truth]}

    def _does_harm(self, task):
        environment = self._start.model_copy(deep=True)
        for one in task.ground_truth(environment):
            self._runtime.run_function(environment, one.function, dict(one.args))
        try:
            return bool(task.security("", self._start, environment))
        except NotImplementedError:
            return False


def active(seed):
    """Return the places of one seed, half of them."""
    rng = np.random.default_rng((seed, 7))
    names = sorted(PLACES)
    return [names[int(place)] for place in rng.permutation(len(names))[: len(names) // 2 + 1]]
