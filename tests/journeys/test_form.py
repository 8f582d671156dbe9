"""Filling in: one question a screen, saved after each, left and taken up at will, carried over to the next plan."""

from __future__ import annotations

import re

import pytest

from flows.applicant.application import FORM
from flows.engine.fields import Photos
from flows.model import Plan
from tests.journeys.identities import EMPLOYER
from tests.journeys.route import answer, fill_in
from tests.journeys.town import Town
from tests.journeys.walking import Walker

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOTAL = len(FORM.questions)


def ask(question: str) -> str:
    return f"application/ask_{question}"


async def at(town: Town, question: str, plan: Plan | None = None) -> Walker:
    """Before that question of section 工作与收入; those before it are answered."""
    walker = await town.filling_in(town.newcomer(), plan or await town.plan())
    await walker.taps("section", "work", to=ask("employer"))
    answers = {
        "employer": EMPLOYER,
        "employer_district": "海淀",
        "contract_start": "2024-01-01",
        "contract_end": "2027-12-31",
        "insured_months": "60",
        "yearly_income": "85000",
    }
    for key, typed in answers.items():
        if key == question:
            break
        await walker.says(typed)
    assert walker.place == ask(question)
    return walker


async def answered(town: Town, walker: Walker, plan: Plan) -> dict[str, str]:
    return (await town.application(walker, plan)).answers


async def test_an_applicant_sees_a_task_list_with_marks_and_what_is_saved(town: Town) -> None:
    plan = await town.plan()
    walker = await town.filling_in(town.newcomer(), plan)
    assert walker.text.startswith(f"填报信息 · {plan.name}\n")
    assert walker.text.endswith(f"已自动保存 · 0/{TOTAL}")
    assert walker.labels[:2] == [["○ 基本信息 *"], ["○ 工作与收入 *"]]
    assert walker.labels[-2:] == [["检查并提交"], ["返回"]]
    await walker.taps("section", "basics", to=ask("marital"))
    assert walker.labels == [["未婚", "已婚"], ["离异", "丧偶"], ["上一题", "目录"]]
    await walker.taps("choose", "married", to=ask("hukou"))
    assert walker.text.endswith(f"已自动保存 · 1/{TOTAL}")
    await walker.taps("contents", to="application/overview")
    assert walker.labels[0] == ["1/3 基本信息 *"]
    await walker.taps("section", "basics", to=ask("hukou"))  # where the next open question is
    await walker.says("北京城镇", to=ask("education"))
    assert walker.labels[-1] == ["上一题", "跳过", "目录"]
    await walker.taps("skip", to="application/overview")
    assert walker.labels[0] == ["✓ 基本信息 *"]


@pytest.mark.parametrize(
    ("question", "typed", "stored"),
    [
        ("employer_district", "海淀区", "haidian"),
        ("employer_district", "海淀", "haidian"),
        ("contract_start", "20240301", "2024-03-01"),
        ("contract_start", "２０２４．３．１", "2024-03-01"),
        ("contract_start", "2024年3月1号", "2024-03-01"),
        ("contract_start", "2024/03/01", "2024-03-01"),
        ("insured_months", "６０个月", "60"),
        ("insured_months", "٦٠", "60"),
        ("yearly_income", "8.5万", "8500000"),
        ("yearly_income", "¥85,000.50元", "8500050"),
        ("yearly_income", "８５０００", "8500000"),
    ],
)
async def test_an_applicant_answering_in_their_own_spelling_is_understood(
    town: Town, question: str, typed: str, stored: str
) -> None:
    plan = await town.plan()
    walker = await at(town, question, plan)
    await walker.says(typed)
    assert walker.place != ask(question), walker.player.describe()
    assert (await answered(town, walker, plan))[question] == stored


