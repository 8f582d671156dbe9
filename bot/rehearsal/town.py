"""The people of the rehearsal, and what they can apply for. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass

from bot.jobs.workbook import write_package
from bot.rehearsal.estates import announcement, pictures_of
from bot.rehearsal.pictures import Sample, draw_samples
from bot.rehearsal.sample_workbook import FENGTAI, HAIDIAN, HOURS, PHONE, chaoyang_workbook, sample_plan
from bot.rehearsal.telegram import PlayedTelegram
from flows.model import BEIJING, DAY, HOUR, MINUTE, Moment, Plan

TOKEN = "7000000001:opens-nothing-anywhere"  # noqa: S105 - the played Telegram's own
SUPPORT = f"{PHONE}（{HOURS}）"


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody with a phone. ``id_number`` is what they may type; the clerk needs none."""

    id: int
    name: str
    phone: str
    language_code: str
    work: str
    id_number: str = ""

    @property
    def role(self) -> str:
        """The line under the name: whoever tries the rehearsal finds there what to type."""
        return " · ".join(filter(None, (self.work, self.id_number)))


# The digits for the sequence, 00x, are given to nobody; 810000 is on the residence permits of people from Hong Kong.
WANG = Resident(1001, "王芳", "+8613800138000", "zh-hans", "申请人", "110101199305080020")
LI = Resident(1002, "李建国", "+8613900139000", "zh-hans", "申请人", "110101195803120015")
MARIA = Resident(1003, "Maria", "+8613700137000", "en", "Applicant", "810000199510200064")
CLERK = Resident(1009, "张晓敏", "+8613600136000", "zh-hans", "工作人员")
RESIDENTS = (WANG, LI, MARIA, CLERK)


def settle(telegram: PlayedTelegram) -> None:
    """Gives everybody a phone."""
    for resident in RESIDENTS:
        telegram.person(
            resident.id,
            resident.name,
            phone=resident.phone,
            language_code=resident.language_code,
            role=resident.role,
        )


def samples(now: Moment) -> list[Sample]:
    """The papers to send, and a plan for the clerk. Takes about two seconds. Raises FontsMissingError."""
    today = _midnight(now)
    plan = sample_plan(
        "FT2605", "丰台区2026年第五批保租房", today - DAY + 9 * HOUR, today + 6 * DAY + 17 * HOUR, projects=FENGTAI
    )
    package = Sample(
        "plan-package", "配租计划资料包", _package(plan), "document", "application/zip", "FT2605-丰台区第五批.zip"
    )
    return [*draw_samples(WANG.name, WANG.id_number), package]


def packages(now: Moment) -> dict[str, bytes]:
    """The plans to import, by file name: one that is open, with its pictures, and one to watch opening in two minutes.

    Takes about a second. Raises FontsMissingError.
    """
    today = _midnight(now)
    soon = -(-now // MINUTE) * MINUTE + 2 * MINUTE
    opens_at, closes_at = today - 2 * DAY + 9 * HOUR, today + 4 * DAY + 17 * HOUR
    haidian = sample_plan("HD2603", "海淀区2026年第三批保租房", opens_at, closes_at, projects=HAIDIAN)
    return {"HD2603.zip": _package(haidian), "CY2604.xlsx": chaoyang_workbook(soon, today + 9 * DAY + 17 * HOUR)}


def _midnight(now: Moment) -> Moment:
    return (now + BEIJING) // DAY * DAY - BEIJING


def _package(plan: Plan) -> bytes:
    return write_package(plan, pictures_of(plan), announcement(plan))
