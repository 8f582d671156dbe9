"""Sample papers, photographed on a desk: drawn by the program, plainly invented, and marked as samples."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageFilter

from bot.rehearsal import papers
from bot.rehearsal.drawing import Colour, photograph
from flows.engine.fields import birth_day, is_female

WOOD: Colour = (156, 118, 82)
GREY: Colour = (112, 118, 126)
LINEN: Colour = (186, 178, 164)
TOO_SMALL = (420, 278)  # pixels; below 600 on the short side a paper is refused


class Sample(NamedTuple):
    """What `PlayedTelegram.add_sample` takes, in its order."""

    name: str
    label: str
    content: bytes
    kind: str
    mime: str
    file_name: str


def draw_samples(name: str, id_number: str) -> list[Sample]:
    """The papers of one person, and three that are refused. Takes about a second. Raises FontsMissingError."""
    holder = papers.Holder(name, id_number, birth_day(id_number), "女" if is_female(id_number) else "男")
    front = photograph(papers.id_front(holder), WOOD, turn=-1.6)
    blurred = front.resize(TOO_SMALL).filter(ImageFilter.GaussianBlur(3))
    return [
        _photo("id-front", "身份证人像面", front),
        _photo("id-back", "身份证国徽面", photograph(papers.id_back(), WOOD, turn=1.1)),
        _photo("household", "户口本", photograph(papers.household_page(holder), LINEN, turn=0.8)),
        _photo("contract", "劳动合同", photograph(papers.contract_page(holder), GREY, turn=-0.9)),
        _photo("insurance", "社保记录", photograph(papers.insurance_record(holder), LINEN, turn=0.5)),
        _photo("too-small", "太小看不清的照片", blurred),
        Sample("not-a-picture", "不是照片的文件", _NO_PICTURE, "document", "image/jpeg", "身份证.jpg"),
        Sample("cut-off", "没有传完的照片", _jpeg(front)[:60_000], "document", "image/jpeg", "身份证-未传完.jpg"),
    ]


_NO_PICTURE = "这是一个文本文件，只是名字叫作 .jpg。\n".encode() * 40


def _photo(name: str, label: str, picture: Image.Image) -> Sample:
    return Sample(name, label, _jpeg(picture), "photo", "image/jpeg", f"{label}.jpg")


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=86)
    return out.getvalue()
