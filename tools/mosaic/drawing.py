"""Draws what a terminal shows, as tmux has it in text and SGR codes. See record."""

import functools
import io
import os
import re

try:
    from PIL import Image, ImageChops, ImageDraw, ImageFont
except ImportError:
    Image = None

FONTS = [f"/usr/share/fonts/truetype/dejavu/DejaVuSansMono{style}.ttf" for style in ("", "-Bold")]
CLEAR = 255  # the number of the colour that is none
REST = 4  # seconds for which the last frame is shown

FORE, BACK = (0xD5, 0xD9, 0xE0), (0x12, 0x14, 0x18)
EIGHT = "16181d e0444e 8cc265 d8a657 5c9df5 c678dd 42b8c5 d5d9e0".split()
BRIGHT = "5c6370 ff616e a5e075 f0be6a 7cb3ff de8ef0 5fd7e3 ffffff".split()
LINES = dict(zip("lqkxmj", "┌─┐│└┘"))  # in the terminal's other alphabet
ARMS = {"─": "lr", "━": "LR", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu"}


def has_fonts():
    return all(map(os.path.exists, FONTS))


def colour(codes):
    """Takes a colour from the front of the numbers of an SGR."""
    code = codes.pop(0)
    if code in (38, 48) and codes.pop(0) == 2:
        return tuple(codes.pop(0) for _ in range(3))
    if code in (39, 49):
        return FORE if code == 39 else BACK
    return tuple(bytes.fromhex((EIGHT if code < 90 else BRIGHT)[code % 10]))


def rows_find(screen):
    """What is in each row of a screen: [(character, fore, back, bold)]."""
    fore, back, bold, dim, other, rows = FORE, BACK, False, False, False, [[]]
    for sgr, shift, char in re.findall(r"\x1b\[([\d;]*)m|([\x0e\x0f])|(.)", screen, re.DOTALL):
        if char == "\n":
            rows.append([])
        elif char:
            shade = tuple((a + b) // 2 for a, b in zip(fore, back)) if dim else fore
            rows[-1].append((LINES.get(char, char) if other else char, shade, back, bold))
        elif shift:
            other = shift == "\x0e"
        else:
            codes = [int(code or 0) for code in sgr.split(";")]
            while codes:
                if codes[0] == 0:
                    fore, back, bold, dim = FORE, BACK, False, False
                bold, dim = bold or codes[0] == 1, dim or codes[0] == 2
                if 30 <= codes[0] < 40 or 90 <= codes[0] < 98:
                    fore = colour(codes)
                elif codes[0] >= 40:
                    back = colour(codes)
                else:
                    codes.pop(0)
    return rows


class Painter:
    """Draws screens, of each what is not as in the one before, in cells of that size."""

    def __init__(self, columns, wide, high, size):
        self.columns, self.wide, self.high = columns, wide, high
        self.fonts = [ImageFont.truetype(font, size) for font in FONTS]
        self.image, self.shown = None, {}

    def screen(self, screen):
        rows = rows_find(screen)
        edge = self.wide  # a margin
        if not self.image:
            size = self.columns * self.wide + 2 * edge, len(rows) * self.high + 2 * edge
            self.image = Image.new("RGB", size, BACK)
        for y, row in enumerate(rows):
            row += [(" ", FORE, BACK, False)] * (self.columns - len(row))
            for x, cell in enumerate(row):
                if self.shown.get((x, y)) != cell:
                    self.shown[x, y] = cell
                    self.image.paste(self.cell(*cell), (edge + x * self.wide, edge + y * self.high))
        return self.image.copy()

    @functools.lru_cache(maxsize=None)
    def cell(self, char, fore, back, bold):
        """Lines and blocks go to the edges of the cell, which those of the font may not."""
        image = Image.new("RGB", (self.wide, self.high), back)
        draw, right, below = ImageDraw.Draw(image), self.wide - 1, self.high - 1
        x, y = right // 2, below // 2
        arms = {"l": (0, y, x, y), "r": (x, y, right, y), "u": (x, 0, x, y), "d": (x, y, x, below)}
        for arm in ARMS.get(char, ""):
            x0, y0, x1, y1 = arms[arm.lower()]
            draw.rectangle((x0, y0, x1, y1 + arm.isupper()), fore)
        if char == "▀":
            draw.rectangle((0, 0, right, self.high // 2 - 1), fore)
        elif char == "╳":
            draw.line((0, 0, right, below), fore)
            draw.line((0, below, right, 0), fore)
        elif char not in ARMS:
            draw.text((self.wide / 2, self.high * 0.77), char, fore, self.fonts[bold], anchor="ms")
        return image


def still(screen, columns):
    """A screen as PNG."""
    image = Painter(columns, 9, 18, 15).screen(screen)
    out = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def palette_find(images):
    """255 colours that do for all of them: a palette of an image of some of them."""
    some = images[:: len(images) // 8 or 1] + images[-1:]
    sheet = Image.new("RGB", (images[0].width, images[0].height * len(some)))
    for i, image in enumerate(some):
        sheet.paste(image, (0, i * image.height))
    return sheet.quantize(CLEAR, dither=Image.Dither.NONE)


def change(before, image):
    """The image, clear where it is as before."""
    both = [Image.frombytes("L", image.size, one.tobytes()) for one in (before, image)]
    same = ImageChops.difference(*both).point(lambda value: 0 if value else 255)
    changed = image.copy()
    changed.paste(CLEAR, mask=same)
    return changed


def animation(frames, columns):
    """[(seconds, screen)] as GIF."""
    painter = Painter(columns, 7, 14, 12)
    images = [painter.screen(screen) for _, screen in frames]
    palette = palette_find(images)
    images = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    changes = [change(before, image) for before, image in zip(images, images[1:])]
    times = [when for when, _ in frames] + [frames[-1][0] + REST]
    lasts = [round((after - when) * 100) * 10 for when, after in zip(times, times[1:])]
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=changes, duration=lasts, loop=0,
                   transparency=CLEAR, disposal=1, optimize=False)
    return out.getvalue()
