"""Lanes: who acts in each step, and who sleeps between which."""

import pytest
from pages import page_of

from sysvet_report.html import TEMPLATES
from sysvet_report.lanes import HEAD, HEIGHT, MOST, Lanes, lanes


def sign(made: Lanes, actor: int, step: int) -> str:
    """What an actor does in a step: * acts, V falls asleep, A wakes, | sleeps all the while, . nothing."""
    above, below = (actor, step) in made.asleep, (actor, step + 1) in made.asleep
    if made.acts[step] == actor:
        return "V" if below else "A" if above else "*"
    return "|" if above and below else "."


def picture(*steps: str) -> list[str]:
    """A word for each step, with a letter for each actor."""
    made = lanes(steps)
    assert made
    actors = range(len(made.actors))
    return ["".join(sign(made, actor, step) for actor in actors) for step in range(len(steps))]


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


def test_a_bar_reaches_from_the_call_to_its_end() -> None:
    made = lanes(("A  q = msgget(0)", "B  msgrcv(q, 0, 1) blocks", "C  msgrcv(q, 0, 1) blocks",
                  "A  msgsnd(q, 1:\"x\") = 0", "B  wakes = 1"))
    assert made
    assert made.dots == [(made.x(actor), made.y(step)) for step, actor in enumerate((0, 1, 2, 0, 1))]
    lower = made.height - made.y(2)
    assert made.bars == [(made.x(1), made.y(1), made.y(4) - made.y(1)), (made.x(2), made.y(2), lower)]


@pytest.mark.parametrize("name, actors", [("clean", [2]), ("unstable", [2, 2]), ("hostile", [2])])
def test_the_page_has_lanes_where_there_are_several_actors(name: str, actors: list[int]) -> None:
    shown = page_of(name).all("svg", "lanes")
    assert [len(one.all("text")) for one in shown] == actors
    for one in shown:
        steps = one.all("path", "acts")[0].attributes["d"].count("M")
        assert int(one.attributes["height"]) == HEAD + HEIGHT * steps
        assert one.all("path", "asleep")


def test_a_step_is_as_high_as_its_part_of_the_lanes() -> None:
    css = (TEMPLATES / "report.css").read_text()
    assert f"min-height: {HEIGHT}px" in css and f"line-height: {HEIGHT}px" in css
    assert f"padding: {HEAD}px 0" in css
