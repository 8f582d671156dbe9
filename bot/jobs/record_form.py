"""What stands on a record and where: the content of the form, and its composition.

All words come from the caller. The look is that of a Chinese office form: a centred headline over a double rule, tables
with hairlines and shaded labels, sections numbered 一、二、三; at the foot of every page the number of the record, that
of the page, and how to check it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.jobs.sheets import (
    BODY,
    HAIRLINE,
    LEFT,
    PAD_X,
    PAGE_HEIGHT,
    WIDTH,
    Align,
    Box,
    Cell,
    Group,
    Mark,
    Row,
    Sheets,
    Text,
    base_line,
    columns,
    line_height,
    parts,
)
from bot.jobs.typesetting import Typecase, pieces

EMPTY = "—"  # in an empty field, so that nobody writes in it afterwards
TICK = "✓"
SMALL = 8.5
QUIET = 90  # grey of what is not content
STEPS_IN_A_ROW = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressStep:
    """A step of the procedure; `when` is a date as it is to be read, empty if the step is still to come."""

    label: str
    done: bool
    when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Answers under a heading, as pairs of label and value."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table under a heading, such as the household: names of columns, then rows of as many cells."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDocument:
    """All words of a record, as they are to be read; line breaks in values are kept.

    `qr` is the matrix of a QR code, a string of 0 and 1 for each row, or empty. `issued_at` is UTC in milliseconds and
    goes into the file's properties; `issued` is what is printed. A title that is empty leaves its heading out.
    """

    language: str  # "zh" or "en"
    headline: str  # 配租登记记录
    subtitle: str  # the plan's name
    number_label: str  # 登记编号
    number: str
    facts: tuple[tuple[str, str], ...]
    progress: tuple[ProgressStep, ...]
    sections: tuple[Section, ...]
    documents: tuple[tuple[str, str], ...]  # name and "2 张"
    declaration: str
    issued: str  # 出具时间：2026年11月24日 09:00（北京时间）
    issued_at: int
    footer: str  # the service's name, and how to check the record
    page_label: str  # 第 {page} 页 / 共 {pages} 页
    tables: tuple[Table, ...] = ()
    facts_title: str = ""  # 登记信息
    progress_title: str = ""  # 办理进度
    documents_title: str = ""  # 证明材料
    declaration_title: str = ""  # 申请人承诺
    check: str = ""  # beside the QR code: check code, and what to do with it
    qr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordPdf:
    """A finished record, and the characters that no font has: they stand in it as code points (`U+28B4E`)."""

    data: bytes
    pages: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """How labels of a grid are set: English ones are long, smaller and to the left."""

    width: float
    size: float = BODY
    align: Align = "centre"


def compose(document: RecordDocument, case: Typecase) -> list[list[Mark]]:
    """Lay a record out on pages. All its text must be printable (`Typecase.printable`)."""
    foot = Sheets(case, 0).lines(document.footer, WIDTH - 55, SMALL)
    sheets = Sheets(case, bottom=max(14 + len(foot) * line_height(SMALL), 24))
    _put_top(sheets, document)
    number = 0
    for group in _groups(sheets, document):
        if group.heading:
            number += 1
            group = replace(group, heading=_ordinal(number, document.language) + group.heading)
        sheets.put(group)
    for page in range(len(sheets.pages)):
        _put_edges(sheets, document, page, foot)
    return sheets.pages


def _groups(sheets: Sheets, document: RecordDocument) -> Iterator[Group]:
    label = Label(28.0) if document.language == "zh" else Label(36.0, 9.5, "left")
    if document.facts:
        yield Group(tuple(_grid(sheets, document.facts, label)), document.facts_title, together=True)
    if document.progress:
        yield Group(tuple(_steps(sheets, document.progress)), document.progress_title, together=True)
    for section in document.sections:
        if section.rows:
            yield Group(tuple(_grid(sheets, section.rows, label)), section.title)
    for table in document.tables:
        head, *rows = _table(sheets, table)
        yield Group(tuple(rows), table.title, head)
    if document.documents:
        yield Group(tuple(_grid(sheets, document.documents, replace(label, width=60.0))), document.documents_title)
    # The line of issue never stands on a page of its own: it keeps to the declaration above it.
    issued = Row((Cell(LEFT, WIDTH, sheets.lines(document.issued, WIDTH - 2 * PAD_X), align="right"),), border=0)
    if document.declaration:
        indent = "　　" if document.language == "zh" else ""
        lines = sheets.lines(indent + document.declaration.replace("\n", "\n" + indent), WIDTH - 2 * PAD_X - 4)
        declared = (*parts([Cell(LEFT, WIDTH, lines)]), issued)
        yield Group(declared, document.declaration_title, together=True)
    else:
        yield Group((issued,), gap=2)


def _put_top(sheets: Sheets, document: RecordDocument) -> None:
    """Headline, plan, double rule, and the number with the code to check it."""
    sheets.y -= 3
    size = 22.0 if document.language == "zh" else 20.0
    sheets.centre(document.headline, size, bold=True, spacing=4 if document.language == "zh" else 0.3)
    if document.subtitle:
        sheets.y += 0.5
        sheets.centre(document.subtitle, 12)
    sheets.y += 3
    sheets.mark(
        Box(LEFT, sheets.y, WIDTH, 0.7, fill=0),
        Box(LEFT, sheets.y + 1.3, WIDTH, 0.2, fill=0),
    )
    sheets.y += 6
    code = 24.0 if document.qr else 0.0
    room = WIDTH - code - (3 if code else 0)
    left = room if not document.check else room * 0.56
    numbers = sheets.lines(document.number, left, 18, bold=True)
    check = sheets.lines(document.check, room - left - 4, 9) if document.check else ()
    height = line_height(BODY) + len(numbers) * line_height(18)
    block = max(height, len(check) * line_height(9), code)
    y = sheets.y + (block - height) / 2
    sheets.mark(Text(LEFT, y + base_line(BODY), document.number_label, BODY, grey=QUIET))
    y += line_height(BODY)
    for line in numbers:
        sheets.mark(Text(LEFT, y + base_line(18), line, 18, bold=True))
        y += line_height(18)
    y = sheets.y + (block - len(check) * line_height(9)) / 2
    for line in check:
        x = LEFT + room - sheets.measure(line, 9)
        sheets.mark(Text(x, y + base_line(9), line, 9, grey=QUIET))
        y += line_height(9)
    if document.qr:
        sheets.mark(*_modules(document.qr, LEFT + WIDTH - code, sheets.y + (block - code) / 2, code))
    sheets.y += block


def _put_edges(sheets: Sheets, document: RecordDocument, page: int, foot: Sequence[str]) -> None:
    """Running head (not on the first page) and foot."""
    marks = sheets.pages[page]

    def right(text: str, y: float) -> None:
        marks.append(Text(LEFT + WIDTH - sheets.measure(text, SMALL), y, text, SMALL, grey=QUIET))

    if page:
        line = sheets.lines(document.headline, WIDTH - 60, SMALL)[0]
        marks.append(Text(LEFT, 13.5, line, SMALL, grey=QUIET))
        right(document.number, 13.5)
        marks.append(Box(LEFT, 15.5, WIDTH, HAIRLINE, fill=QUIET))
    top = PAGE_HEIGHT - sheets.bottom + 5
    marks.append(Box(LEFT, top, WIDTH, HAIRLINE, fill=QUIET))
    top += 1.5
    label = document.page_label.replace("{page}", str(page + 1)).replace("{pages}", str(len(sheets.pages)))
    for index, text in enumerate((document.number, label)):
        right(text, top + index * line_height(SMALL) + base_line(SMALL))
    for index, text in enumerate(foot):
        marks.append(Text(LEFT, top + index * line_height(SMALL) + base_line(SMALL), text, SMALL, grey=QUIET))


def _grid(sheets: Sheets, pairs: Sequence[tuple[str, str]], label: Label) -> Iterator[Row]:
    """Rows of label and value: two pairs side by side where both values are short, one where a value is long."""
    half = WIDTH / 2 - label.width

    def short(value: str) -> bool:
        return len(sheets.lines(value, half - 2 * PAD_X)) == 1

    def cells(pair: tuple[str, str], x: float, width: float) -> tuple[Cell, Cell]:
        name, value = pair
        lines = sheets.lines(name, label.width - 2 * PAD_X, label.size)
        return (
            Cell(x, label.width, lines, shaded=True, align=label.align, size=label.size),
            Cell(x + label.width, width, sheets.lines(value or EMPTY, width - 2 * PAD_X)),
        )

    index = 0
    while index < len(pairs):
        two = pairs[index : index + 2]
        if len(two) == 2 and all(short(value) for _, value in two):
            yield from parts([*cells(two[0], LEFT, half), *cells(two[1], LEFT + WIDTH / 2, half)])
            index += 2
        else:
            yield from parts(cells(two[0], LEFT, WIDTH - label.width))
            index += 1


def _steps(sheets: Sheets, steps: Sequence[ProgressStep]) -> Iterator[Row]:
    """The procedure as a strip: names of the steps, and below each a tick and its date."""
    for start in range(0, len(steps), STEPS_IN_A_ROW):
        strip = steps[start : start + STEPS_IN_A_ROW]
        width = WIDTH / len(strip)
        names, states = [], []
        for index, step in enumerate(strip):
            x = LEFT + index * width
            name = sheets.lines(step.label, width - 2 * PAD_X, BODY, bold=step.done)
            names.append(Cell(x, width, name, bold=step.done, shaded=True, align="centre"))
            text = f"{TICK} {step.when}".strip() if step.done else step.when or EMPTY
            states.append(Cell(x, width, sheets.lines(text, width - 2 * PAD_X, 9), align="centre", size=9))
        yield from parts(names)
        yield from parts(states)


def _table(sheets: Sheets, table: Table) -> Iterator[Row]:
    """Head and rows of a table, columns as wide as their content asks."""
    size = BODY if len(table.head) <= 6 else 9.0
    every = [table.head, *(tuple(value or EMPTY for value in row) for row in table.rows)]
    texts = ["\n".join(row[column] for row in every) for column in range(len(table.head))]

    def widest(parts_of: Iterable[str]) -> float:
        return max(sheets.measure(part, size, bold=True) for part in parts_of) + 2 * PAD_X + 0.1

    natural = [widest(text.split("\n")) for text in texts]
    least = [widest(piece for line in text.split("\n") for piece in pieces(line or EMPTY)) for text in texts]
    widths = columns(natural, least, WIDTH)
    for index, row in enumerate(every):
        x, cells = LEFT, []
        for value, width in zip(row, widths, strict=True):
            lines = sheets.lines(value, width - 2 * PAD_X, size, bold=not index)
            cells.append(Cell(x, width, lines, bold=not index, shaded=not index, align="centre", size=size))
            x += width
        yield from parts(cells)


def _modules(rows: Sequence[str], x: float, y: float, side: float) -> Iterator[Box]:
    """Draw a QR code as black bars, one for each run of dark modules."""
    unit = side / len(rows)
    for down, row in enumerate(rows):
        start = 0
        for run in row.replace("10", "1 0").replace("01", "0 1").split():
            if run[0] == "1":
                yield Box(x + start * unit, y + down * unit, len(run) * unit, unit, fill=0)
            start += len(run)


def _ordinal(number: int, language: str) -> str:
    if language != "zh":
        return f"{number}. "
    digits = "一二三四五六七八九十"
    return f"{digits[number - 1] if number <= 10 else '十' + digits[number - 11] if number < 20 else number}、"
