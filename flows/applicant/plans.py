"""Looking at plans: the list, a plan, its announcement, its projects, and the search over all of them.

Needs no account. What is chosen is remembered by its code and looked up anew each time: plans change while people look.
"""

from __future__ import annotations

from flows.applicant.gate import closes, opens_for_plan
from flows.applicant.offers import Offer, by_state, on_offer
from flows.applicant.reminders import drop_reminder, note_reminder, reminder_rows, set_reminder, view_reminder
from flows.applicant.search import SEARCH_STATES, SEARCH_TRANSITIONS, find_anywhere, find_in_plan, offers_anything
from flows.effects import Button, Place, Rows, SendMedia, Style
from flows.engine.flow import OPENING, PASSED, RESUMED, Flow, State, Transition, View
from flows.engine.lists import page_of, turns_page, turns_page_of
from flows.engine.paging import pages_of
from flows.engine.turn import Turn
from flows.model import Plan, PlanStatus

TO_COME = frozenset({PlanStatus.UPCOMING, PlanStatus.OPEN})


def chosen_plan(turn: Turn) -> Plan | None:
    return turn.repository.plan(turn.data.get("plan", ""))


def register_rows(turn: Turn, plan: Plan) -> Rows:
    """The main button of a plan and of its projects, if there is anything to do: register, or see the record."""
    if turn.person and turn.repository.live_registration(turn.person.id, plan.code) is not None:
        return ((Button("record", style=Style.PRIMARY),),)
    status = plan.status(turn.at)
    if status in TO_COME:
        return ((Button("register", style=Style.PRIMARY if status is PlanStatus.OPEN else None),),)
    return ()


def expired(turn: Turn, plan: Plan) -> tuple[Button, ...]:
    """Pressed on a screen drawn before the end, registering is refused in so many words, not called out of date."""
    return (Button("register"),) if plan.status(turn.at) is PlanStatus.CLOSED else ()


def open_record(turn: Turn) -> None:
    registration = turn.repository.live_registration(turn.somebody.id, turn.data["plan"])
    turn.open("records", number=registration.number if registration else "")


# --- guards and actions ----------------------------------------------------------------------------------------------


def _has_plan(turn: Turn) -> bool:
    return chosen_plan(turn) is not None


def _is_withdrawn(turn: Turn) -> bool:
    plan = chosen_plan(turn)
    return plan is not None and plan.status(turn.at) is PlanStatus.WITHDRAWN


def _was_led_to_project(turn: Turn) -> bool:
    return "project" in turn.data


def _forget_plan(turn: Turn) -> None:
    turn.data.pop("project", None)
    if turn.data.pop("plan", None) is not None:
        turn.error("plan_unknown")


def _choose_plan(turn: Turn) -> None:
    turn.data["plan"] = turn.argument


def _leave_plan(turn: Turn) -> None:
    for key in ("plan", "notice_page", "projects_page"):
        turn.data.pop(key, None)


def _forget_project(turn: Turn) -> None:
    turn.data.pop("project", None)


def note_visit(turn: Turn) -> None:
    turn.repository.note_visit(turn.data["plan"], turn.chat_id, turn.at)


def _open_linked_project(turn: Turn) -> None:
    turn.open("projects", plan=turn.data["plan"], project=turn.data.pop("project"))


def _open_project(turn: Turn) -> None:
    turn.open("projects", plan=turn.data["plan"], project=turn.argument)


def _send_notice(turn: Turn) -> None:
    plan = chosen_plan(turn)
    if plan is None or plan.notice_file is None:
        raise LookupError("there is no file to send")
    turn.do(SendMedia((plan.notice_file,), as_document=True, name=f"{plan.code}.pdf"))
    turn.pop_up("notice_coming")
    turn.show_at(Place.SEND)


# --- screens ---------------------------------------------------------------------------------------------------------


def _view_list(turn: Turn) -> View:
    plans = by_state(turn.repository.plans(), turn.at)
    page = page_of(turn, plans)
    rows = [(Button("plan", plan.code, values={"plan": plan, "now": turn.at}),) for plan in page.items]
    find = (Button("find"),) if offers_anything(on_offer(plans, turn.at)) else ()
    return View({"page": page, "now": turn.at}, (*rows, page.row(*find)))


