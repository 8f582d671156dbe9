"""Charts: what a director sees on a phone, whatever the numbers are."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image, ImageColor

from bot.jobs import chart_canvas, chart_time
from bot.jobs.chart_bars import percentage, ranked
from bot.jobs.chart_canvas import Canvas, fitting, measure, printable
from bot.jobs.charts import (
    Breakdown,
    Funnel,
    Heading,
    Part,
    TimeSeries,
    breakdown_chart,
    funnel_chart,
    registrations_chart,
)
from bot.jobs.worker import Worker
from flows.model import BEIJING, DAY, HOUR, MINUTE

MIDNIGHT = 1_795_482_000_000 // DAY * DAY - BEIJING  # in Beijing, of 24 November 2026
LARGEST = 60_000  # bytes
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PAPER = (255, 255, 255)

HEADING = Heading(
    title="登记情况",
    subtitle="海淀区2026年第三批保障性租赁住房",
    note="截至 2026年11月24日 15:20（北京时间）",
    empty="还没有人登记",
)
SERIES = TimeSeries(
    heading=HEADING,
    total_label="累计登记（户）",
    period_label="每小时登记（户）",
    starts_at=MIDNIGHT + 9 * HOUR,
    until=MIDNIGHT + 15 * HOUR + 20 * MINUTE,
    step=HOUR,
    counts=(210, 95, 60, 31, 44, 58, 12),
    day="{month}月{day}日",
)
FUNNEL = Funnel(
    heading=HEADING,
    steps=(("打开", 1400), ("验证手机号", 1100), ("实名", 1020), ("填报", 640), ("登记", 510)),
    share="占上一步 {share}",
    overall="从打开到登记：{share}",
)
BREAKDOWN = Breakdown(
    heading=HEADING,
    parts=(
        Part(name="清河家园", registered=312, homes=120),
        Part(name="永丰嘉园", registered=1_204, homes=300),
        Part(name="甘家口", registered=40),
    ),
    registered_label="登记（户）",
    homes_label="房源（套）",
    ratio_label="户/套",
    others="其他 {count} 个项目",
)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is set, in order; nothing is drawn. Fails where one runs out of the picture or over another."""
    texts: list[str] = []
    areas: dict[Canvas, list[tuple[float, float, float, float]]] = {}

    def record(
        canvas: Canvas, x: float, y: float, text: str, size: int, colour: str = "#000000", *, bold: bool = False,
        align: chart_canvas.Align = "left",
    ) -> None:  # fmt: skip
        width = measure(text, size, bold=bold)
        left = x - {"left": 0.0, "center": width / 2, "right": width}[align]
        assert left >= 8, text
        assert left + width <= chart_canvas.WIDTH - 8, text
        assert size <= y <= canvas.height - 8, text
        assert size >= 28, text
        texts.append(text)
        top, bottom = y - size * 0.76, y + size * 0.1
        for other in areas.setdefault(canvas, []):
            beside = left >= other[2] or left + width <= other[0] or top >= other[3] or bottom <= other[1]
            assert beside or not text, text
        areas[canvas].append((left, top, left + width, bottom))

    monkeypatch.setattr(Canvas, "text", record)
    monkeypatch.setattr(Canvas, "png", lambda _canvas: b"")
    return texts


def opened(data: bytes) -> Image.Image:
    assert len(data) < LARGEST
    picture = Image.open(BytesIO(data))
    assert picture.format == "PNG"
    assert picture.width == 1024
    assert picture.height <= 1280
    return picture.convert("RGB")


def test_pictures_are_light_and_of_one_width() -> None:
    for data in (registrations_chart(SERIES), funnel_chart(FUNNEL), breakdown_chart(BREAKDOWN)):
        picture = opened(data)
        assert picture.getpixel((2, 2)) == PAPER
        colours = {colour for _, colour in picture.getcolors(100) or []}
        assert {ImageColor.getrgb(chart_canvas.BLUE), ImageColor.getrgb(chart_canvas.INK)} <= colours
    assert picture.height < 900  # three rows need no whole sheet


