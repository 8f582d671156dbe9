"""Makes workbooks as people make them: a good one with cells changed, or one whose inside has been meddled with."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

from bot.jobs.workbook import Field, FieldKind, Mistake, Package, read_package, read_workbook
from flows.model import Condition, Demand, Plan, Project, Relation, Rent, UnitType

Value = str | int | float | bool | date | datetime | None
Rows = list[list[Value]]
Book = dict[str, Rows]

# The beginnings of files: nobody decodes them here.
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + b"\xff\xc0\0\x11\x08\x03\x20\x04\xb0" + bytes(40)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\xb0\0\0\x03\x20" + bytes(40)
WEBP = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\n\0\0\0\0\xaf\x04\0\x1f\x03\0" + bytes(40)
PDF = b"%PDF-1.7\n" + bytes(40)

OPENS = 1_795_482_000_000  # 2026-11-24 09:00 in Beijing
CLOSES = 1_795_856_400_000  # 2026-11-28 17:00


def good() -> Book:
    """Two projects, two unit types, three rents."""
    return {
        "计划": [
            ["编号*", "名称*", "公告标题", "公告正文", "登记开始*", "登记截止*", "公布日期", "联系电话", "服务时间"],
            [
                "HD2603",
                "海淀区2026年第三批保租房",
                "配租公告",
                "第一段\n第二段",
                "2026-11-24 09:00",
                "2026-11-28 17:00",
                "2026-11-10",
                "010-0123-4567",
                "工作日 9:00–17:00",
            ],
        ],
        "项目": [
            ["编号*", "名称*", "区", "地址*", "纬度", "经度", "简介"],
            ["QH01", "清河家园", "海淀区", "安宁庄东路 18 号院", 40.0331, 116.3402, "近地铁"],
            ["YF02", "永丰嘉苑", None, "永丰路", None, None, None],
        ],
        "户型": [
            ["项目编号*", "编号*", "名称*", "建筑面积", "套数", "说明"],
            ["QH01", "A1", "开间", 32.5, 120, "一室一卫"],
            ["YF02", "A1", "一居室", None, None, None],
        ],
        "租金": [
            ["项目编号*", "户型编号*", "房源", "面积", "月租金*"],
            ["QH01", "A1", "1 号楼", 32.5, 2480],
            ["QH01", "A1", "2 号楼", 33, 2500.5],
            ["YF02", "A1", None, None, 1980],
        ],
    }


def screened() -> Book:
    """The good one with conditions and demands."""
    return good() | {
        "条件": [
            ["字段*", "关系*", "值*", "提示"],
            ["社保缴纳月数", "不少于", 12, "须累计缴纳社会保险满 12 个月。"],
            ["年收入", "不多于", "15万元", None],
            ["户口所在地", "属于", "北京城镇户口、北京农业户口", "限本市户口。"],
            ["年龄", "不少于", "18 周岁", None],
            ["劳动合同结束日期", "不少于", "2027年6月30日", None],
            ["工作单位", "不等于", "无", None],
        ],
        "填报项": [["字段*", "要求*"], ["最高学历", "必填"], ["单位所在区", "不填"], ["身份证国徽面", "选填"]],
    }


def good_plan() -> Plan:
    """What ``good`` says."""
    homes = (Rent("1 号楼", 3_250, 248_000), Rent("2 号楼", 3_300, 250_050))
    qinghe = Project(
        "QH01",
        "清河家园",
        "安宁庄东路 18 号院",
        district="海淀区",
        latitude=40.0331,
        longitude=116.3402,
        text="近地铁",
        unit_types=(UnitType("A1", "开间", area=3_250, homes=120, text="一室一卫", rents=homes),),
    )
    yongfeng = Project(
        "YF02", "永丰嘉苑", "永丰路", unit_types=(UnitType("A1", "一居室", rents=(Rent("", None, 198_000),)),)
    )
    return Plan(
        "HD2603",
        "海淀区2026年第三批保租房",
        OPENS,
        CLOSES,
        notice_title="配租公告",
        notice_text="第一段\n第二段",
        announced_on=date(2026, 11, 10),
        phone="010-0123-4567",
        hours="工作日 9:00–17:00",
        projects=(qinghe, yongfeng),
    )


FIELDS = {
    each.key: each
    for each in (
        Field(
            "hukou",
            "户口所在地",
            FieldKind.CHOICE,
            {"beijing_urban": "北京城镇户口", "beijing_rural": "北京农业户口", "elsewhere": "外地户口"},
        ),
        Field("education", "最高学历", FieldKind.CHOICE, {"college": "大专", "bachelor": "大学本科"}),
        Field("employer", "工作单位", FieldKind.TEXT),
        Field("employer_district", "单位所在区", FieldKind.CHOICE, {"haidian": "海淀区", "other": "其他、外地"}),
        Field("contract_end", "劳动合同结束日期", FieldKind.DAY),
        Field("insured_months", "社保缴纳月数", FieldKind.NUMBER),
        Field("yearly_income", "年收入", FieldKind.MONEY),
        Field("id_back", "身份证国徽面", FieldKind.PICTURES),
    )
}


def screened_plan() -> Plan:
    """What ``screened`` says."""
    return replace(
        good_plan(),
        conditions=(
            Condition("insured_months", Relation.AT_LEAST, ("12",), "须累计缴纳社会保险满 12 个月。"),
            Condition("yearly_income", Relation.AT_MOST, ("15000000",)),
            Condition("hukou", Relation.AMONG, ("beijing_urban", "beijing_rural"), "限本市户口。"),
            Condition("age", Relation.AT_LEAST, ("18",)),
            Condition("contract_end", Relation.AT_LEAST, ("2027-06-30",)),
            Condition("employer", Relation.DIFFERS, ("无",)),
        ),
        demands=(
            ("education", Demand.REQUIRED),
            ("employer_district", Demand.LEFT_OUT),
            ("id_back", Demand.OPTIONAL),
        ),
    )


def changed(sheet: str, row: int, heading: str, value: Value) -> Book:
    """The good one with one cell different; rows as Excel counts them."""
    book = screened() if sheet in {"条件", "填报项"} else good()
    headings = [str(each).rstrip("*") for each in book[sheet][0]]
    book[sheet][row - 1][headings.index(heading)] = value
    return book


def made(book: Book, alter: Callable[[Workbook], None] | None = None) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in book.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if alter is not None:
        alter(workbook)
    content = BytesIO()
    workbook.save(content)
    return content.getvalue()


def repacked(content: bytes, parts: dict[str, bytes | None]) -> bytes:
    """The same file with parts replaced, added or (None) taken out."""
    out = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(part for part in parts if part not in old.namelist())]:
            part = parts[name] if name in parts else old.read(name)
            if part is not None:
                new.writestr(name, part)
    return out.getvalue()


def packed(
    files: dict[str, bytes], *, encoding: str | None = None, method: int = ZIP_DEFLATED, extra: bytes = b""
) -> bytes:
    """A zip; with an encoding its names are written in that, and nothing says so, as old programs do."""
    out = BytesIO()
    raw = [name.encode(encoding or "utf-8") for name in files]
    standing_in = [f"{number:~>{len(name)}}" for number, name in enumerate(raw)]  # ASCII, and as long
    with ZipFile(out, "w", method) as archive:
        for name, content in zip(files if encoding is None else standing_in, files.values(), strict=True):
            info = ZipInfo(name)
            info.compress_type, info.extra = method, extra
            archive.writestr(info, content)
    content = out.getvalue()
    for name, written in zip(standing_in, raw, strict=True) if encoding else ():
        content = content.replace(name.encode(), written)
    return content


def part_of(content: bytes, name: str) -> bytes:
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(name)


def edited(content: bytes, part: str, *replacements: tuple[str, str]) -> bytes:
    """The same file with text in one part replaced, which must be there."""
    text = part_of(content, part).decode()
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return repacked(content, {part: text.encode()})


def with_shared_strings(content: bytes) -> bytes:
    """As Excel and WPS keep texts: once, in a part of their own (openpyxl writes them into each cell)."""
    strings: list[str] = []

    def moved(cell: re.Match[str]) -> str:
        strings.append(cell[2])
        return f'{cell[1]} t="s"><v>{len(strings) - 1}</v></c>'

    parts: dict[str, bytes | None] = {}
    with ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                text = archive.read(name).decode()
                parts[name] = re.sub(
                    r'(<c [^>]*?) t="inlineStr"><is>(.*?)</is></c>', moved, text, flags=re.DOTALL
                ).encode()
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    table = "".join(f"<si>{each}</si>" for each in strings)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{table}</sst>'.encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Id="shared" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    return edited(repacked(content, parts), "xl/_rels/workbook.xml.rels", ("</Relationships>", relation))


def read_plan(content: bytes) -> Plan:
    result = read_workbook(content, FIELDS)
    assert isinstance(result, Plan), result
    return result


def read_parcel(content: bytes) -> Package:
    result = read_package(content, FIELDS)
    assert isinstance(result, Package), [each.sentence for each in result]
    return result


def read_mistakes(content: bytes) -> list[Mistake]:
    result = read_workbook(content, FIELDS)
    assert isinstance(result, list), result
    assert result
    return result


def places(mistakes: list[Mistake]) -> list[tuple[str, int | None, str | None, str]]:
    return [(each.sheet, each.row, each.column, each.key) for each in mistakes]