def view_plan(turn: Turn) -> View:
    plan = chosen_plan(turn)
    if plan is None:
        return _view_gone(turn)
    application = turn.person and turn.repository.application(turn.person.id, plan.code)
    registration = turn.person and turn.repository.live_registration(turn.person.id, plan.code)
    submitted = bool(application and application.submitted_at)
    status = plan.status(turn.at)
    values = {
        "plan": plan,
        "now": turn.at,
        "registered": turn.repository.registered(plan.code),
        "submitted": submitted,
        "begun": bool(application and (application.answers or application.pictures)),
        "registration": registration,
    }
    rows = list(register_rows(turn, plan))
    if submitted:
        rows.append((Button("see_form"),))
    elif status in TO_COME:
        rows.append((Button("fill_in"),))
    if status is not PlanStatus.WITHDRAWN and (papers := _papers(plan)):
        rows.append(papers)
    rows += reminder_rows(turn)
    rows.append((Button("back"),))
    return View(values, tuple(rows), expired=expired(turn, plan))


def _papers(plan: Plan) -> tuple[Button, ...]:
    notice = (Button("notice"),) if plan.notice_title or plan.notice_text or plan.notice_file else ()
    return notice + ((Button("projects"),) if plan.projects else ())


def _view_gone(_: Turn) -> View:
    return View(rows=((Button("back"),),), window="plans/gone")


def _view_notice(turn: Turn) -> View:
    plan = chosen_plan(turn)
    if plan is None:
        return _view_gone(turn)
    page = page_of(turn, pages_of(plan.notice_text.strip()), key="notice_page", size=1)
    download = ((Button("download"),),) if plan.notice_file else ()
    return View({"plan": plan, "page": page}, (*download, page.buttons))


def _view_projects(turn: Turn) -> View:
    plan = chosen_plan(turn)
    if plan is None:
        return _view_gone(turn)
    offers = [Offer(plan, project, project.unit_types) for project in plan.projects]
    page = page_of(turn, offers, key="projects_page")
    rows = [
        (Button("project", offer.project.code, values={"number": page.before + index, "offer": offer}),)
        for index, offer in enumerate(page.items, 1)
    ]
    return View({"plan": plan, "page": page}, (*rows, page.row(*((Button("find"),) if plan.projects else ()))))


PLANS = Flow(
    "plans",
    1,
    [
        State("list", _view_list),
        State("plan", view_plan),
        State("notice", _view_notice),
        State("projects", _view_projects, window="projects/list"),
        State("reminder", view_reminder),
        *SEARCH_STATES,
    ],
    [
        Transition(
            OPENING,
            PASSED,
            "plan",
            when=[_has_plan, _was_led_to_project],
            unless=[_is_withdrawn],
            do=[note_visit, _open_linked_project],
        ),
        Transition(OPENING, PASSED, "plan", when=[_has_plan], do=[note_visit, _forget_project]),
        Transition(OPENING, PASSED, "list", do=[_forget_plan]),
        Transition("list", "plan", "plan", do=[_choose_plan, note_visit]),
        Transition("list", "find", "search", do=[find_anywhere]),
        Transition("list", "page", None, do=[turns_page]),
        Transition("list", "back", None, do=[closes()]),
        Transition("plan", "register", None, do=[opens_for_plan("register")]),
        Transition("plan", "record", None, do=[open_record]),
        Transition("plan", "fill_in", None, do=[opens_for_plan("application")]),
        Transition("plan", "see_form", None, do=[opens_for_plan("application")]),
        Transition("plan", "notice", "notice"),
        Transition("plan", "projects", "projects"),
        Transition("plan", "remind", None, do=[set_reminder]),
        Transition("plan", "reminder", "reminder"),
        Transition("plan", "back", "list", do=[_leave_plan]),
        Transition(["plan", "projects"], RESUMED, None),
        Transition("notice", "download", None, do=[_send_notice]),
        Transition("notice", "page", None, do=[turns_page_of("notice_page")]),
        Transition("notice", "back", "plan"),
        Transition("projects", "project", None, do=[_open_project]),
        Transition("projects", "find", "search", do=[find_in_plan]),
        Transition("projects", "page", None, do=[turns_page_of("projects_page")]),
        Transition("projects", "back", "plan"),
        Transition("reminder", "drop", "plan", do=[drop_reminder]),
        Transition("reminder", "back", "plan"),
        *SEARCH_TRANSITIONS,
    ],
    background={"reminder": note_reminder},
)
