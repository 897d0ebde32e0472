"""Lanes: who acts in each step, and who sleeps between which."""

import pytest
from pages import page_of

from sysvet_report.lanes import MOST, lanes


def picture(*steps: str) -> list[str]:
    """A word for each step: * for who acts, ^ asleep before, v asleep after, | asleep all the while."""
    made = lanes(steps)
    assert made
    return ["".join("*" if lane.acts and not lane.below and not lane.above else
                    "V" if lane.acts and lane.below else "A" if lane.acts else
                    "|" if lane.above and lane.below else "." for lane in row.lanes) for row in made.rows]


def test_one_actor_needs_no_lanes() -> None:
    assert lanes(("A  msgget(0)", "A  msgctl_IPC_RMID(q) = 0")) is None
    assert lanes(("A  msgget(0)", "*  limit(msgmni, 1)")) is None


def test_a_call_sleeps_until_it_wakes() -> None:
    assert picture("A  q = msgget(0)", "B  msgrcv(q, 0, 1) blocks", "A  msgsnd(q, 1:\"x\") = 0",
                   "B  wakes = 1") == ["*.", ".V", "*|", ".A"]


def test_a_call_that_does_not_say_that_it_blocks_slept_if_it_wakes() -> None:
    assert picture("B  semop(s, [0:0])", "A  semop(s, [0:-1])", "B  wakes = 0") == ["V.", "|*", "A."]


def test_who_still_sleeps_sleeps_to_the_end() -> None:
    assert picture("A  q = msgget(0)", "B  msgrcv(q, 0, 1)", "B  sleeps", "A  msgctl_IPC_STAT(q)") == [
        "*.", ".V", ".V", "*|"]
    assert picture("B  msgrcv(q, 0, 1) blocks", "A  msgget(0)") == ["V.", "|*"]


def test_text_that_is_none_of_ours_has_no_lanes() -> None:
    assert lanes(("A  x", "B", "C  y")) is None
    assert lanes(tuple(f"A{n}  msgget(0)" for n in range(MOST + 1))) is None
    assert lanes(()) is None


@pytest.mark.parametrize("name, rows", [("unstable", 5), ("deviates", 0)])
def test_the_page_has_lanes_where_there_are_several_actors(name: str, rows: int) -> None:
    shown = page_of(name).all("svg", "lanes")
    assert len(shown) == rows
    assert all(len(row.all("circle")) == 1 for row in shown)
