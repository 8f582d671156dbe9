"""Files that are no workbooks, or mean harm: one clear sentence, bounded memory, no exception."""

from __future__ import annotations

import re
import struct
import tracemalloc
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs.workbook import read_workbook, safety, sheets
from bot.jobs.workbook.safety import ENTRIES, FILE_BYTES, RATIO
from flows.model import Plan
from tests.bot.workbook_maker import Value, edited, good, made, part_of, read_mistakes, repacked, with_shared_strings

GOOD = with_shared_strings(made(good()))
SHEET = "xl/worksheets/sheet4.xml"  # 租金
MEGABYTE = 2**20


def only_key(content: bytes) -> str:
    found = read_mistakes(content)
    assert [(each.sheet, each.row, each.column) for each in found] == [("", None, None)]
    return found[0].key


def zipped(parts: dict[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def without(content: bytes, part: str) -> bytes:
    return repacked(content, {part: None})


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "not_a_workbook"),
        ("编号,名称\n".encode("gb18030"), "not_a_workbook"),
        (b"%PDF-1.7", "not_a_workbook"),
        (b"<html><table></table></html>", "not_a_workbook"),
        (OLE, "old_format"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"PK", "damaged"),
        (b"PK\x05\x06" + bytes(18), "not_a_workbook"),
        (GOOD[: len(GOOD) // 2], "damaged"),
        (GOOD[:-1], "damaged"),
        (zipped({"照片/QH01/1.jpg": b"x"}), "not_a_workbook"),
        (repacked(GOOD, {"xl/vbaProject.bin": b"x"}), "macros"),
        (
            edited(GOOD, "[Content_Types].xml", ("spreadsheetml.sheet.main", "x"), ("x+xml", "macroEnabled.x+xml")),
            "macros",
        ),
        (repacked(GOOD, {"xl/workbook.bin": b"x"}), "binary_format"),
        (zipped({f"{number}.xml": b"" for number in range(ENTRIES + 1)}), "too_large"),
        (b"PK" + bytes(FILE_BYTES), "too_large"),
        (repacked(GOOD, {"xl/media/zeros.bin": bytes(2 * MEGABYTE)}), "too_large"),
        (zipped({f"{number}.bin": bytes(30 * MEGABYTE) for number in range(3)}), "too_large"),
        (zipped({"[Content_Types].xml": b"x" * 50}, ZIP_BZIP2), "damaged"),
        (without(GOOD, "_rels/.rels"), "damaged"),
        (without(GOOD, "xl/workbook.xml"), "damaged"),
        (without(GOOD, "xl/_rels/workbook.xml.rels"), "damaged"),
        (without(GOOD, "xl/sharedStrings.xml"), "damaged"),
        (without(GOOD, SHEET), "damaged"),
        (edited(GOOD, "_rels/.rels", ("officeDocument/2006/relationships/officeDocument", "x")), "not_a_workbook"),
        (edited(GOOD, SHEET, ("</worksheet>", "")), "damaged"),
        (edited(GOOD, SHEET, ('r="A2"', 'r="2A"')), "damaged"),
        (edited(GOOD, SHEET, ('r="A2"', 'r="ZZZ2"')), "damaged"),
        (edited(GOOD, SHEET, ('<row r="3"', '<row r="2"')), "damaged"),
        (edited(GOOD, SHEET, ('<row r="3"', '<row r="9999999"')), "damaged"),
        (edited(GOOD, SHEET, ('<row r="3"', '<row r="x"')), "damaged"),
        (edited(GOOD, SHEET, ("<sheetData>", '<sheetData><c r="A1"><v>1</v></c>')), "damaged"),
        (edited(GOOD, SHEET, ('t="s"><v>', 't="s"><v>9999')), "damaged"),
        (repacked(GOOD, {SHEET: b'<?xml version="1.0" encoding="rot13"?><worksheet/>\xff'}), "damaged"),
    ],
)
def test_file_that_cannot_be_used_is_refused_with_one_sentence(content: bytes, key: str) -> None:
    assert only_key(content) == key


def test_entries_encrypted_inside_the_zip_are_named_as_such() -> None:
    locked = GOOD.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    assert locked != GOOD
    assert only_key(locked) == "encrypted"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused() -> None:
    out = BytesIO(GOOD)
    with ZipFile(out, "a") as archive:
        archive.writestr(SHEET.upper(), b"<worksheet/>")
    assert only_key(out.getvalue()) == "damaged"


def test_part_larger_than_it_declares_is_not_unpacked() -> None:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * (80 * MEGABYTE))
    lying = out.getvalue().replace(struct.pack("<L", 80 * MEGABYTE), struct.pack("<L", 1_000))
    tracemalloc.start()
    try:
        assert only_key(lying) == "damaged"
        assert tracemalloc.get_traced_memory()[1] < 10 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://localhost/x.dtd">',
    ],
)
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", SHEET, "_rels/.rels"])
def test_document_type_is_refused_in_every_part(part: str, doctype: str) -> None:
    text = part_of(GOOD, part).decode()
    declaration = text.index("?>") + 2 if text.startswith("<?xml") else 0
    assert only_key(repacked(GOOD, {part: (text[:declaration] + doctype + text[declaration:]).encode()})) == "damaged"