def test_words_stand_above_what_was_drawn_before() -> None:
    canvas = Canvas(400)
    canvas.box(0, 0, 1024, 400, chart_canvas.BLUE)
    canvas.text(100, 200, "空", 100, chart_canvas.PAPER)
    canvas.line([(0, 300), (1024, 300)], chart_canvas.AMBER, 8)
    canvas.box(500, 250, 100, 100, chart_canvas.INK)
    picture = opened(canvas.png())
    colours = [picture.getpixel(place) for place in ((20, 20), (20, 300), (550, 300))]
    shown = (chart_canvas.BLUE, chart_canvas.AMBER, chart_canvas.INK)
    assert colours == [ImageColor.getrgb(colour) for colour in shown]
    assert picture.crop((100, 100, 200, 220)).convert("L").getextrema()[1] == 255


def test_director_sees_sum_peak_times_and_scale(written: list[str]) -> None:
    registrations_chart(SERIES)
    assert {"登记情况", "累计登记（户）", "510", "每小时登记（户）"} <= set(written)
    assert {"210", "95", "60", "31", "44", "58", "12"} <= set(written)  # few enough for all to have their number
    assert [text for text in written if ":" in text and "截至" not in text] == ["16:00", "14:00", "12:00", "10:00"]
    assert written.count("11月24日") == 1
    assert written.count("0") == 2  # both axes begin at zero
    assert written[1:4] == [
        "海淀区2026年第三批保障性租赁住房",
        "截至 2026年11月24日 15:20（北京时间）",
        "累计登记（户）",
    ]


def test_line_ends_at_the_moment_of_counting_and_begins_with_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[list[tuple[float, float]]] = []

    def record(canvas: Canvas, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        if colour == chart_canvas.BLUE:
            lines.append(list(points))

    monkeypatch.setattr(Canvas, "line", record)
    registrations_chart(replace(SERIES, before=1000, counts=(0, 0, 500, 0, 0, 0, 0)))
    (points,) = lines
    steps = [after[0] - before[0] for before, after in pairwise(points)]
    assert steps[-1] == pytest.approx(steps[0] / 3)
    assert points[0][1] == points[1][1] > points[3][1] == points[-1][1]


@pytest.mark.parametrize(
    ("hours", "labels"),
    [
        (1, ["09:00", "10:00"]),
        (5, ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00"]),
        (30, ["12:00", "18:00", "00:00", "06:00", "12:00"]),
        (24 * 5, ["11/25", "11/26", "11/27", "11/28", "11/29"]),
    ],
)
def test_hours_are_those_of_beijing_and_few(hours: int, labels: list[str], written: list[str]) -> None:
    until = SERIES.starts_at + hours * HOUR
    registrations_chart(replace(SERIES, counts=(7,) * hours, until=until, day="{month}/{day}"))
    days = [text for text in reversed(written) if "/" in text]
    times = [text for text in reversed(written) if ":" in text and "截至" not in text]
    assert (times or days) == labels
    assert days[0] == ("11/24" if times else "11/25")


@pytest.mark.parametrize("start", [0, 23])
@pytest.mark.parametrize("hours", [4, 49, 75])
def test_names_of_days_never_run_into_each_other(start: int, hours: int, written: list[str]) -> None:
    first = MIDNIGHT + start * HOUR
    counts = (1,) * hours
    data = replace(SERIES, starts_at=first, until=first + hours * HOUR, counts=counts, day="{day} November, Tuesday")
    chart_time.draw(data)
    assert any("November" in text for text in written)


@pytest.mark.parametrize(("days", "shown"), [(1, 1), (7, 7), (14, 7), (60, 7)])
def test_every_so_many_days_are_named(days: int, shown: int, written: list[str]) -> None:
    data = replace(
        SERIES,
        starts_at=MIDNIGHT,
        until=MIDNIGHT + days * DAY,
        step=DAY,
        counts=tuple(range(1, days + 1)),
        day="{month} {day}",
        months=MONTHS,
    )
    registrations_chart(data)
    named = [text for text in written if text.startswith(("Nov ", "Dec ", "Jan "))]
    assert named[-1] == "Nov 24"
    assert len(named) == shown


@pytest.mark.parametrize(
    ("largest", "most", "scale"),
    [(0, 3, [0, 1]), (1, 5, [0, 1]), (3, 3, [0, 1, 2, 3]), (7, 3, [0, 5, 10]), (510, 5, [0, 200, 400, 600])],
)
def test_axis_begins_at_zero_and_has_whole_numbers(largest: int, most: int, scale: list[int]) -> None:
    assert chart_time._scale(largest, most=most) == scale


@pytest.mark.parametrize("largest", [1, 2, 9, 10, 11, 99, 1_234, 999_999, 1_000_001, 123_456_789])
def test_axis_holds_the_largest_number(largest: int) -> None:
    scale = chart_time._scale(largest, most=5)
    assert scale[-2] < largest <= scale[-1]
    assert len(scale) <= 6


def test_director_sees_how_many_went_on(written: list[str]) -> None:
    funnel_chart(FUNNEL)
    assert [text for text in written if text.startswith("占")] == [
        "占上一步 78.6%",
        "占上一步 92.7%",
        "占上一步 62.7%",
        "占上一步 79.7%",
    ]
    assert {"1,400", "1,100", "1,020", "640", "510", "从打开到登记：36.4%"} <= set(written)


def test_bars_of_the_funnel_are_as_long_as_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    widths: list[float] = []

    def record(canvas: Canvas, x: float, y: float, width: float, height: float, fill: str, edge: str = "") -> None:
        if fill == chart_canvas.BLUE:
            widths.append(width)

    monkeypatch.setattr(Canvas, "box", record)
    funnel_chart(FUNNEL)
    assert [round(width / widths[0], 6) for width in widths] == [round(count / 1400, 6) for _, count in FUNNEL.steps]


def test_share_of_nobody_is_left_out(written: list[str]) -> None:
    funnel_chart(replace(FUNNEL, steps=(("打开", 3), ("实名", 0), ("登记", 0))))
    assert [text for text in written if text.startswith("占")] == ["占上一步 0%"]


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 9, "0%"), (9, 9, "100%"), (1, 99_999, "0.1%"), (99_998, 99_999, "99.9%"), (1, 3, "33.3%"), (4, 2, "200%")],
)
def test_percentage_is_all_or_nothing_only_when_it_is(part: int, whole: int, said: str) -> None:
    assert percentage(part, whole) == said


