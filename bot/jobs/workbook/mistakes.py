"""What can be wrong with a workbook or a package, each in one sentence that says where it is and what to do.

``SENTENCES`` is the only place with words: a template that takes a key over gets the same ``details``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.jobs.workbook.natural import natural
from bot.jobs.workbook.visible import visible

SHOWN = 200  # more than anybody mends in one go
_KEPT = 5_000  # a sheet of 100,000 wrong rows must not become a million objects
_QUOTED = 40  # characters of a cell repeated in a sentence
_PATH = 80  # characters of a path

SENTENCES = {
    # the file
    "not_a_workbook": "这不是 Excel 工作簿，请发送 .xlsx 文件。",
    "old_format": "这是旧版 .xls 文件，请在 Excel 或 WPS 中“另存为”.xlsx 格式后再发送。",
    "binary_format": "这是 .xlsb 二进制工作簿，请“另存为”.xlsx 格式后再发送。",
    "encrypted": "文件设有密码，无法读取。请取消密码后再发送。",
    "macros": "文件含有宏，不能使用。请“另存为”不含宏的 .xlsx 格式后再发送。",
    "damaged": "文件已损坏或不完整，无法读取。请重新保存后再发送。",
    "too_large": "文件过大，无法读取。请删除多余的内容、图片和空行后再发送。",
    "not_a_package": "这不是 Excel 工作簿或压缩包，请发送 .xlsx 或 .zip 文件。",
    "other_archive": "这种压缩包无法读取，请改用 .zip 格式压缩后再发送。",
    "package_too_large": "压缩包过大，解压后最多 {limit} MB，请减少或缩小照片后再发送。",
    "too_many_files": "压缩包里的文件过多，最多 {limit} 个，请减少后再发送。",
    "package_encrypted": "压缩包设有密码，无法读取。请取消密码后再发送。",
    "workbook_missing": "压缩包里没有 .xlsx 工作簿，请放入一个。",
    "more": "另有 {count} 处问题未列出，请先修改以上各处再发送。",
    # a file in a package
    "path_unsafe": "这个路径不能使用，请用系统自带的压缩功能重新打包。",
    "file_encrypted": "设有密码，无法读取，请取消密码后重新打包。",
    "file_method": "压缩方式无法识别，请用系统自带的压缩功能重新打包。",
    "file_bomb": "压缩比例异常，为安全起见没有读取，请换成原来的文件。",
    "file_damaged": "已损坏，无法读取，请换成完好的文件。",
    "file_twice": "同名文件不止一个，请只保留一个。",
    "file_unknown": "不认识。压缩包里只能有：一个 .xlsx 工作簿、“照片”文件夹、公告.pdf。",
    "nested_archive": "压缩包里不能再有压缩包，请解压后放入。",
    "workbook_twice": "压缩包里的 .xlsx 工作簿不止一个，请只保留一个。",
    "workbook_place": "工作簿请放在压缩包的最外层。",
    "workbook_format": "工作簿请在 Excel 或 WPS 中“另存为”.xlsx 格式。",
    "notice_format": "公告请另存为 PDF，取名“公告.pdf”。",
    "notice_too_large": "公告最大 {limit} MB，现有 {size} MB，请缩小。",
    "not_a_pdf": "不是 PDF 文件，请用 Word 或 WPS“导出为 PDF”，不能只改文件名。",
    "picture_place": "照片请放进文件夹“照片/项目编号”或“照片/项目编号/户型编号”。",
    "picture_project": "工作表“项目”中没有编号“{value}”，请核对文件夹的名称。",
    "picture_unit_type": "工作表“户型”中，项目“{project}”没有户型编号“{value}”，请核对文件夹的名称。",
    "picture_format": "照片只能是 .jpg、.jpeg、.png 或 .webp，请另存为其中一种。",
    "picture_too_large": "照片最大 {limit} MB，现有 {size} MB，请缩小。",
    "picture_pixels": "照片最多 {limit} 万像素，现有 {width}×{height}，请缩小。",
    "not_a_picture": "内容不是 JPEG、PNG 或 WebP 照片，请另存为其中一种，不能只改文件名。",
    # a sheet
    "sheet_missing": "缺少这个工作表，请补上。",
    "sheet_unknown": "不认识这个工作表。可用的有：{known}；仅作说明的工作表，名称请以“说明”开头。",
    "sheet_twice": "同名工作表不止一个，请只保留一个。",
    "sheet_empty": "没有列名，请把列名写在第一行：{known}。",
    "too_many_rows": "超过 {limit} 行，请分成几个计划。",
    "plan_missing": "没有内容，请填写一行计划。",
    "plan_twice": "只能填写一个计划，请删除多余的行。",
    "project_missing": "没有内容，请至少填写一个项目。",
    # columns
    "column_missing": "缺少这一列，请补上。",
    "column_unknown": "不认识这一列，请删除或改名。可用的列名：{known}。",
    "column_twice": "同名的列不止一个，请只保留一个。",
    "column_unnamed": "这一列有内容但没有列名，请补上列名或删除。",
    # cells
    "merged": "单元格 {range} 是合并的，请取消合并，并在每一行分别填写。",
    "required": "必填，请填写。",
    "formula": "这里是公式，请粘贴为数值。",
    "error_value": "这里是错误值“{value}”，请改为正确的内容。",
    "boolean": "这里是逻辑值“{value}”，请改为文字或数字。",
    "turned_into_date": "Excel 把这里当成了日期或时间，请把单元格格式设为“文本”，再重新填写。",
    "digits_lost": "数字太长，Excel 已丢失后几位，请把单元格格式设为“文本”，再重新填写。",
    "too_long": "最多 {limit} 个字，现有 {length} 个，请缩短。",
    "plan_code": "“{value}”不能作计划编号，请用 2 至 16 个英文字母或数字，例如 HD2603。",
    "code": "“{value}”不能作编号，请用 1 至 24 个英文字母、数字、“-”或“_”，例如 QH01。",
    "taken": "“{value}”与第 {other} 行重复，请改为不同的编号。",
    "home_taken": "“{value}”与第 {other} 行重复，同一户型的房源请只写一行。",
    "unknown_project": "工作表“项目”中没有编号“{value}”，请核对。",
    "unknown_unit_type": "工作表“户型”中，项目“{project}”没有户型编号“{value}”，请核对。",
    "moment": "“{value}”不是时间，请写成 2026-11-24 09:00 的样子。",
    "moment_without_hour": "“{value}”没有写几点几分，请写成 2026-11-24 09:00 的样子。",
    "day": "“{value}”不是日期，请写成 2026-11-24 的样子。",
    "closes_before_opening": "登记截止须晚于登记开始，请核对这两个时间。",
    "money": "“{value}”不是金额，请写以元为单位的数字，例如 4500 或 4500.50。",
    "money_range": "“{value}”不像月租金，应大于 0 元，不超过 1,000,000 元。",
    "area": "“{value}”不是面积，请写以平方米为单位的数字，例如 56.5。",
    "area_range": "“{value}”不像面积，应大于 0，不超过 10,000 平方米。",
    "decimals": "“{value}”小数过多，最多两位。",
    "count": "“{value}”不是套数，请写 0 至 100,000 的整数，例如 120。",
    "latitude": "“{value}”不是纬度，请写以度为单位的小数，例如 40.0312。",
    "longitude": "“{value}”不是经度，请写以度为单位的小数，例如 116.3521。",
    "latitude_range": "“{value}”不在中国大陆范围内，北京的纬度约为 39.4 至 41.1。",
    "longitude_range": "“{value}”不在中国大陆范围内，北京的经度约为 115.4 至 117.6。",
    "coordinates_swapped": "纬度和经度写反了，请对调：北京的纬度约为 40，经度约为 116。",
    "field_unknown": "没有“{value}”这个字段，请改为：{known}。",
    "field_derived": "“{value}”是由其他填报项算出来的，不能改变要求，请删除这一行。",
    "field_taken": "“{value}”与第 {other} 行重复，请只写一行。",
    "field_not_comparable": "“{value}”是照片，不能用作条件。",
    "field_left_out": "“{value}”在工作表“填报项”中是“不填”，不能用作条件，请修改其中一处。",
    "condition_taken": "“{value}”与第 {other} 行的字段和关系都相同，请合并为一行。",
    "condition_never": "“{field}”的下限大于上限，没有人能够符合，请核对。",
    "relation": "“{value}”不是关系，可用的有：{known}。",
    "relation_unfit": "“{field}”不能用“{value}”，可用的有：{known}。",
    "demand": "“{value}”不是要求，可用的有：{known}。",
    "option": "“{value}”不是“{field}”的选项，可用的有：{known}。",
    "list_empty": "“{value}”中没有值，请填写，几个值用“、”隔开。",
    "list_comma": "“{value}”是一个数还是几个数？请用“、”隔开几个值，数字里不要写逗号。",
    "number": "“{value}”不是数目，请写 0 至 1,000,000 的整数，例如 12。",
    "income": "“{value}”不是金额，请写以元为单位的数字，例如 85000 或 8.5万。",
    "income_range": "“{value}”不像收入，应在 0 至 100,000,000 元之间。",
    "coordinate_alone": "纬度和经度要么都填，要么都不填，请补上。",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend. ``row`` counts from 1, as Excel shows it; ``column`` is a heading, or a letter without one.

    ``path`` is that of a file in a package, as it is shown. When it and ``sheet`` are empty the whole file is meant.
    ``details`` are the values in the sentence, by name.
    """

    sheet: str
    row: int | None
    column: str | None
    key: str
    sentence: str
    details: tuple[tuple[str, str], ...] = ()
    path: str = ""


