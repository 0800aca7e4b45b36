"""The archive tells failed, resisted and untried apart; the scheduler goes where news are and leaves where none are."""

import numpy as np
import pytest

from simulacra.attack.archive import Archive, Scheduler


def test_a_cell_is_untried_then_resisted_then_failed():
    archive = Archive([("leak",), ("tool",)])
    cell = archive.cells[("leak",)]
    assert cell.state == "untried"
    archive.record(("leak",), "a", failed=False, fitness=0.1, idea="a")
    assert (cell.state, cell.rate.hits) == ("resisted", 0)
    archive.record(("leak",), "b", failed=True, fitness=1.0, idea="b")
    assert (cell.state, cell.best) == ("failed", "b")
    assert archive.count() == {"failed": 1, "resisted": 0, "untried": 1}


def test_what_could_not_be_scored_is_neither_pass_nor_failure():
    archive = Archive([("leak",)])
    archive.record(("leak",), "a", failed=None, fitness=0.3, idea="a")
    assert archive.cells[("leak",)].state == "untried"
    assert archive.cells[("leak",)].best == "a"


def test_the_best_case_stays():
    archive = Archive([])
    assert archive.record(("x",), "good", failed=True, fitness=2.0, idea=1)
    assert not archive.record(("x",), "worse", failed=True, fitness=1.0, idea=1)
    assert archive.cells[("x",)].best == "good"
    assert archive.cells[("x",)].outcomes == {1: (2, 2)}


def test_tries_go_where_news_are():
    rng, scheduler, chosen = np.random.default_rng(0), Scheduler(["dull", "rich"]), []
    for _ in range(200):
        arm = scheduler.choose(rng)
        chosen.append(arm)
        scheduler.tell(arm, news=float(arm == "rich"))
    assert chosen.count("rich") > 160


def test_an_arm_that_gave_all_it_had_is_left():
    rng, scheduler = np.random.default_rng(0), Scheduler(["spent", "fresh"])
    for _ in range(100):
        scheduler.tell("spent", news=1.0)
    for _ in range(150):
        scheduler.tell("spent", news=0.0)
    assert [scheduler.choose(rng) for _ in range(50)].count("fresh") > 40


def test_only_what_is_allowed_is_chosen():
    rng, scheduler = np.random.default_rng(0), Scheduler(list(range(5)))
    assert {scheduler.choose(rng, allowed=[3, 4]) for _ in range(30)} == {3, 4}


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="factor"):
        Scheduler(["a"], memory=0.0)
    with pytest.raises(ValueError, match="no arm"):
        Scheduler(["a"]).choose(np.random.default_rng(0), allowed=[])