def test_director_sees_registrations_beside_homes(written: list[str]) -> None:
    breakdown_chart(BREAKDOWN)
    start = written.index("永丰嘉园")
    assert written[start : start + 4] == ["永丰嘉园", "1,204", "300", "4.0"]
    assert written[start + 8 :] == ["甘家口", "40", "—", "—"]


def test_many_projects_are_summed_up(written: list[str]) -> None:
    parts = tuple(Part(name=f"项目{number}", registered=number, homes=10) for number in range(20))
    breakdown_chart(replace(BREAKDOWN, parts=parts))
    assert [text for text in written if text.startswith("项目")] == [f"项目{number}" for number in range(19, 7, -1)]
    start = written.index("其他 8 个项目")
    assert written[start + 1 :] == ["28", "80", "0.3"]


def test_rest_of_unknown_homes_has_unknown_homes() -> None:
    parts = [Part(name=str(number), registered=50 - number, homes=number) for number in range(13)]
    assert ranked(parts, "{count}")[-1] == Part(name="1", registered=38, homes=12)
    assert ranked([*parts, Part(name="x", registered=1)], "{count}")[-1] == Part(name="2", registered=39, homes=0)


def test_long_names_lose_their_middle_and_stay_different(written: list[str]) -> None:
    names = [f"安宁庄东路18号院公共租赁住房项目{number}期" for number in "一二"]
    parts = tuple(Part(name=name, registered=1, homes=1) for name in names)
    breakdown_chart(replace(BREAKDOWN, parts=parts))
    shown = [text for text in written if text.startswith("安宁庄")]
    assert [text[-2:] for text in shown] == ["一期", "二期"]
    assert all("…" in text and "18号" in text for text in shown)


