"""Making a static font of one weight out of a variable one: `python -m bot.jobs.static_font VARIABLE WEIGHT TARGET`.

A module of its own, run as a process of its own by `fonts.prepare`: it takes half a minute and 250 MB, and the bot need
not load what it needs.
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# Vertical writing, kerning, stylistic sets: nothing of ours uses them, and without them the work is a third shorter.
UNUSED_TABLES = ("BASE", "GDEF", "GPOS", "GSUB", "vhea", "vmtx")


def make_static(variable: Path, weight: int, target: Path) -> None:
    """Write the static font of one weight (100 to 900) of a variable TrueType font. Same input, same bytes."""
    with TTFont(variable, recalcTimestamp=False) as font:
        for table in UNUSED_TABLES:
            if table in font:
                del font[table]
        instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True, updateFontNames=True)
        font.save(target)


if __name__ == "__main__":
    make_static(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
