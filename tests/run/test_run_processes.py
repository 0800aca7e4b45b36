"""Laws of attempts in worker processes: the rows of one process, whatever the workers, the width and the deaths."""

import asyncio
import functools
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import run_travelling as travelling

from simulacra import api
from simulacra.cli.main import run_command
from simulacra.errors import RecipeError, SimulacraError
from simulacra.models.backends.echo import Echo
from simulacra.models.engine import Engine
from simulacra.models.errors import KeyRefused
from simulacra.run.flow import Limits, fill, open_executor
from simulacra.run.flow.account import row_context
from simulacra.run.flow.road import run_async
from simulacra.run.folder import STORE
from simulacra.seeds import Seeds
from simulacra.store import CallStore
from simulacra.store.rows import RowStore

ROWS = 24
WORDS = ("moon", "river", "house", "clock", "train", "bread")


def run(make=travelling.make_flow, executor="process", *, workers=2, width=8, echo=None, calls=None, **options):
    """Return the decisions and how often each call was sent."""
    store, sent = RowStore(":memory:"), Counter()

    async def answer(call):
        sent[call.key()] += 1
        await asyncio.sleep(0.001 * (len(sent) % 3))
        return None if echo is None else echo(call)

    async def work():
        async with Engine(store=calls or CallStore(":memory:"), width=width) as engine:
            model = engine.add(Echo(answer, label="counted"))

            def open_row(seeds, account):
                return row_context(engine, {"writer": model}, seeds, account, priority=int(seeds.path[1]))

            where = open_executor(executor, make, workers)
            return await fill(make() if executor == "inline" else travelling.make_flow(), ROWS, store, seeds=Seeds(3),
                              open=open_row, width=width, executor=where, **options)  # fmt: skip

    end = asyncio.run(work())
    return list(store.decisions()), sent, end


@pytest.fixture(scope="module")
def reference():
    return run(executor="inline", width=1)


@pytest.mark.parametrize(("workers", "width"), [(1, 5), (2, 40), (3, 16)])
def test_rows_do_not_depend_on_the_workers(reference, workers, width):
    decisions, sent, end = run(workers=workers, width=width)
    assert decisions == reference[0]
    assert end.accepted == ROWS
    assert set(sent.values()) == {1}
    assert set(sent) >= set(reference[1])  # work runs ahead of decisions


def test_a_killed_worker_changes_no_row_and_nothing_is_paid_twice(reference, tmp_path):
    make = functools.partial(travelling.make_flow, str(tmp_path), deaths=(2, 9, 17))
    decisions, sent, _ = run(make, workers=2, width=12)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["17", "2", "9"]
    assert decisions == reference[0]
    assert set(sent.values()) == {1}


def test_an_attempt_that_kills_every_worker_is_rejected_and_its_company_is_not():
    seen = []
    for workers, width in ((1, 12), (2, 5)):
        make = functools.partial(travelling.make_flow, poison=(4,))
        decisions, sent, end = run(make, workers=workers, width=width, tries=1)
        assert end.accepted == ROWS
        refused = {row.step: row.reason for one in decisions for row in one.rows if one.slot == 4}
        assert refused == {"worker": "its worker died 3 times with no other row in it (killed by signal 9)"}
        assert "worker" not in {row.step for one in decisions for row in one.rows if one.slot != 4}
        assert set(sent.values()) == {1}
        seen.append(decisions)
    assert seen[0] == seen[1]


def test_workers_that_only_die_end_the_run():
    make = functools.partial(travelling.make_flow, poison=range(1000))
    with pytest.raises(SimulacraError, match=r"10 worker processes died one after another \(killed by signal 9\)"):
        run(make, workers=2, width=4)


def test_what_a_step_raises_ends_the_run_as_it_does_in_one_process():
    make = functools.partial(travelling.make_flow, fail="error")
    with pytest.raises(RuntimeError, match="Odd: strange error"):  # the error itself does not survive the way
        run(make)


