"""What is on offer across plans, and finding one's way in it: pure, without a screen."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from zlib import crc32

from flows.model import Moment, Plan, PlanStatus, Project, UnitType

_ORDER = (PlanStatus.OPEN, PlanStatus.UPCOMING, PlanStatus.CLOSED, PlanStatus.WITHDRAWN)


def by_state(plans: Iterable[Plan], at: Moment) -> list[Plan]:
    """Open ones first, the one that closes next on top; then those to come, the closed, the withdrawn."""

    def place(plan: Plan) -> tuple[int, Moment]:
        status = plan.status(at)
        order = _ORDER.index(status)
        if status is PlanStatus.UPCOMING:
            return order, plan.opens_at
        return order, plan.closes_at if status is PlanStatus.OPEN else -plan.closes_at

    return sorted(plans, key=place)


def on_offer(plans: Iterable[Plan], at: Moment) -> list[Plan]:
    """What can be searched: all but the withdrawn, in the order of ``by_state``."""
    return [plan for plan in by_state(plans, at) if plan.status(at) is not PlanStatus.WITHDRAWN]


@dataclass(frozen=True)
class Offer:
    """A project of a plan, with those of its unit types that are looked for."""

    plan: Plan
    project: Project
    unit_types: tuple[UnitType, ...]

    @property
    def key(self) -> str:
        """Names it on a button."""
        return short_key(f"{self.plan.code}_{self.project.code}")

    @property
    def lowest(self) -> int | None:
        return min((unit.lowest for unit in self.unit_types if unit.lowest is not None), default=None)

    @property
    def highest(self) -> int | None:
        return max((unit.highest for unit in self.unit_types if unit.highest is not None), default=None)


def short_key(text: str) -> str:
    """For the argument of a button, whose 32 ASCII characters do not hold every name."""
    return f"{crc32(text.encode()):08x}"


class Band(NamedTuple):
    """Rents a month in fen, both ends included; None is without end."""

    least: int | None
    most: int | None

    def holds(self, unit_type: UnitType) -> bool:
        """Whether the rents of a unit type reach into it. One without rents is in none."""
        if unit_type.lowest is None or unit_type.highest is None:
            return False
        return (self.least is None or unit_type.highest >= self.least) and (
            self.most is None or unit_type.lowest <= self.most
        )


BANDS = {
    "low": Band(None, 200_000),
    "middle": Band(200_000, 300_000),
    "upper": Band(300_000, 450_000),
    "high": Band(450_000, None),
}

DISTRICTS = (  # as Beijing lists them; others follow these
    *("东城区", "西城区", "朝阳区", "海淀区", "丰台区", "石景山区", "门头沟区", "房山区"),
    *("通州区", "顺义区", "昌平区", "大兴区", "怀柔区", "平谷区", "密云区", "延庆区"),
)

KINDS = ("studio", "one", "two", "three", "four", "other")
_ROOMS = {"一": "one", "1": "one", "两": "two", "二": "two", "2": "two", "三": "three", "3": "three"}
_ROOMS |= {"四": "four", "4": "four"}
_STUDIO = re.compile(r"开间|零居|单间|单身|studio")
_SOME_ROOMS = re.compile(r"(?<![\d十])([一二两三四1234])(?=[居室])")


def kind_of(unit_type: UnitType) -> str:
    """One of KINDS, by its name: 开间, 一居室, 2室1厅, …"""
    name = folded(unit_type.name)
    if rooms := _SOME_ROOMS.search(name):
        return _ROOMS[rooms[1]]
    return "studio" if _STUDIO.search(name) else "other"


def folded(text: str) -> str:
    """As it is compared: without width, case, spaces and punctuation; 2居 and 二居 are 两居."""
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
    return _SOME_ROOMS.sub(lambda rooms: _SPELLED[_ROOMS[rooms[1]]], letters)


_SPELLED = {"one": "一", "two": "两", "three": "三", "four": "四"}
_ALSO_CALLED = {"studio": "开间\n零居室\n单间\nstudio"} | {
    kind: f"{rooms}居室\n{rooms}室" for kind, rooms in _SPELLED.items()
}


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is looked for. Empty is anything; ``rent`` is a key of BANDS, ``kind`` one of KINDS."""

    plan: str = ""
    district: str = ""
    rent: str = ""
    kind: str = ""
    words: str = ""

    def without(self, *names: str) -> Criteria:
        return replace(self, **dict.fromkeys(names, ""))

    @property
    def named(self) -> tuple[str, ...]:
        """The criteria that are set."""
        return tuple(name for name in CRITERIA if getattr(self, name))


CRITERIA = ("plan", "district", "rent", "kind", "words")


def search(plans: Iterable[Plan], criteria: Criteria) -> list[Offer]:
    """Projects with a unit type that meets all criteria at once, in the order of the plans.

    ``words`` are met when all of them together, or each by itself, stand in name, address, district or unit type.
    """
    words = [word for word in map(folded, criteria.words.split()) if word]
    looked_for = (words, ["".join(words)]) if words else ()
    band = BANDS.get(criteria.rent)
    found = []
    for plan in plans:
        if criteria.plan in {"", plan.code}:
            for place in _places(plan):
                if criteria.district in {"", place.project.district}:
                    units = tuple(
                        unit.unit_type
                        for unit in place.units
                        if criteria.kind in {"", unit.kind}
                        and (band is None or band.holds(unit.unit_type))
                        and (not looked_for or _speaks_of(place.text + unit.text, looked_for))
                    )
                    bare = not place.units and not criteria.kind and band is None
                    if units or (bare and (not looked_for or _speaks_of(place.text, looked_for))):
                        found.append(Offer(plan, place.project, units))
    return found


def choices(plans: Iterable[Plan], criteria: Criteria, which: str) -> Counter[str]:
    """Values that criterion ``which`` could have beside the others, with the number of projects found by each."""
    tally: Counter[str] = Counter()
    for offer in search(plans, criteria.without(which)):
        tally.update(set(_values(offer, which)))
    tally.pop("", None)
    return tally


def _values(offer: Offer, which: str) -> Iterator[str]:
    if which == "plan":
        yield offer.plan.code
    elif which == "district":
        yield offer.project.district
    elif which == "kind":
        yield from map(kind_of, offer.unit_types)
    else:
        for unit_type in offer.unit_types:
            yield from (key for key, band in BANDS.items() if band.holds(unit_type))


def _speaks_of(text: str, looked_for: Iterable[Sequence[str]]) -> bool:
    return any(all(word in text for word in words) for words in looked_for)


# --- what is worked out once a plan ----------------------------------------------------------------------------------


class _Unit(NamedTuple):
    unit_type: UnitType
    kind: str
    text: str


class _Place(NamedTuple):
    project: Project
    text: str
    units: tuple[_Unit, ...]


def _places(plan: Plan) -> tuple[_Place, ...]:
    return tuple(
        _Place(
            project,
            "\n".join(map(folded, (project.name, project.address, project.district))) + "\n",
            tuple(map(_unit, project.unit_types)),
        )
        for project in plan.projects
    )


def _unit(unit_type: UnitType) -> _Unit:
    kind = kind_of(unit_type)
    return _Unit(unit_type, kind, f"{folded(unit_type.name)}\n{_ALSO_CALLED.get(kind, '')}")
