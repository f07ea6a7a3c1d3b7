"""Make the two fonts of this folder from the npm package @ibm/plex-sans-jp, as README.md says."""

import base64
import copy
import hashlib
import sys
import tarfile
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
INTEGRITY = "/v46f2qWBwOg0U/At3R9yVIWrHZKYHM0ByCz2lnNk60VqTHATcCHUT9djTmYBlRwaepybLzDsvx2DtxpHpIPvA=="
SOURCE = "package/fonts/complete/woff2/hinted/IBMPlexSansJP-{}.woff2"
FAMILY = "Portal Sans JP"
MINUS, FULLWIDTH_MINUS = 0x2212, 0xFF0D


def one_glyph_per_character(font: TTFont) -> None:
    """Copy glyphs that characters share: a PDF names one character per glyph, so ～ would be read back as 〜."""
    cmap: dict[int, str] = font.getBestCmap()
    cmap.setdefault(MINUS, cmap[FULLWIDTH_MINUS])  # JIS X 0208 1-61 as macOS types it; the only one Plex lacks
    glyphs, widths, heights = font["glyf"], font["hmtx"], font["vmtx"]
    taken: set[str] = set()
    copies: dict[int, str] = {}
    for code, name in sorted(cmap.items()):
        if name in taken:
            copies[code] = f"copy.u{code:04X}"
            glyphs[copies[code]] = copy.deepcopy(glyphs[name])
            widths[copies[code]], heights[copies[code]] = widths[name], heights[name]
        taken.add(name)
    font.setGlyphOrder(glyphs.glyphOrder)
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format != 14:
            # A format 4 table ends at U+FFFF.
            table.cmap.update({code: name for code, name in copies.items() if code < 0x10000 or table.format == 12})


def rename(font: TTFont, style: str) -> None:
    """Give the font its own name: the licence reserves "Plex" for unmodified copies."""
    full, postscript = f"{FAMILY} {style}", f"{FAMILY.replace(' ', '')}-{style}"
    names = {1: FAMILY, 2: style, 3: f"1.004;{postscript}", 4: full, 6: postscript, 16: FAMILY, 17: style}
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in {0, 5, 9, 11, 12, 13, 14}]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)


def convert(woff2: bytes, style: str) -> bytes:
    """Return an unhinted TrueType font: every character of the source, only the features that business text needs."""
    font = TTFont(BytesIO(woff2), recalcTimestamp=False)
    font.flavor = None
    one_glyph_per_character(font)
    options = Options(
        hinting=False,
        layout_features=["ccmp", "kern", "palt", "locl"],
        name_IDs=["*"],
        drop_tables=["BASE", "gasp", "meta", "vhea", "vmtx"],
        glyph_names=False,
        notdef_outline=True,
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap())
    subsetter.subset(font)
    rename(font, style)
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def read(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(name)
    if member is None:
        raise SystemExit(f"{name} is no file")
    return member.read()


def main(package: Path) -> None:
    if base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() != INTEGRITY:
        raise SystemExit(f"{package} is not @ibm/plex-sans-jp 3.0.0")
    with tarfile.open(package) as tar:
        for style in ("Regular", "Bold"):
            content = convert(read(tar, SOURCE.format(style)), style)
            # Replaced, not overwritten: Fontconfig notices a change by the folder's time.
            fresh = HERE / f".{style}"
            fresh.write_bytes(content)
            fresh.replace(HERE / f"PortalSansJP-{style}.ttf")
            sys.stdout.write(f"{hashlib.sha256(content).hexdigest()}  PortalSansJP-{style}.ttf\n")
        (HERE / "OFL.txt").write_bytes(read(tar, "package/LICENSE.txt"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
