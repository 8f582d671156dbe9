"""What is on offer across plans, and finding one's way in it: pure, without a screen."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
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
_ALSO_CALLED: dict[str, tuple[str, ...]] = {kind: (f"{rooms}居室", f"{rooms}室") for kind, rooms in _SPELLED.items()}
_ALSO_CALLED["studio"] = ("开间", "零居室", "单间")


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


CHOSEN = ("plan", "district", "rent", "kind")
CRITERIA = (*CHOSEN, "words")


@dataclass(frozen=True, slots=True)
class Findings:
    """``choices``: for each of CHOSEN the values it could have beside the other criteria, with how many projects then
    are found."""

    offers: list[Offer]
    choices: dict[str, Counter[str]]


def search(plans: Iterable[Plan], criteria: Criteria) -> list[Offer]:
    """Projects with a unit type that meets all criteria at once, in the order of the plans.

    ``words`` are met when all of them together, or each by itself, stand in name, address, district or unit type.
    """
    return look(plans, criteria).offers


def choices(plans: Iterable[Plan], criteria: Criteria, which: str) -> Counter[str]:
    """Values that criterion ``which`` could have beside the others, with the number of projects found by each."""
    return look(plans, criteria).choices[which]


def look(plans: Iterable[Plan], criteria: Criteria) -> Findings:
    """What is found and what could be chosen instead, in one go: a plan may have hundreds of unit types."""
    looked_for = _looked_for(criteria.words)
    kind, rent = criteria.kind, criteria.rent
    offers: list[Offer] = []
    values: dict[str, list[str]] = {name: [] for name in CHOSEN}
    for plan in plans:
        elsewhere = criteria.plan not in {"", plan.code}
        for place in _places(_Same(plan)):
            far = criteria.district not in {"", place.project.district}
            units = [] if elsewhere and far else _spoken_of(place, looked_for)
            rented = [unit for unit in units if rent in unit.rents] if rent else units
            kindred = [unit for unit in units if kind == unit.kind] if kind else units
            found = [unit for unit in rented if kind == unit.kind] if kind else rented
            # Each criterion counts what meets all the others.
            if found and not far:
                values["plan"].append(plan.code)
            if found and not elsewhere:
                values["district"].append(place.project.district)
            if not elsewhere and not far:
                values["kind"] += {unit.kind for unit in rented}
                values["rent"] += {band for unit in kindred for band in unit.rents}
                if found:
                    offers.append(Offer(plan, place.project, tuple(unit.unit_type for unit in found if unit.unit_type)))
    return Findings(offers, {name: Counter(filter(None, each)) for name, each in values.items()})


def _spoken_of(place: _Place, looked_for: list[list[str]]) -> list[_Unit]:
    """The unit types of a project in which all words of one of the ways are found."""
    if not looked_for:
        return place.units
    found: set[str] = set()
    for words in looked_for:
        units = place.units
        for word in words:
            if word not in place.common:
                units = [unit for unit in units if word in unit.text] if word in place.text else []
        found |= {unit.code for unit in units}
    return [unit for unit in place.units if unit.code in found]


def _looked_for(words: str) -> list[list[str]]:
    """Each a way to find what was typed: all these words."""
    parts = [word for word in map(folded, words.split()) if word]
    return [parts, ["".join(parts)]] if parts else []


# --- what is worked out once a plan ----------------------------------------------------------------------------------


class _Unit(NamedTuple):
    """A unit type, or None in a project that has none yet, which is found all the same."""

    unit_type: UnitType | None
    code: str = ""
    text: str = ""
    kind: str = ""
    rents: tuple[str, ...] = ()


class _Place(NamedTuple):
    """``common`` is what is said of the project, ``text`` what is said of its unit types."""

    project: Project
    units: list[_Unit]
    common: str
    text: str


class _Same:
    """A plan by its identity: plans that are looked at are the same objects until one is written. Comparing and hashing
    all that is in them would cost more than what is spared."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __hash__(self) -> int:
        return id(self.plan)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.plan is self.plan


@lru_cache(maxsize=64)
def _places(same: _Same) -> tuple[_Place, ...]:
    return tuple(_place(project) for project in same.plan.projects)


def _place(project: Project) -> _Place:
    units = [*map(_unit, project.unit_types)] or [_Unit(None)]
    common = _text(project.name, project.address, project.district)
    return _Place(project, units, common, "\n".join(unit.text for unit in units))


def _unit(unit_type: UnitType) -> _Unit:
    kind = kind_of(unit_type)
    bands = tuple(key for key, band in BANDS.items() if band.holds(unit_type))
    return _Unit(unit_type, unit_type.code, _text(unit_type.name, *_ALSO_CALLED.get(kind, ())), kind, bands)


def _text(*said: str) -> str:
    return "\n".join(map(folded, said))