def test_too_many_elements_stop_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety, "ELEMENTS", 1_000)
    assert isinstance(read_workbook(GOOD), Plan)
    many = edited(GOOD, SHEET, ("<sheetData>", "<sheetData>" + "<x/>" * 1_000))
    assert only_key(many) == "too_large"


def test_one_long_text_in_every_cell_stops_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "CHARACTERS", 1_000)
    book = good()
    book["租金"] += [["QH01", "A1", "很长的名字" * 10, None, 1] for _ in range(30)]
    assert only_key(made(book)) == "too_large"


def test_too_many_rows_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS", 3)
    assert isinstance(read_workbook(GOOD), Plan)
    book = good()
    book["租金"].append(["QH01", "A1", "3 号楼", None, 1])
    assert read_mistakes(made(book))[0].sentence == "工作表“租金”：超过 100,000 行，请分成几个计划。"


def test_ordinary_workbook_is_far_from_being_a_bomb() -> None:
    book = good()
    rents: list[list[Value]] = [["QH01", "A1", f"{number} 室", 32.5, 2480] for number in range(2_000)]
    book["租金"] += rents
    content = made(book)
    with ZipFile(BytesIO(content)) as archive:
        sheet = archive.getinfo(SHEET)
    assert sheet.file_size < RATIO / 2 * sheet.compress_size
    assert isinstance(read_workbook(content), Plan)


def test_styles_that_make_no_sense_do_not_matter() -> None:
    plan = read_workbook(GOOD)
    odd = b'<styleSheet><fills><fill x="y"/></fills><cellXfs><xf numFmtId="?"/><xf/></cellXfs></styleSheet>'
    assert read_workbook(repacked(GOOD, {"xl/styles.xml": odd})) == plan
    assert read_workbook(edited(GOOD, SHEET, ('<c r="D2"', '<c s="99" r="D2"'))) == plan
    assert read_workbook(edited(GOOD, SHEET, ('<c r="D2"', '<c s="x" r="D2"'))) == plan


@pytest.mark.parametrize("value", ["1e999", "nan", "两千"])
def test_number_that_is_none_is_text(value: str) -> None:
    found = read_mistakes(edited(GOOD, SHEET, ("<v>2480</v>", f"<v>{value}</v>")))
    assert [(each.row, each.column, each.key) for each in found] == [(2, "月租金", "money")]


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_file_with_bytes_changed_never_raises(data: st.DataObject) -> None:
    content = bytearray(GOOD)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    result = read_workbook(bytes(content))
    assert isinstance(result, Plan) or result


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_part_with_characters_changed_never_raises(data: st.DataObject) -> None:
    part = data.draw(
        st.sampled_from(["xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", SHEET, "_rels/.rels"])
    )
    content = bytearray(part_of(GOOD, part))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.sampled_from(b'0123456789<>/"=:&;AZaz rstf!\x00\xff'))
    result = read_workbook(repacked(GOOD, {part: bytes(content)}))
    assert isinstance(result, Plan) or result


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=2_000))
def test_any_bytes_never_raise(content: bytes) -> None:
    assert read_mistakes(content)
    assert read_mistakes(b"PK" + content)


def test_one_part_read_for_many_sheets_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    with ZipFile(BytesIO(GOOD)) as archive:
        relation = re.search(r'<sheet [^>]*name="租金"[^>]*/>', archive.read("xl/workbook.xml").decode())
    assert relation is not None
    copies = "".join(relation[0].replace("租金", f"说明{number}") for number in range(20))
    many = edited(GOOD, "xl/workbook.xml", (relation[0], relation[0] + copies))
    assert isinstance(read_workbook(many), Plan)
    with ZipFile(BytesIO(many)) as archive:
        monkeypatch.setattr(safety, "UNPACKED_BYTES", sum(entry.file_size for entry in archive.infolist()))
    assert only_key(many) == "too_large"


def test_odd_but_harmless_sheets_are_read() -> None:
    plan = read_workbook(GOOD)
    merged = '</sheetData><mergeCells><mergeCell ref="A2"/><mergeCell ref="B2:B2"/></mergeCells>'
    assert read_workbook(edited(GOOD, SHEET, ("</sheetData>", merged))) == plan
    blank = '<row r="9"><c r="A9" t="s"><v>0</v></c><c r="B9" t="str"><v>_x0020_</v></c></row></sheetData>'
    strings = re.sub(r"<si>", "<si><t> </t></si><si>", part_of(GOOD, "xl/sharedStrings.xml").decode(), count=1)
    parts: dict[str, bytes | None] = {"xl/sharedStrings.xml": strings.encode()}
    for number in range(1, 5):
        name = f"xl/worksheets/sheet{number}.xml"
        text = part_of(GOOD, name).decode().replace("</sheetData>", blank)
        shifted = re.sub(r't="s"><v>(\d+)</v>', lambda found: f't="s"><v>{int(found[1]) + 1}</v>', text)
        parts[name] = shifted.replace('r="A9" t="s"><v>1</v>', 'r="A9" t="s"><v>0</v>').encode()
    assert read_workbook(repacked(GOOD, parts)) == plan
