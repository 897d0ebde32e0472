"""Who does what when: steps of a case with a lane for each actor, in which a call that sleeps is a bar."""

import re
from dataclasses import dataclass
from itertools import count

STEP = re.compile(r"(\S+)\s+(\S.*)")
WAKES = ("wakes", "sleeps")
STEM = 9        # distance of the first lane from the left, and
PITCH = 18      # of the lanes from each other, in units of the picture
HEAD = 18       # height of the actors' names, and
HEIGHT = 26     # of a step, as in report.css
MOST = 12       # actors; with more of them lanes tell nothing


@dataclass(frozen=True)
class Lanes:
    """The actors in order of appearance; for each step, who of them acts, if not the environment; and who
    sleeps in which gap, where gap n lies before step n."""

    actors: tuple[str, ...]
    acts: tuple[int | None, ...]
    asleep: frozenset[tuple[int, int]]

    @property
    def width(self) -> int:
        """Of the picture."""
        return 2 * STEM + PITCH * (len(self.actors) - 1)

    @property
    def height(self) -> int:
        """Of the picture, with the names."""
        return HEAD + self.length

    @property
    def length(self) -> int:
        """Of the lanes."""
        return HEIGHT * len(self.acts)

    @staticmethod
    def x(number: int) -> int:
        """Where a lane lies."""
        return STEM + PITCH * number

    @staticmethod
    def y(step: int) -> int:
        """The middle of a step."""
        return HEAD + HEIGHT * step + HEIGHT // 2

    @property
    def dots(self) -> list[tuple[int, int]]:
        """Where somebody acts."""
        return [(self.x(actor), self.y(step)) for step, actor in enumerate(self.acts) if actor is not None]

    @property
    def bars(self) -> list[tuple[int, int, int]]:
        """Where somebody sleeps: the upper end, and the length."""
        found = []
        for actor, gap in sorted(self.asleep):
            if (actor, gap - 1) not in self.asleep:
                last = next(end for end in count(gap) if (actor, end + 1) not in self.asleep)
                lower = min(self.y(last), HEAD + self.length)
                found.append((self.x(actor), self.y(gap - 1), lower - self.y(gap - 1)))
        return found


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
    """Lanes for the steps of a case; None when there is only one actor, or the text is none of ours."""
    found = [STEP.fullmatch(text) for text in texts]
    steps = [(match[1], match[2]) for match in found if match]
    actors = tuple(dict.fromkeys(actor for actor, _ in steps if actor != "*"))
    if len(steps) < len(texts) or not 1 < len(actors) <= MOST:
        return None
    place = {actor: number for number, actor in enumerate(actors)}
    return Lanes(actors, tuple(place.get(actor) for actor, _ in steps),
                 frozenset((place[actor], gap) for actor, gap in asleep(steps)))