def test_what_ends_the_engine_ends_the_run():
    def refuse(_call):
        raise KeyRefused("the key is not accepted", where="echo")

    with pytest.raises(KeyRefused, match="the key is not accepted"):
        run(echo=refuse)


def test_a_flow_that_cannot_travel_is_told():
    with pytest.raises(RecipeError, match="cannot go to another process") as told:
        open_executor("process", lambda: travelling.make_flow(), 1)
    assert "use --executor inline" in str(told.value)
    with pytest.raises(RecipeError, match=r"cannot go to another process \(no such file\)"):
        run(travelling.make_broken_flow)
    with pytest.raises(RecipeError, match="no executor is called 'ray'"):
        open_executor("ray", travelling.make_flow)


@pytest.mark.parametrize("what", ["row", "prompt"])
def test_what_cannot_come_back_from_a_worker_is_told(what):
    with pytest.raises(RecipeError, match="cannot go to another process") as told:
        run(functools.partial(travelling.make_holding_flow, what))
    assert "use --executor inline" in str(told.value)


HOLD = """
import asyncio, functools, sys
import run_travelling as travelling
from simulacra.run.flow import fill, open_executor
from simulacra.seeds import Seeds
from simulacra.store.rows import RowStore

def main():
    make = functools.partial(travelling.make_holding_flow, folder=sys.argv[1])
    asyncio.run(fill(make(), 4, RowStore(":memory:"), seeds=Seeds(0), open=lambda seeds, account: None, width=4,
                     executor=open_executor("process", make, 2)))

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_run_even_in_a_step_that_never_ends(tmp_path, how):
    (tmp_path / "marks").mkdir()
    (tmp_path / "hold.py").write_text(HOLD)
    surroundings = {**os.environ, "PYTHONPATH": str(Path(travelling.__file__).parent)}
    run = subprocess.Popen([sys.executable, str(tmp_path / "hold.py"), str(tmp_path / "marks")], env=surroundings,
                           stderr=subprocess.PIPE, text=True, start_new_session=True)  # fmt: skip
    while len(list((tmp_path / "marks").iterdir())) < 2:
        assert run.poll() is None
        time.sleep(0.02)
    if how is signal.SIGINT:
        os.killpg(run.pid, how)  # as a terminal does
    else:
        run.kill()
    told = run.communicate(timeout=60)[1]  # it comes when the last worker has let the pipe go
    assert "run_travelling.py" not in told  # what an interrupted worker would say


def test_an_interrupted_notebook_stops_its_run():
    ended = []

    async def work():
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    def interrupt(*_):
        raise KeyboardInterrupt

    async def notebook():  # a loop is running, so the work is done in a thread
        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            with pytest.raises(KeyboardInterrupt):
                run_async(work())
        finally:
            signal.signal(signal.SIGALRM, before)

    asyncio.run(notebook())
    assert ended == [True]


def test_a_worker_that_does_not_start_is_told():
    with pytest.raises(SimulacraError, match=r"A worker process could not be started \(exit code 7\)"):
        run(travelling.leave)


def test_a_machine_that_starts_no_process_is_told():
    async def work():
        executor = open_executor("process", travelling.make_flow, 1)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            async with executor:
                pass
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    with pytest.raises(SimulacraError, match=r"A worker process could not be started \(Too many open files\)"):
        asyncio.run(work())


def test_a_finished_run_starts_nobody():
    store = RowStore(":memory:")
    for executor in ("inline", "process"):

        async def work(executor=executor):
            async with Engine() as engine:
                model = engine.add(Echo(label="x"))

                def open_row(seeds, account):
                    return row_context(engine, {"writer": model}, seeds, account)

                make = travelling.make_flow if executor == "inline" else travelling.leave
                where = open_executor(executor, make, 1)
                return await fill(travelling.make_flow(), 3, store, seeds=Seeds(3), open=open_row, executor=where,
                                  limits=Limits(attempts=90))  # fmt: skip

        assert asyncio.run(work()).accepted == 3


SAYS = [json.dumps({"note": f"the {word} is {{seed}} and {word} again"}) for word in WORDS]
NOTES = {"rules": [{"when": "[ab]", "say": SAYS, "fail": "refusal", "share": 0.4}]}
LABELS = [
    {"when": "Which class.*(card|pin)", "say": '{"reason": "-", "class": "card"}'},
    {"when": "Which class", "say": '{"reason": "-", "class": "loan"}'},
    {"when": "of the class 'card'", "say": ['{"text": "where is my pin {seed} now"}', '{"text": "a loan of {seed}"}']},
    {"when": "of the class", "say": '{"text": "the loan of {seed} euros is late"}'},
]


def instruct(out, **running):
    (out.parent / "notes.yaml").write_text(json.dumps(NOTES))
    recipe = {
        "simulacra": 1, "method": "instruct", "instruction": "Write notes", "rows": 12,
        "models": {"writer": f"echo:{out.parent / 'notes.yaml'}"}, "axes": {"topic": ["a", "b", "c"]},
        "fields": {"note": {"about": "a note"}},
        "checks": [{"repetition": {"field": "note"}}, {"near_duplicate": {"field": "note", "threshold": 0.8}}],
    }  # fmt: skip
    (out.parent / "recipe.yaml").write_text(json.dumps(recipe))
    options = [word for name, value in running.items() for word in (f"--{name}", str(value))]
    return run_command(["run", str(out.parent / "recipe.yaml"), "-o", str(out), "-q", *options])


def prefer(out, **running):
    rows = [{"prompt": f"why {number}?", "answer": "10"} for number in range(8)]
    (out.parent / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    says = ["2 + 3 = 5. Answer: 10", "3 * 2 = 6\nAnswer: 12", "so it is {seed}. Answer: 10"]
    (out.parent / "answers.yaml").write_text(json.dumps({"rules": [{"say": says}]}))
    api.prefer(out.parent / "prompts.jsonl", out, answers=[f"echo:{out.parent / 'answers.yaml'}"], by="verified",
               answer="answer", temperatures=[0.1, 0.2, 0.3, 0.4], **running)  # fmt: skip


def distill(out, **running):
    (out.parent / "labels.yaml").write_text(json.dumps({"rules": LABELS}))
    seeds = [{"text": f"my pin {n} does not work", "label": "card"} for n in range(4)]
    seeds += [{"text": f"a loan for house {n}", "label": "loan"} for n in range(4)]
    (out.parent / "seeds.jsonl").write_text("".join(json.dumps(row) + "\n" for row in seeds))
    api.distill(out.parent / "seeds.jsonl", out, teacher=f"echo:{out.parent / 'labels.yaml'}", student="tfidf",
                filter="teacher", shots=4, rows=8, **running)  # fmt: skip


@pytest.mark.parametrize("made_by", [instruct, prefer, distill])
def test_every_road_of_rows_can_go_in_processes(tmp_path, made_by):
    made_by(tmp_path / "one", width=3)
    made_by(tmp_path / "other", executor="process", workers=2)
    stores = [RowStore(tmp_path / name / STORE) for name in ("one", "other")]
    first, other = (list(store.decisions()) for store in stores)
    assert first == other
    assert any(one.accepted for one in first)
    assert not all(one.accepted for one in first)
    data = [(tmp_path / name / "data.jsonl").read_bytes() for name in ("one", "other")]
    assert data[0] == data[1] != b""


def test_workers_without_their_executor_are_told(tmp_path, capsys):
    assert instruct(tmp_path / "out", workers=2) == 2
    assert "--workers goes with --executor process" in capsys.readouterr().err
    (tmp_path / "t.csv").write_text("a\n1\n2\n3\n")
    (tmp_path / "table.yaml").write_text("simulacra: 1\nmethod: table\nsource: {path: t.csv}\n")
    assert run_command(["run", str(tmp_path / "table.yaml"), "-o", str(tmp_path / "o"), "--executor", "process"]) == 2
    assert "--executor is of no use here" in capsys.readouterr().err
