"""What the page says a run took is what the store holds: repairs, further samples and what nobody waited for."""

import json
from pathlib import Path

from simulacra import api
from simulacra.recipe import read_recipe
from simulacra.store.calls import CallStore
from simulacra.store.rows import RowStore

SCRIPT = """\
rules:
- {when: "cannot be used", say: '{"question": "Why does the second disk {seed} hang at night?"}'}
- {say: '{"question": "How do I mend the disk number {seed} again?"}', fail: malformed, share: 0.6}
"""
RECIPE = """\
method: instruct
instruction: Questions about disks
rows: 12
models: {{writer: "echo:{script}"}}
fields: {{question: {{}}}}
checks: [refusal]
"""


def test_tokens_of_repairs_are_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "script.yaml").write_text(SCRIPT)
    (tmp_path / "recipe.yaml").write_text(RECIPE.format(script=tmp_path / "script.yaml"))
    out = tmp_path / "out"
    api.run_instruct(read_recipe(tmp_path / "recipe.yaml"), out)
    cost = json.loads((out / "report.json").read_text())["cost"]
    rows, calls = RowStore(out / "private" / "run.sqlite"), CallStore(out / "private" / "run.sqlite")
    decided = {key for one in rows.decisions() for key in one.calls}
    spent = [(len(one.calls), one.usage) for one in rows.decisions()]
    assert cost["calls"] == len(decided) > cost["attempts"] == 12
    assert cost["tokens_written"] == sum(usage[1] for _, usage in spent)
    held = next(iter(calls.spent().values()))
    beside = [note for note in json.loads((out / "report.json").read_text())["notes"] if "under way" in note]
    missing = held.tokens_in + held.tokens_out - cost["tokens_read"] - cost["tokens_written"]
    assert len(calls) - len(decided) == (int(beside[0].split()[0]) if beside else 0)
    assert not beside or f"({missing:,.0f} tokens" in beside[0]
    rows.close()
    calls.close()