@pytest.mark.parametrize("width", [0, 20, 90, 150, 400])
@pytest.mark.parametrize(
    "text", ["", "清河", "清河家园公共租赁住房", "W" * 60, "Talent Apartments of Zhongguancun Park"]
)
def test_text_is_cut_to_its_room(text: str, width: int) -> None:
    cut = fitting(text, width, 30)
    assert measure(cut, 30) <= max(width, measure("…", 30))
    assert cut == text or "…" in cut


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("王𨭎\U0002fa1f", "王〔U+28B4E〕〔U+2FA1F〕"),  # the first one is in a wider font, which charts do not use
        ("a\x00b", "a〔U+0000〕b"),
        (" 一\n二 ", "一 二"),
        ("😀", "〔U+1F600〕"),
        ("$x^2$ \\alpha", "$x^2$ \\alpha"),
    ],
)
def test_character_without_glyph_is_printed_as_its_code_point(text: str, shown: str, written: list[str]) -> None:
    assert printable(text) == shown
    funnel_chart(replace(FUNNEL, heading=Heading(title=text)))
    assert written[0] == shown


def test_no_character_becomes_an_empty_box() -> None:
    words = "王𨭎\U0002fa1f😀\x00\x07\ue863"
    canvas = Canvas(400)
    canvas.heading(Heading(title=words, subtitle=words, note=words))
    opened(canvas.png())  # matplotlib would warn, and a warning is an error here


@pytest.mark.parametrize("empty", ["还没有人登记", "", "x" * 500])
def test_where_nobody_is_the_picture_says_so(empty: str, written: list[str]) -> None:
    heading = replace(HEADING, empty=empty)
    registrations_chart(replace(SERIES, heading=heading, counts=(), until=0))
    funnel_chart(replace(FUNNEL, heading=heading, steps=()))
    breakdown_chart(replace(BREAKDOWN, heading=heading, parts=(Part(name="空", registered=0, homes=9),)))
    assert written.count("登记情况") == 3
    assert written.count(empty) == (3 if empty == HEADING.empty else 0)
    assert "空" not in written


def test_hostile_words_stay_on_the_picture(written: list[str]) -> None:
    heading = Heading(title="长" * 90, subtitle="标题很长，" * 90, note="注" * 400, empty="空" * 400)
    registrations_chart(replace(SERIES, heading=heading, total_label="计" * 200, period_label="x" * 200))
    steps = tuple(("步" * 99, 10**number) for number in range(7))
    funnel_chart(replace(FUNNEL, heading=heading, steps=steps, share="占" * 99, overall="总" * 99))
    parts = tuple(Part(name="名" * 300, registered=10**9 + number, homes=10**9) for number in range(30))
    labels = {"registered_label": "登" * 50, "homes_label": "房" * 50, "ratio_label": "比" * 50, "others": "其" * 99}
    breakdown_chart(Breakdown(heading=heading, parts=parts, **labels))


def test_same_data_gives_same_bytes() -> None:
    assert registrations_chart(SERIES) == registrations_chart(replace(SERIES))
    assert breakdown_chart(BREAKDOWN) != breakdown_chart(replace(BREAKDOWN, ratio_label=""))


@pytest.mark.parametrize(
    "change", [{"step": 0}, {"before": -1}, {"counts": (1, -1)}, {"until": MIDNIGHT}, {"months": ("Jan",)}]
)
def test_contradicting_numbers_are_refused(change: dict[str, object]) -> None:
    values = {name: getattr(SERIES, name) for name in TimeSeries.__dataclass_fields__}
    with pytest.raises(ValueError):
        TimeSeries(**{**values, **change})


@pytest.mark.parametrize("steps", [(("步", 1),) * 8, (("步", -1),)])
def test_funnel_of_too_much_or_less_than_nothing_is_refused(steps: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(ValueError):
        replace(FUNNEL, steps=steps)


async def test_worker_draws_what_the_bot_asks_for() -> None:
    async with Worker() as worker:
        assert await worker.run(funnel_chart, FUNNEL) == funnel_chart(FUNNEL)
