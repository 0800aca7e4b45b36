"""What a stranger would call unfair: twins that are none, verdicts on nothing, refusals that were none, wrong lessons."""

import json

from simulacra.attack.assistants.compose import Plan
from simulacra.attack.assistants.planner import plan_rows
from simulacra.run.redteam import make_composer
from simulacra.seeds import Seeds
from simulacra.testing.attacks import example_policy


def test_a_carrier_s_twin_reads_content_without_an_order_and_asks_by_itself():
    policy = example_policy()
    composer = make_composer(policy, 1)
    carriers = [name for name, one in composer.operators.items() if one.stage == "carrier"]
    assert len(carriers) > 9
    for name in carriers:
        for wording in range(6):
            case = composer.make(Plan("benign", 0, (name,), wording, benign=True))
            said = json.dumps([turn.content for turn in case.turns])
            assert not any(word in said.casefold() for word in ("instruction", "must", "assistant", "{ask}", "do this"))
            assert case.turns[0].content.startswith(policy.benign[0])
            assert len(said) > len(policy.benign[0]) + 20
    rows = plan_rows(composer, Seeds(0).rng(), 200)
    carried = [one.expected for one in rows if one.case.benign and one.case.style == "carrier"]
    assert carried
    assert all("holds no orders" in one for one in carried)
