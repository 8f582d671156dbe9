"""One way through every screen that applicants can come to, in parts."""

from __future__ import annotations

from flows.applicant.application import FORM
from flows.engine.fields import Choice, Day, FullName, IdNumber, Money, Number, Phone, Photos, Question
from flows.model import MINUTE
from tests.journeys.identities import EMPLOYER, NAME, id_number_of
from tests.journeys.papers import photo
from tests.journeys.walking import Walker, held

STRANGER = "赵无名"


def phone_of(walker: Walker) -> str:
    """As typed in China: 11 digits."""
    return walker.player.person.phone.removeprefix("+").removeprefix("86")


def number_of(walker: Walker) -> str:
    return id_number_of(walker.player.id)


async def look_around(walker: Walker) -> None:
    """Home and the small rooms beside it."""
    await walker.says("/start", to="home/menu")
    await walker.taps("help", to="help/contact")
    await walker.taps("back", to="home/menu")
    await walker.says("/privacy", to="privacy/statement")
    await walker.taps("back", to="home/menu")
    await walker.says("/language", to="language/choice")
    await walker.taps("back", to="home/menu")


async def try_too_early(walker: Walker, upcoming: str) -> None:
    await walker.taps("plans", to="plans/list")
    await walker.taps("plan", upcoming, to="plans/plan")
    await walker.taps("register", to="register/refused")
    await walker.taps("back", to="plans/plan")
    await walker.taps("back", to="plans/list")


async def search_homes(walker: Walker) -> None:
    """From the list of plans to a project that was found, and back."""
    await walker.taps("find", to="plans/search")
    await walker.taps("criterion", "kind", to="plans/choice")
    await walker.taps("pick", to="plans/search")
    await walker.says("清河", to="plans/results")
    await walker.taps("project", to="projects/project")
    await walker.taps("back", to="plans/results")
    await walker.taps("back", to="plans/search")
    await walker.taps("clear", to="plans/search")
    await walker.taps("back", to="plans/list")


async def look_at_homes(walker: Walker) -> None:
    """From a plan down to the rents of a unit type, and back; with a reminder on the way."""
    await walker.taps("remind", to="plans/plan")
    await walker.taps("reminder", to="plans/reminder")
    await walker.taps("drop", to="plans/plan")
    await walker.taps("notice", to="plans/notice")
    await walker.taps("back", to="plans/plan")
    await walker.taps("projects", to="plans/projects")
    await walker.taps("project", to="projects/project")
    await walker.taps("venue", to="projects/project")
    await walker.taps("unit_types", to="projects/unit_types")
    await walker.taps("unit_type", to="projects/unit_type")
    await walker.taps("back", to="projects/unit_types")
    await walker.taps("back", to="projects/project")
    await walker.taps("back", to="plans/projects")
    await walker.taps("back", to="plans/plan")


async def prove_phone(walker: Walker, to: str = "sign_up/verified", *, stumble: bool = True) -> None:
    """From the number to the right code, typed."""
    await walker.says(phone_of(walker), to="sign_up/captcha")
    if stumble:
        await walker.taps("another", to="sign_up/captcha")
        await walker.says("0000", to="sign_up/captcha")
    await walker.says(walker.house.chance.drawn[-1], to="sign_up/ask_code")
    if stumble:
        await walker.says("12345", to="sign_up/ask_code")
        await walker.taps("resend", to="sign_up/ask_code")
    await walker.says(walker.house.code_for(walker.player.person.phone), to=to)


async def prove_name(walker: Walker, to: str) -> None:
    """Refused once, then right."""
    walker.house.gateways.strangers.add(STRANGER)
    await walker.says(STRANGER, to="real_name/ask_id_number")
    await walker.says(number_of(walker), to="real_name/confirm")
    walker.jobs = False
    async with held(walker.house, "identity"):
        await walker.taps("confirm", to="real_name/checking")
    walker.jobs = True
    await walker.rests("real_name/refused")
    await walker.taps("again", to="real_name/ask_name")
    await walker.says(NAME, to="real_name/ask_id_number")
    await walker.says(number_of(walker), to="real_name/confirm")
    await walker.taps("again", to="real_name/ask_name")
    await walker.says(NAME, to="real_name/ask_id_number")
    await walker.says(number_of(walker), to="real_name/confirm")
    await walker.taps("confirm", to=to)


