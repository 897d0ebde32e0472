"""Who does what when: steps of a case with a lane for each actor, in which a call that sleeps is a bar."""

import re
from dataclasses import dataclass

STEP = re.compile(r"(\S+)\s+(\S.*)")
WAKES = ("wakes", "sleeps")
STEM = 9        # distance of the first lane from the left, and
PITCH = 18      # of the lanes from each other, in units of the picture
MOST = 12       # actors; with more of them lanes tell nothing


@dataclass(frozen=True)
class Lane:
    """A lane beside one step. above and below say whether its actor sleeps before and after."""

    x: int
    acts: bool
    above: bool
    below: bool


@dataclass(frozen=True)
class Row:
    """A step with its lanes."""

    text: str
    lanes: tuple[Lane, ...]


@dataclass(frozen=True)
class Lanes:
    """The actors in order of appearance, and the steps."""

    actors: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        """Of the picture."""
        return 2 * STEM + PITCH * (len(self.actors) - 1)

    @staticmethod
    def x(number: int) -> int:
        """Where a lane lies."""
        return STEM + PITCH * number


def asleep(steps: list[tuple[str, str]]) -> set[tuple[str, int]]:
    """The actor and the number of each gap between two steps in which the actor sleeps.

    Gap n lies before step n. A call slept if its text says so, or if the actor is seen to wake or sleep
    later.
    """
    gaps: set[tuple[str, int]] = set()
    last: dict[str, int] = {}
    for number, (actor, what) in enumerate(steps):
        if what.split(maxsplit=1)[0] in WAKES and actor in last:
            gaps.update((actor, gap) for gap in range(last[actor] + 1, number + 1))
            if what.startswith("wakes"):
                del last[actor]
            else:
                last[actor] = number
        else:
            last[actor] = number
    for number, (actor, what) in enumerate(steps):
        if what.endswith(("blocks", "sleeps")) and last.get(actor) == number:
            gaps.update((actor, gap) for gap in range(number + 1, len(steps) + 1))
    return gaps


def lanes(texts: tuple[str, ...]) -> Lanes | None:
    """Lanes for the steps of a finding; None when there is only one actor, or the text is none of ours."""
    found = [STEP.fullmatch(text) for text in texts]
    steps = [(match[1], match[2]) for match in found if match]
    actors = tuple(dict.fromkeys(actor for actor, _ in steps if actor != "*"))
    if len(steps) < len(texts) or not 1 < len(actors) <= MOST:
        return None
    gaps = asleep(steps)
    return Lanes(actors, tuple(
        Row(texts[number], tuple(
            Lane(Lanes.x(place), actor == name, (name, number) in gaps, (name, number + 1) in gaps)
            for place, name in enumerate(actors)))
        for number, (actor, _) in enumerate(steps)))
