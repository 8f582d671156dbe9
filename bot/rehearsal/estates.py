"""Pictures of estates that do not exist, as a housing bureau would send them, and the announcement as a PDF."""

from __future__ import annotations

import time
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

from bot.jobs.workbook import PackagePicture
from bot.rehearsal.drawing import FAINT, INK, Colour, Paper
from flows.model import Plan, Project

WIDTH, HEIGHT = 1280, 960
WALLS: Sequence[Colour] = ((206, 170, 138), (190, 196, 200), (222, 206, 176), (178, 128, 108))
FLOORS: Sequence[Colour] = ((196, 156, 112), (168, 128, 92), (210, 184, 150), (150, 122, 100))
GLASS: Colour = (96, 128, 152)
LIT: Colour = (246, 218, 150)
WHITE: Colour = (248, 248, 246)
LINE = 34  # characters of the announcement


def pictures_of(plan: Plan) -> list[PackagePicture]:
    """A facade, a room and a floor plan of every project. Takes some 50 ms a picture. Raises FontsMissingError."""
    pictures = []
    for place, project in enumerate(plan.projects):
        drawn = (_facade(project, place), _room(project, place), _floor_plan(project))
        for number, picture in enumerate(drawn, 1):
            pictures.append(PackagePicture(project.code, None, f"{number}.jpg", _jpeg(picture)))
    return pictures


def announcement(plan: Plan) -> bytes:
    """The first page of the plan's announcement. Raises FontsMissingError."""
    page = Paper(1240, 1754, WHITE)
    for number, line in enumerate(_wrapped(plan.notice_title, 24)):
        page.write(620, 90 + number * 60, line, 44, bold=True, anchor="ma")
    lines = [part for line in plan.notice_text.split("\n") for part in _wrapped(line, LINE)]
    for number, line in enumerate(lines[:36]):
        page.write(100, 240 + number * 38, line, 29)
    page.write(620, 1670, "本公告用于演练，所列项目、房源和电话均为虚构。", 26, FAINT, anchor="ma")
    page.mark_as_sample(190)
    out, when = BytesIO(), time.gmtime(0)
    page.picture.convert("RGB").save(out, "PDF", resolution=150, creationDate=when, modDate=when)
    return out.getvalue()


def _facade(project: Project, place: int) -> Image.Image:
    """Blocks of flats under an evening sky, behind a lawn with trees."""
    paper = _under_sky()
    pen, wall = paper.pen, WALLS[place % len(WALLS)]
    for block, (left, right, floors) in enumerate(((60, 420, 9), (470, 860, 12), (910, 1220, 8))):
        top = 800 - floors * 54
        pen.rectangle((left, top - 24, right, 800), wall)
        pen.rectangle((right - 46, top - 24, right, 800), _darker(wall, 0.8))  # the side that lies in the shade
        pen.rectangle((left - 8, top - 36, right + 8, top - 20), _darker(wall, 0.6))
        columns = (right - left - 90) // 62
        for floor in range(floors):
            for column in range(columns):
                x, y = left + 26 + column * 62, top + floor * 54
                is_lit = (floor * 7 + column * 5 + block * 3 + place) % 6 == 0
                pen.rectangle((x, y, x + 40, y + 32), LIT if is_lit else GLASS, WHITE, 3)
                pen.line((x + 20, y, x + 20, y + 32), WHITE, 2)
                pen.rectangle((x - 4, y + 34, x + 44, y + 39), _darker(wall, 0.72))
    pen.rectangle((0, 800, WIDTH, HEIGHT), (122, 156, 96))
    pen.polygon([(560, 800), (700, 800), (900, HEIGHT), (400, HEIGHT)], (200, 196, 188))
    for number in range(7):
        x, y = 40 + number * 200, 780 + number * 37 % 60
        pen.rectangle((x - 6, y, x + 6, y + 80), (104, 80, 60))
        for right, up, radius in ((-30, 0, 44), (30, 4, 42), (0, 42, 52)):
            box = (x + right - radius, y - up - radius, x + right + radius, y - up + radius)
            pen.ellipse(box, (76, 116 + number * 6, 66))
    return _captioned(paper, f"{project.name} · 外景效果图")