@pytest.mark.parametrize(
    ("question", "typed", "said"),
    [
        ("employer_district", "天津", "「单位所在区」没有这个选项"),
        ("employer_district", "区", "「单位所在区」没有这个选项"),
        ("contract_start", "去年", "「劳动合同开始日期」需要一个日期"),
        ("contract_start", "2024-02-30", "日历上没有这一天"),
        ("contract_start", "3月1日", "请写全年、月、日，例如：2024年3月1日"),
        ("contract_end", "2023-12-31", "「劳动合同结束日期」不能早于开始日期"),
        ("insured_months", "601", "「社保缴纳月数」不能大于 600"),
        ("insured_months", "六十", "请只写数字，例如：24"),
        ("insured_months", "6.5", "请只写数字，例如：24"),
        ("yearly_income", "很少", "「年收入」需要一个金额，单位是元"),
        ("yearly_income", "999999999999", "「年收入」不能超过"),
        ("yearly_income", "8.55555", "「年收入」需要一个金额"),
    ],
)
async def test_an_applicant_answering_wrongly_is_told_what_is_wrong_above_the_question(
    town: Town, question: str, typed: str, said: str
) -> None:
    plan = await town.plan()
    walker = await at(town, question, plan)
    await walker.says(typed, to=ask(question))
    error, _, rest = walker.text.partition("\n\n")
    assert error.startswith("⚠️ ")
    assert said in error
    assert rest.startswith("工作与收入（")
    assert question not in await answered(town, walker, plan)


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        ("insured_months", "-5"),
        ("insured_months", "5-6"),
        ("insured_months", "2年"),
        ("yearly_income", "-1"),
        ("yearly_income", "8-9万"),
    ],
)
async def test_an_applicant_whose_number_can_be_read_in_two_ways_is_asked_again(
    town: Town, question: str, typed: str
) -> None:
    walker = await at(town, question)
    await walker.says(typed, to=ask(question))


async def test_an_applicant_who_lacks_only_what_is_optional_sees_one_main_button(town: Town) -> None:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await walker.taps("section", "basics", to=ask("marital"))
    await walker.taps("choose", "single", to=ask("hukou"))
    await walker.taps("choose", "elsewhere", to=ask("education"))
    await walker.taps("contents", to="application/overview")
    for section in FORM.sections[1:]:
        await walker.taps("section", section.key)
        while walker.place.startswith("application/ask_"):
            await answer(walker)
    rows = walker.screen["reply_markup"]["inline_keyboard"]
    assert [button["text"] for row in rows for button in row if "style" in button] == ["检查并提交"]


async def test_an_applicant_leaving_in_any_way_finds_every_answer_again(town: Town) -> None:
    plan = await town.plan()
    walker = await at(town, "contract_start", plan)
    await walker.says("/cancel", to="plans/plan")
    assert walker.text.startswith("ℹ️ 已退出当前操作，已填写的内容都在。")
    await walker.taps("fill_in", to="application/overview")
    assert walker.text.endswith(f"已自动保存 · 2/{TOTAL}")
    await walker.taps("section", "work", to=ask("contract_start"))
    await walker.says("/start", to="home/menu")
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert "您的填报：填写中，尚未提交" in walker.text
    await walker.taps("fill_in", to="application/overview")
    await walker.taps("section", "work", to=ask("contract_start"))
    await walker.says("/help", to="help/contact")
    await walker.taps("back", to=ask("contract_start"))
    await walker.says("2024-01-01", to=ask("contract_end"))


async def test_an_applicant_going_back_sees_the_answer_and_may_keep_it(town: Town) -> None:
    walker = await at(town, "contract_start")
    await walker.taps("previous", to=ask("employer_district"))
    assert "已填写：海淀区" in walker.text
    assert ["✓ 海淀区"] in [[label for label in row if label.startswith("✓")] for row in walker.labels]
    await walker.taps("previous", to=ask("employer"))
    assert f"已填写：{EMPLOYER}" in walker.text
    assert walker.labels == [["下一题"], ["上一题", "目录"]]
    await walker.taps("next", to=ask("contract_start"))


async def test_an_applicant_passing_over_an_answered_question_keeps_the_answer(town: Town) -> None:
    plan = await town.plan()
    walker = await town.filling_in(town.newcomer(), plan)
    await walker.taps("section", "basics", to=ask("marital"))
    for option in ("single", "elsewhere", "bachelor"):
        await walker.taps("choose", option)
    await walker.taps("section", "basics", to="application/section")
    await walker.taps("question", "education", to=ask("education"))
    if any("跳过" in row for row in walker.labels):
        await walker.taps("skip")
    assert (await answered(town, walker, plan))["education"] == "bachelor"


async def test_an_applicant_changing_from_the_review_is_back_there_at_once(town: Town) -> None:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await fill_in(walker)
    await walker.taps("check_answers", to="application/review")
    assert walker.labels[0] == ["承诺并提交"]
    assert "本人承诺以上信息真实有效。" in walker.text
    await walker.taps("change", "work", to="application/section")
    await walker.taps("question", "yearly_income", to=ask("yearly_income"))
    await walker.says("九万", to=ask("yearly_income"))
    await walker.says("9万", to="application/review")
    assert "年收入：90,000 元" in walker.text


