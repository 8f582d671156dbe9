"""The PDF record: what stands in it can be read, seen and searched, and nothing is lost."""

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from fpdf.fonts import SubsetMap
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs import fonts, record_pdf, typesetting
from bot.jobs.glyphs import Face
from bot.jobs.record_form import ProgressStep, RecordDocument, Section, Table, compose
from bot.jobs.record_pdf import GlyphsMissingError, make_record
from bot.jobs.sheets import PAGE_HEIGHT, PAGE_WIDTH, Box, Text
from bot.jobs.typesetting import NOT_FIRST, NOT_LAST, Typecase, typecase
from tests.bot.pdf_reader import page_texts, pictures, properties, squeezed, undrawn, whole_text
from tests.bot.record_samples import RECORD, with_answers
from tests.bot.small_fonts import composite_font

RARE = "㛃䶮𬱖𨭎㙍囧"
NOWHERE = "\U0002fa1f"  # not assigned, so that no font has it


def words(value: Any) -> list[str]:
    """Every string of a document, except those that are not printed as they are."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [word for item in value for word in words(item)]
    if is_dataclass(value) and not isinstance(value, type):
        skipped = {"language", "page_label", "qr"}
        return [
            word for field in fields(value) if field.name not in skipped for word in words(getattr(value, field.name))
        ]
    return []


def lines_of(document: RecordDocument) -> list[list[str]]:
    pages = compose(document, typecase())
    return [[mark.text for mark in page if isinstance(mark, Text)] for page in pages]


def test_applicant_opens_record_and_finds_every_word() -> None:
    record = make_record(RECORD)
    text = squeezed("".join(line for page in page_texts(record.data) for line in page.split("\n")))
    for word in words(RECORD):
        assert squeezed(word) in text
    assert record.missing == ()
    assert record.pages == len(page_texts(record.data))
    assert record.data.startswith(b"%PDF-1.7")


def test_applicant_sees_every_character_drawn() -> None:
    record = make_record(with_answers(("姓名", RARE), ("备注", "Zoë Müller, Đặng 《安居》〔2026〕3号 ✓ ○ ● ㎡ € ½")))
    assert undrawn(record.data) == []
    assert undrawn(make_record(RECORD).data) == []


def test_applicant_with_rare_name_finds_it_also_in_bold() -> None:
    document = replace(with_answers(("姓名", RARE)), headline=f"{RARE}的记录", number=RARE)
    record = make_record(document)
    assert record.missing == ()
    assert whole_text(record.data).count(RARE) >= 4
    assert undrawn(record.data) == []


def test_character_that_no_font_has_is_printed_as_its_code_point() -> None:
    record = make_record(replace(with_answers(("姓名", f"王{NOWHERE}")), headline=f"记录{NOWHERE}"))
    assert record.missing == ("U+2FA1F",)
    assert "王〔U+2FA1F〕" in whole_text(record.data)
    assert properties(record.data)["title"].startswith("记录〔U+2FA1F〕")


def test_installed_font_of_rare_characters_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "_typecase", Typecase)  # opens the fonts anew
    monkeypatch.setattr(fonts, "_RARE", (tmp_path / "rare.ttf",))
    assert make_record(with_answers(("姓名", "王\U00020000"))).missing == ("U+20000",)
    composite_font(tmp_path / "rare.ttf", long=True)
    record = make_record(with_answers(("姓名", "王\U00020000")))
    assert record.missing == ()
    assert "姓名王\U00020000" in whole_text(record.data)
    assert undrawn(record.data) == []


@pytest.mark.parametrize(
    ("typed", "printed", "missing"),
    [
        ("王\ud800明", "王〔U+D800〕明", ("U+D800",)),
        ("王\x00\x07明", "王〔U+0000〕〔U+0007〕明", ("U+0000", "U+0007")),
        ("\u202e王\u200b\ufeff明\ufe0f", "王明", ()),
        ("محمد", "〔U+0645〕〔U+062D〕〔U+0645〕〔U+062F〕", ("U+062D", "U+062F", "U+0645")),
        ("家👨‍👩‍👧", "家〔U+1F468〕〔U+1F469〕〔U+1F467〕", ("U+1F467", "U+1F468", "U+1F469")),
        ("Zoe\u0308 e\u0330", "Zoë e〔U+0330〕", ("U+0330",)),
        ("\ue863", "〔U+E863〕", ("U+E863",)),
        ("一\r\n二\u2028三\t四", "一\n二\n三 四", ()),
        ("", "—", ()),
    ],
)
def test_strange_text_is_printed_one_way_or_the_other(typed: str, printed: str, missing: tuple[str, ...]) -> None:
    record = make_record(with_answers(("备注", typed)))
    assert f"备注{squeezed(printed)}" in whole_text(record.data)
    assert record.missing == missing


@pytest.mark.parametrize(
    "typed",
    [
        "<b>王</b>",
        "&amp;&lt;",
        "{{ 7*7 }}",
        "{% raw %}",
        "**王**",
        "__init__",
        "--x--",
        "~~x~~",
        "[a](http://b)",
        "{nb}",
        "(\\)",
    ],
)
def test_markup_is_printed_as_typed(typed: str) -> None:
    record = make_record(replace(with_answers(("备注", typed)), headline=typed, number=typed))
    text = whole_text(record.data)
    assert f"备注{squeezed(typed)}" in text
    assert text.startswith(squeezed(typed))
    assert undrawn(record.data) == []


def test_long_answer_breaks_by_the_rules_and_keeps_numbers_whole() -> None:
    address = "北京市海淀区清河街道安宁庄东路18号院（物业电话：13812348000，另：010-62345678），“安居”小区；" * 12
    document = with_answers(("现住址", address))
    (printed,) = [lines for lines in lines_of(document) if any("安宁庄" in line for line in lines)]
    lines = [line for line in printed if line in address and len(line) > 11]
    assert sum(line.count("13812348000") for line in lines) == 12
    assert sum(line.count("010-62345678") for line in lines) == 12
    assert not [line for line in lines if line[0] in NOT_FIRST or line[-1] in NOT_LAST]
    assert squeezed(address) in whole_text(make_record(document).data)


def test_answer_longer_than_a_page_goes_on() -> None:
    answer = "".join(f"第{number}句，说明情况。" for number in range(600)) + "A" * 500
    document = with_answers(("说明", answer), ("下一项", "答"))
    pages = lines_of(document)
    assert len(pages) > 2
    lines = [line for page in pages for line in page]
    printed = lines[lines.index("说明") + 1 : lines.index("下一项")]
    edges = {"配租登记记录", RECORD.number, *RECORD.footer.split("\n")}
    assert "".join(line for line in printed if line not in edges and not line.endswith(" 页")) == answer
    assert whole_text(make_record(document).data).count("A") == 500


def test_long_record_repeats_head_rows_and_footer_on_every_page() -> None:
    household = Table(
        title="家庭成员",
        head=("姓名", "关系", "证件号码"),
        rows=tuple((f"成员{number}号", "亲属", "110101198912121234") for number in range(70)),
    )
    pages = lines_of(replace(RECORD, tables=(household,)))
    assert len(pages) > 2
    for index, lines in enumerate(pages):
        assert f"第 {index + 1} 页 / 共 {len(pages)} 页" in lines
        assert "安居 · 北京市公共租赁住房配租服务" in lines
        assert RECORD.number in lines
        if any(line.startswith("成员") for line in lines):
            first = next(index for index, line in enumerate(lines) if line.startswith("成员"))
            assert lines[first - 3 : first] == ["姓名", "关系", "证件号码"]
    texts = page_texts(make_record(replace(RECORD, tables=(household,))).data)
    assert all("check_7KQ4XM2P" in text for text in texts)


def test_wide_table_cuts_no_number() -> None:
    head = ("姓名", "关系", "证件类型", "证件号码", "出生日期", "工作单位", "年收入")
    row = (
        "买买提·吐尔逊江",
        "配偶",
        "居民身份证",
        "650101198912121234",
        "1989年12月12日",
        "北京某某公司" * 6,
        "96,000 元",
    )
    household = Table(title="家庭成员", head=head, rows=(row,))
    lines = [line for page in lines_of(replace(RECORD, tables=(household,))) for line in page]
    assert "650101198912121234" in lines


@pytest.mark.parametrize("count", range(0, 40, 3))
def test_heading_never_stays_behind_alone(count: int) -> None:
    filler = Section(title="甲", rows=tuple((f"标签{number}", "很长的答案" * 8) for number in range(count)))
    following = Section(title="乙", rows=(("丙", "答案"), ("丁", "较长的答案" * 8)))
    for lines in lines_of(replace(RECORD, sections=(filler, following), tables=())):
        if any(line.endswith("、乙") for line in lines):
            assert "丙" in lines


def test_nothing_is_set_outside_its_page_or_into_the_footer() -> None:
    answers = tuple((f"标签{number}" * (number % 4 + 1), "答案，" * (number * 7 % 90)) for number in range(60))
    document = replace(with_answers(*answers), qr=("101", "010", "111"))
    for page in compose(document, typecase()):
        rules = [mark.y for mark in page if isinstance(mark, Box) and mark.fill == 90 and mark.y > 200]
        for mark in page:
            if isinstance(mark, Box):
                assert mark.x >= 0
                assert mark.x + mark.width <= PAGE_WIDTH - 19.9
                assert mark.y + mark.height <= PAGE_HEIGHT
            else:
                width = typecase().width(mark.text, bold=mark.bold) * mark.size * 25.4 / 72
                assert mark.x >= 19.9
                assert mark.x + width <= PAGE_WIDTH - 19.9
                assert mark.grey == 90 or mark.y < rules[0]


def test_same_document_gives_same_bytes() -> None:
    assert make_record(RECORD).data == make_record(RECORD).data
    later = make_record(replace(RECORD, issued_at=RECORD.issued_at + 1000))
    assert later.data != make_record(RECORD).data


def test_properties_say_what_it_is() -> None:
    chinese = make_record(RECORD).data
    assert properties(chinese) == {
        "part": "2",
        "conformance": "U",
        "title": "配租登记记录 HD2603-7KQ4-XM2P",
        "language": "zh-CN",
        "CreatorTool": "安居",
        "Producer": "安居",
        "CreateDate": "2026-11-24T01:00:00+00:00",
        "ModifyDate": "2026-11-24T01:00:00+00:00",
        "MetadataDate": "2026-11-24T01:00:00+00:00",
    }
    assert b"/Lang (zh-CN)" in chinese
    english = make_record(replace(RECORD, language="en", headline="Tom & <Jerry>")).data
    assert b"/Lang (en)" in english
    assert properties(english)["title"].startswith("Tom & <Jerry> HD")


def test_english_record_is_numbered_and_set_in_english() -> None:
    lines = [line for page in lines_of(replace(RECORD, language="en")) for line in page]
    assert "1. 登记信息" in lines
    assert "一、登记信息" in [line for page in lines_of(RECORD) for line in page]


def test_qr_code_is_drawn_module_by_module() -> None:
    rows = ("1110", "1010", "0001", "1111")
    page = compose(replace(RECORD, qr=rows), typecase())[0]
    bars = [mark for mark in page if isinstance(mark, Box) and mark.fill == 0 and mark.x > 100]
    side = 24 / 4
    left, top = PAGE_WIDTH - 20 - 24, min(bar.y for bar in bars)
    drawn = [["0"] * 4 for _ in rows]
    for bar in bars:
        for step in range(round(bar.width / side)):
            drawn[round((bar.y - top) / side)][round((bar.x - left) / side) + step] = "1"
    assert tuple("".join(row) for row in drawn) == rows


def test_record_with_nothing_in_it_is_still_a_record() -> None:
    document = replace(
        RECORD, subtitle="", facts=(), progress=(), sections=(Section(title="空", rows=()),), tables=(), documents=(),
        declaration="", check="", footer="", headline="", number="",
    )  # fmt: skip
    assert make_record(document).pages == 1


def test_many_steps_and_sections_find_room() -> None:
    steps = tuple(ProgressStep(label=f"第{number}步", done=number < 8, when="2026年11月24日") for number in range(14))
    sections = tuple(Section(title=f"部分{number}", rows=(("甲", "乙"),)) for number in range(25))
    text = whole_text(make_record(replace(RECORD, progress=steps, sections=sections)).data)
    assert all(f"第{number}步" in text for number in range(14))
    assert "十九、部分16" in text
    assert "20、部分17" in text


# PDFium takes a hyphen at the end of a line for one of hyphenation and reports it as something else.
@settings(max_examples=10, deadline=None)
@given(st.text(st.characters(exclude_characters="-\xad\u2010"), max_size=60))
def test_any_text_makes_a_record(typed: str) -> None:
    record = make_record(with_answers(("备注", typed)))
    printed, missing = typecase().printable(typed)
    assert set(record.missing) == missing
    assert squeezed(printed) in whole_text(record.data)


def test_cut_fonts_and_whole_fonts_give_the_same_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract of fpdf2 that cutting beforehand rests on."""

    def add_whole(pdf: FPDF, face: Face, characters: set[str], folder: Path) -> None:
        family = f"{face.font.path.stem.lower()}-{face.font.number}"
        pdf.add_font(family, fname=face.font.path, collection_font_number=face.font.number)

    document = with_answers(("姓名", RARE), ("备注", "Zoë Müller 《安居》〔2026〕3号 ✓"))
    quick = make_record(document).data
    monkeypatch.setattr(record_pdf, "add_face", add_whole)
    whole = make_record(document).data
    assert page_texts(quick) == page_texts(whole)
    assert [picture.tobytes() for picture in pictures(quick)] == [picture.tobytes() for picture in pictures(whole)]


def test_font_that_lacks_what_it_promised_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    whole_cut = Face.cut
    monkeypatch.setattr(Face, "cut", lambda face, characters: whole_cut(face, set(characters) - {"小"}))
    with pytest.raises(GlyphsMissingError, match=r"^U\+5C0F$"):
        make_record(RECORD)


def test_failed_record_leaves_nothing_in_the_caches_of_fpdf2(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(pdf: FPDF) -> bytes:
        raise RuntimeError("no more")

    monkeypatch.setattr(FPDF, "output", fail)
    with pytest.raises(RuntimeError, match="no more"):
        make_record(RECORD)
    assert SubsetMap.pick.cache_info().currsize == 0
    assert SubsetMap.get_glyph.cache_info().currsize == 0