def typed_answer(question: Question) -> str:
    """Some right answer, as people type it."""
    match question.kind:
        case Number(least=least):
            return str(least + 24)
        case Money():
            return "8.5万"
        case Day():
            return "2024年3月1日"
        case FullName():
            return NAME
        case IdNumber():
            return id_number_of(987)
        case Phone():
            return "13900139000"
    return EMPLOYER


async def answer(walker: Walker) -> None:
    """Answers the question that the screen asks; optional ones are skipped."""
    question = FORM.question(walker.place.removeprefix("application/ask_"))
    if isinstance(question.kind, Photos):
        number = FORM.questions.index(question)
        await walker.sends_photos(photo(number), photo(number + 100))
        await walker.taps("done")
    elif not question.required:
        await walker.taps("skip")
    elif isinstance(question.kind, Choice):
        await walker.taps("choose", question.kind.keys[0])
    else:
        await walker.says(typed_answer(question))


async def fill_in(walker: Walker) -> None:
    """From the task list back to it, with everything answered."""
    for section in FORM.sections:
        await walker.taps("section", section.key)
        while walker.place.startswith("application/ask_"):
            await answer(walker)
        assert walker.place == "application/overview", walker.place


async def check_and_submit(walker: Walker, to: str) -> None:
    """By way of a change, and of a picture that is still being looked at."""
    await walker.taps("check_answers", to="application/review")
    await walker.taps("change", "work", to="application/section")
    await walker.taps("question", "employer", to="application/ask_employer")
    await walker.says(EMPLOYER + "海淀分公司", to="application/review")
    await walker.taps("change", "documents", to="application/section")
    await walker.taps("question", "id_back", to="application/ask_id_back")
    walker.jobs = False
    async with held(walker.house, "picture"):
        await walker.sends_photos(photo(999), to="application/ask_id_back")
        await walker.taps("done", to="application/review")
        await walker.taps("submit", to="application/awaiting_pictures")
        await walker.taps("back", to="application/review")
        await walker.taps("submit", to="application/awaiting_pictures")
    walker.jobs = True
    await walker.rests(to)


async def whole_way(walker: Walker, plan: str, upcoming: str) -> None:
    """Every screen of somebody new, from /start to a cancelled and renewed registration."""
    await look_around(walker)
    await try_too_early(walker, upcoming)
    await search_homes(walker)
    await walker.taps("plan", plan, to="plans/plan")
    await look_at_homes(walker)
    await walker.taps("fill_in", to="sign_up/consent")
    await walker.taps("details", to="privacy/statement")
    await walker.taps("back", to="sign_up/consent")
    await walker.taps("agree", to="sign_up/ask_phone")
    await prove_phone(walker)
    await walker.taps("real_name", to="real_name/ask_name")
    await prove_name(walker, to="application/overview")
    await walker.taps("check_answers", to="application/missing")
    await walker.taps("question", "hukou", to="application/ask_hukou")
    await answer(walker)
    await walker.taps("contents", to="application/overview")
    await fill_in(walker)
    await check_and_submit(walker, to="application/submitted")
    await walker.taps("see_form", to="application/form")
    await walker.taps("edit", to="application/overview")
    await walker.taps("back", to="plans/plan")
    await register_and_cancel(walker)
    await walker.taps("see_plan", to="plans/plan")
    await walker.taps("register", to="register/confirm")
    await walker.taps("confirm", to="register/registered")
    await walker.says("/me", to="me/overview")


async def register_and_cancel(walker: Walker) -> None:
    """From a plan whose form is submitted to the cancelled record."""
    await walker.taps("register", to="register/confirm")
    await walker.taps("back", to="plans/plan")
    await walker.taps("register", to="register/confirm")
    await walker.taps("confirm", to="register/registered")
    await walker.taps("export", to="register/registered")
    await walker.taps("record", to="records/record")
    await walker.taps("back", to="register/registered")
    await walker.taps("home", to="home/menu")
    await walker.taps("records", to="records/list")
    await walker.taps("record", to="records/record")
    await walker.taps("cancel", to="records/confirm_cancel")
    await walker.taps("keep", to="records/record")
    await walker.taps("cancel", to="records/confirm_cancel")
    await walker.taps("confirm_cancel", to="records/record")


async def register_elsewhere_again(walker: Walker, plan: str) -> None:
    """The same phone from another account, which is told that the registration is there already."""
    await walker.says(f"/start plan_{plan}", to="plans/plan")
    await walker.taps("register", to="sign_up/consent")
    await walker.taps("agree", to="sign_up/ask_phone")
    walker.house.clock.ahead += 2 * MINUTE  # the next code to the same number has to wait
    await prove_phone(walker, to="register/already", stumble=False)