async def test_an_applicant_whose_change_contradicts_another_answer_is_led_to_that_one(town: Town) -> None:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await fill_in(walker)
    await walker.taps("check_answers", to="application/review")
    await walker.taps("change", "work", to="application/section")
    await walker.taps("question", "contract_start", to=ask("contract_start"))
    await walker.says("2030-01-01", to="application/missing")
    assert walker.labels == [["劳动合同结束日期"], ["目录"]]
    await walker.taps("question", "contract_end", to=ask("contract_end"))
    await walker.says("2031-01-01", to="application/review")


async def test_an_applicant_checking_too_early_is_told_all_that_is_missing_at_once(town: Town) -> None:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await walker.taps("check_answers", to="application/missing")
    required = [question for question in FORM.questions if question.required]
    assert len(re.findall(r"^• ", walker.text, re.MULTILINE)) == len(required)


async def test_an_applicant_checking_too_early_has_a_button_to_each(town: Town) -> None:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await walker.taps("check_answers", to="application/missing")
    required = [question for question in FORM.questions if question.required]
    assert len([label for row in walker.labels for label in row]) - 1 == len(required)


async def test_an_applicant_of_an_earlier_plan_is_offered_what_was_said_last_time(town: Town) -> None:
    first, second = await town.plan(), await town.plan()
    walker = await town.submitted(town.newcomer(), first)
    before = await answered(town, walker, first)
    await walker.says(f"/start plan_{second.code}", to="plans/plan")
    await walker.taps("fill_in", to="application/overview")
    for section in FORM.sections:
        await walker.taps("section", section.key)
        while walker.place.startswith("application/ask_"):
            question = FORM.question(walker.place.removeprefix("application/ask_"))
            if isinstance(question.kind, Photos):
                break
            if question.required:
                assert "上次填写：" in walker.text, walker.player.describe(1)
                assert ["沿用上次"] in walker.labels
                await walker.taps("keep")
            else:
                await walker.taps("skip")
        if walker.place != "application/overview":
            await walker.taps("contents", to="application/overview")
    assert await answered(town, walker, second) == before


async def test_an_applicant_changing_what_was_said_last_time_leaves_the_first_plan_alone(town: Town) -> None:
    first, second = await town.plan(), await town.plan()
    walker = await town.submitted(town.newcomer(), first)
    await walker.says(f"/start plan_{second.code}", to="plans/plan")
    await walker.taps("fill_in", to="application/overview")
    await walker.taps("section", "work", to=ask("employer"))
    await walker.says("另一家公司", to=ask("employer_district"))
    assert (await answered(town, walker, first))["employer"] == EMPLOYER
    await walker.says(f"/start plan_{first.code}", to="plans/plan")
    await walker.taps("see_form", to="application/form")
    assert f"工作单位：{EMPLOYER}" in walker.text


async def test_an_applicant_changing_after_submitting_still_shows_what_was_submitted_until_then(town: Town) -> None:
    walker = await town.submitted(town.newcomer(), await town.plan())
    assert walker.labels[1] == ["查看填报信息"]
    await walker.taps("see_form", to="application/form")
    assert walker.labels == [["修改"], ["返回"]]
    await walker.taps("edit", to="application/overview")
    await walker.taps("check_answers", to="application/review")
    await walker.taps("submit", to="application/form")
    assert walker.text.startswith("ℹ️ 填报信息没有改动，无需重新提交。")
    await walker.taps("edit", to="application/overview")
    await walker.taps("section", "work", to="application/section")
    await walker.taps("question", "employer", to=ask("employer"))
    await walker.says("改名后的公司")
    await walker.says("/cancel", to="plans/plan")
    await walker.taps("see_form", to="application/form")
    assert f"工作单位：{EMPLOYER}" in walker.text
    assert "之后有改动还没有提交" in walker.text
    await walker.taps("edit", to="application/overview")
    await walker.taps("check_answers", to="application/review")
    await walker.taps("submit", to="application/submitted")
    await walker.taps("see_form", to="application/form")
    assert "工作单位：改名后的公司" in walker.text


async def test_an_applicant_who_is_registered_cannot_change_the_form(town: Town) -> None:
    plan = await town.plan()
    walker = await town.registered(town.newcomer(), plan)
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    await walker.taps("see_form", to="application/form")
    assert "如需修改，请先取消登记" in walker.text
    assert walker.labels == [["取消登记"], ["返回"]]
    await walker.says(EMPLOYER, to="application/form")