def mistake(
    key: str,
    sheet: str = "",
    row: int | None = None,
    column: str | None = None,
    details: dict[str, str] | None = None,
    path: str = "",
) -> Mistake:
    """A mistake with its sentence, e.g. 「工作表“项目”第 3 行“地址”：必填，请填写。」"""
    quoted = {
        name: value if len(value) <= _QUOTED else value[:_QUOTED] + "…" for name, value in (details or {}).items()
    }
    if "known" in quoted and details:  # a list of names helps only when it is whole
        quoted["known"] = details["known"]
    path = shown_path(path)
    where = f"“{path}”" if path else ""
    if sheet:
        where += f"工作表“{sheet}”"
    if row is not None:
        where += f"第 {row} 行"
    if column is not None:
        where += f"“{column}”"
    sentence = (f"{where}：" if where else "") + SENTENCES[key].format_map(quoted)
    return Mistake(sheet, row, column, key, sentence, tuple(sorted(quoted.items())), path)


def shown_path(path: str) -> str:
    """Of a long one the end, where the file's name is; without what does not show."""
    bare = " ".join(visible(path).split())
    return bare if len(bare) <= _PATH else "…" + bare[-_PATH:]


class Mistakes:
    """Gathers mistakes; ``sheets`` gives the order in which theirs are told. Those of files come after them."""

    def __init__(self, sheets: Sequence[str]) -> None:
        self._order = {"": -1} | {sheet: place for place, sheet in enumerate(sheets)}
        self._kept: list[tuple[tuple[int, int, int, tuple[tuple[int, str], ...]], Mistake]] = []
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(
        self,
        key: str,
        sheet: str = "",
        *,
        row: int | None = None,
        column: str | None = None,
        position: int = 0,
        path: str = "",
        details: dict[str, str] | None = None,
    ) -> None:
        """Note one; ``position`` is the number of the column, for the order."""
        self._count += 1
        if len(self._kept) < _KEPT:
            order = len(self._order) + 1 if path else self._order.get(sheet, len(self._order))
            place = (order, row or 0, position, natural(path))
            self._kept.append((place, mistake(key, sheet, row, column, details, path)))

    def told(self) -> list[Mistake]:
        """By sheet, row and column, then by file, at most ``SHOWN`` of them, and then how many more there are."""
        shown = [kept for _, kept in sorted(self._kept, key=lambda pair: pair[0])[:SHOWN]]
        if self._count > len(shown):
            shown.append(mistake("more", details={"count": str(self._count - len(shown))}))
        return shown