def _under_sky() -> Paper:
    paper = Paper(WIDTH, HEIGHT, (120, 168, 214))
    fading = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    paper.picture.paste((250, 232, 214), (0, 0), fading)
    clouds = Image.new("L", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(clouds)
    for x, y in ((180, 120), (300, 100), (760, 150), (900, 130), (1120, 90)):
        pen.ellipse((x - 120, y - 26, x + 120, y + 26), 150)
    paper.picture.paste(WHITE, (0, 0), clouds.filter(ImageFilter.BoxBlur(14)))
    return paper


def _room(project: Project, place: int) -> Image.Image:
    """Bed, desk and window, seen from the door."""
    wall, floor = WHITE, FLOORS[place % len(FLOORS)]
    paper = Paper(WIDTH, HEIGHT, wall)
    pen = paper.pen
    pen.polygon([(0, 0), (WIDTH, 0), (1020, 150), (260, 150)], (252, 252, 250))
    pen.polygon([(0, 0), (260, 150), (260, 640), (0, HEIGHT)], (226, 224, 216))
    pen.polygon([(WIDTH, 0), (1020, 150), (1020, 640), (WIDTH, HEIGHT)], (214, 212, 206))
    pen.rectangle((260, 150, 1020, 640), (238, 234, 226))
    pen.polygon([(0, HEIGHT), (260, 640), (1020, 640), (WIDTH, HEIGHT)], floor)
    for number in range(13):  # boards run towards the far wall
        pen.line((number * WIDTH / 12, HEIGHT, 260 + number * 760 / 12, 640), _darker(floor, 0.86), 3)
    pen.rectangle((480, 210, 800, 470), (168, 204, 232), (250, 250, 250), 12)
    pen.rectangle((492, 380, 788, 460), (140, 172, 120))
    pen.line((640, 210, 640, 470), (250, 250, 250), 10)
    for x in (420, 800):
        pen.rectangle((x, 190, x + 60, 600), WALLS[(place + 1) % len(WALLS)])
    pen.polygon([(300, 640), (600, 640), (520, 860), (90, 860)], (236, 240, 244))  # the bed
    pen.polygon([(250, 690), (582, 690), (520, 860), (90, 860)], WALLS[place % len(WALLS)])
    pen.polygon([(90, 860), (520, 860), (520, 910), (90, 910)], (132, 100, 74))
    pen.rounded_rectangle((330, 600, 560, 660), 24, WHITE, (210, 214, 220), 3)
    pen.polygon([(860, 560), (1060, 560), (1180, 640), (900, 640)], (170, 132, 96))  # the desk
    for x, y in ((904, 640), (1166, 640)):
        pen.rectangle((x, y, x + 14, y + 170), (120, 92, 68))
    pen.rectangle((930, 470, 1040, 560), (52, 58, 66), (30, 34, 40), 6)
    pen.ellipse((600, 60, 700, 110), LIT, (220, 200, 160), 4)
    return _captioned(paper, f"{project.name} · 样板间效果图")


def _floor_plan(project: Project) -> Image.Image:
    """The first unit type from above; every home has its bath and its kitchen."""
    unit = project.unit_types[0]
    paper = Paper(WIDTH, HEIGHT, (252, 252, 250))
    pen = paper.pen
    paper.write(640, 60, f"{unit.name} {unit.code} 户型示意图", 48, bold=True, anchor="ma")
    rooms = (
        ((240, 180, 820, 620), "卧室 · 起居", (250, 240, 222)),
        ((820, 180, 1040, 430), "厨房", (232, 240, 228)),
        ((820, 430, 1040, 620), "卫生间", (222, 236, 244)),
        ((240, 620, 820, 760), "阳台", (240, 240, 236)),
        ((820, 620, 1040, 760), "门厅", (244, 236, 230)),
    )
    for (left, top, right, bottom), name, colour in rooms:
        pen.rectangle((left, top, right, bottom), colour, INK, 10)
        paper.write((left + right) / 2, (top + bottom) / 2, name, 34, anchor="mm")
    for left, top, right, bottom in ((360, 612, 560, 628), (815, 660, 826, 730), (880, 612, 960, 628)):
        pen.rectangle((left, top, right, bottom), WHITE)  # doors
    pen.rectangle((300, 214, 470, 380), WHITE, FAINT, 4)
    pen.rectangle((310, 224, 460, 270), (226, 230, 236), FAINT, 3)
    pen.ellipse((842, 448, 892, 498), WHITE, FAINT, 4)
    pen.line((240, 800, 1040, 800), FAINT, 3)
    return _captioned(paper, f"{project.name} · 仅供示意，以实际交付为准")


def _captioned(paper: Paper, text: str) -> Image.Image:
    paper.pen.rectangle((0, HEIGHT - 56, WIDTH, HEIGHT), (38, 42, 50))
    paper.write(WIDTH / 2, HEIGHT - 28, f"{text}（演练）", 28, WHITE, anchor="mm")
    return paper.picture.convert("RGB")


def _darker(colour: Colour, share: float) -> Colour:
    red, green, blue = (round(part * share) for part in colour)
    return red, green, blue


def _wrapped(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)] or [""]


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()
