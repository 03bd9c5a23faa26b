"""Makes the three faces of the sheet from the npm packages that SOURCE.txt names.

usage: make.py FOLDER-OF-UNPACKED-PACKAGES OUT-FOLDER   (needs fonttools and brotli)
"""

import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

LATIN_1 = [*range(0x20, 0x7F), *range(0xA0, 0x100)]
BEYOND = [0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2026]
CODE = [ord(c) for c in "-0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"]


def reduced(source, points):
    font = TTFont(source)
    font.flavor = None
    font.recalcTimestamp = False
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.glyph_names = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "kern", "STAT", "DSIG", "meta", "gasp"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    return font


def code_face(source):
    """Codes have no letter O, and a zero is drawn as one: SOURCE.txt says why."""
    font = reduced(source, [*CODE, ord("O")])
    round_zero = font.getBestCmap()[ord("O")]
    for table in font["cmap"].tables:
        table.cmap[ord("0")] = round_zero
        table.cmap.pop(ord("O"), None)
    # Drops the old zero, which nothing names any more.
    options = subset.Options()
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=CODE)
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4):
            record.string = "Glassbreak Sheet Code"
        if record.nameID == 6:
            record.string = "GlassbreakSheetCode-Regular"
    return font


def main():
    packages, out = (pathlib.Path(argument) for argument in sys.argv[1:])
    file = "fontsource-{0}-5.3.0/package/files/{0}-latin-{1}-normal.woff2"
    sans, mono = "atkinson-hyperlegible-next", "atkinson-hyperlegible-mono"
    reduced(packages / file.format(sans, 400), LATIN_1 + BEYOND).save(out / "text.ttf")
    reduced(packages / file.format(sans, 700), LATIN_1 + BEYOND).save(out / "strong.ttf")
    code_face(packages / file.format(mono, 400)).save(out / "code.ttf")


main()
