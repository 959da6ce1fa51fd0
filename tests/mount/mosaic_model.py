"""What a mosaic is, as the README has it; makes some, and judges any. For mosaic-verify.py.

Nothing here was taken from the program: what both of them hold to be right is what is written down.
"""

import hashlib
import json
import os
import re
from fractions import Fraction

LEDGER, NEXT, PICTURE, STATE = (
    "mosaic.ledger.jsonl", "mosaic.next", "mosaic.ppm", "mosaic.state.json")


# ---- what a mosaic is ----

def splitmix64(x):
    mask = (1 << 64) - 1
    x = (x + 0x9E3779B97F4A7C15) & mask
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
    return x ^ (x >> 31)


def colour(i, seed):
    """HSV to RGB by the book: hue splitmix64(seed ^ i) % 360, saturation 4/5, value 230 of 255."""
    sixth, rest = divmod(Fraction(splitmix64(seed ^ i) % 360, 60), 1)
    value, saturation = 230, Fraction(4, 5)
    p = value * (1 - saturation)
    q = value * (1 - saturation * rest)
    t = value * (1 - saturation * (1 - rest))
    rgb = [(value, t, p), (q, value, p), (p, value, t), (p, q, value), (t, p, value), (value, p, q)]
    return [int(level) for level in rgb[int(sixth)]]


def scanline(gx, gy):
    return [(x, y) for y in range(gy) for x in range(gx)]


def spiral(gx, gy):
    """Along the edge and inwards, a right turn wherever it ends; and that backwards."""
    free, at, step, way = set(scanline(gx, gy)), (0, 0), (1, 0), []
    while free:
        free.remove(at)
        way.append(at)
        if (at[0] + step[0], at[1] + step[1]) not in free:
            step = (-step[1], step[0])
        at = (at[0] + step[0], at[1] + step[1])
    return way[::-1]


def hilbert(gx, gy):
    """Hilbert's own curve, for squares of a power of two: from the corner, ending on the x axis."""
    assert gx == gy and gx & (gx - 1) == 0

    def place(d):
        x = y = 0
        s = 1
        while s < gx:
            rx, ry = 1 & (d // 2), 1 & (d ^ (d // 2))
            if ry == 0:
                if rx:
                    x, y = s - 1 - x, s - 1 - y
                x, y = y, x
            x, y, d, s = x + s * rx, y + s * ry, d // 4, s * 2
        return x, y

    way = [place(d) for d in range(gx * gy)]
    return way if way[-1][1] == 0 else [(y, x) for x, y in way]


ORDERS = {"scanline": scanline, "hilbert": hilbert, "spiral": spiral}


def digest(prev, body):
    """The README's chain: prev, then the line without its last member h."""
    return hashlib.sha256(prev + body + b"}").hexdigest().encode()


def sealed(body, prev):
    body += b',"prev":"%s"' % prev
    return body + b',"h":"%s"}' % digest(prev, body)


def body_of(i, x, y, rgb, token, pid=4711):
    return (b'{"i":%d,"x":%d,"y":%d,"rgb":[%d,%d,%d],"owner":"ada@box","pid":%d,'
            b'"ts":"2026-01-28T20:15:12.123Z","token":%d' % (i, x, y, *rgb, pid, token))


class Mosaic:
    """The files of a mosaic: bytes, or None for none, or what make() knows."""

    def __init__(self, gx, gy, tile, seed, order="scanline", two_phase=False, mode="lokt"):
        self.state = {
            "version": 1, "name": "mosaic", "mode": mode, "gx": gx, "gy": gy, "total": gx * gy,
            "order": order, "seed": seed, "tile": tile, "two_phase": two_phase,
            "check_token": False, "workers": 8, "started_ts": "2026-01-28T20:15:12.123Z"}
        turn = list(range(gx * gy))
        if two_phase:
            turn.sort(key=splitmix64)
        places = ORDERS[order](gx, gy)
        self.lines = []
        for n, i in enumerate(turn):
            token = 0 if mode == "nolock" else 7 * n + 5
            self.lines.append(body_of(i, *places[i], colour(i, seed), token))
        self.rechain()
        self.end = b"\n"
        self.next = b"%d\n" % (gx * gy)
        self.picture = painted(self.state)
        self.ledger = None  # in place of the lines, if it is to be something else

    def rechain(self):
        """Gives every line the prev and the h that it would have if it were honest."""
        prev = b"GENESIS"
        for n, line in enumerate(self.lines):
            body = re.sub(rb'(?s),"prev":"[^"]*","h":"[^"]*"\}$', b"", line)
            self.lines[n] = sealed(body, prev)
            prev = self.lines[n][-66:-2]

    def files(self):
        ledger = b"".join(line + b"\n" for line in self.lines)
        if self.lines:
            ledger = ledger[:-1] + self.end
        state = json.dumps(self.state, separators=(",", ":")).encode() + b"\n"
        return {LEDGER: ledger if self.ledger is None else self.ledger, NEXT: self.next,
                PICTURE: self.picture, STATE: state}


def painted(state):
    gx, gy, tile = state["gx"], state["gy"], state["tile"]
    index = {place: i for i, place in enumerate(ORDERS[state["order"]](gx, gy))}
    rows = []
    for y in range(gy):
        row = b"".join(bytes(colour(index[x, y], state["seed"])) * tile for x in range(gx))
        rows.append(row * tile)
    return b"P6\n%d %d\n255\n" % (gx * tile, gy * tile) + b"".join(rows)


def read(where):
    files = {}
    for file in (LEDGER, NEXT, PICTURE, STATE):
        with open(os.path.join(where, file), "rb") as stream:
            files[file] = stream.read()
    return files


# ---- the second opinion ----

LINE = re.compile(
    rb'\{"i":#,"x":#,"y":#,"rgb":\[#,#,#\],"owner":"[!\x23-\[\]-~]+","pid":#,'
    rb'"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","token":#,'
    rb'"prev":"(?:GENESIS|[0-9a-f]{64})","h":"[0-9a-f]{64}"\}'.replace(
        b"#", b"(0|[1-9][0-9]{0,19})"))


def parsed(line):
    """i, x, y, rgb, token of a line; None if it is none of a ledger's."""
    match = LINE.fullmatch(line)
    if not match:
        return None
    i, x, y, *rgb, pid, token = (int(number) for number in match.groups())
    if max(i, x, y, *rgb, pid, token) >= 1 << 64 or max(rgb) > 255 or not 0 < pid < 1 << 31:
        return None
    return i, x, y, rgb, token


def chained(line):
    """Whether h is right, prev, h: as far as the line has them."""
    if len(line) < 72 or line[-72:-66] != b',"h":"' or line[-2:] != b'"}':
        return False, b"", b""
    h = line[-66:-2].split(b'"')[0]
    at = line.find(b',"prev":"')
    if at < 0:
        return False, b"", h
    prev = line[at + 9:].split(b'"')[0]
    prev = prev if len(prev) <= 64 else b""
    return digest(prev, line[:-72]) == h, prev, h


def judged(files):
    """What is broken: how often each, and the number that says where first; and the first offending
    tile, or None."""
    state = json.loads(files[STATE])
    total, seed, locked = state["total"], state["seed"], state["mode"] != "nolock"
    places = ORDERS[state["order"]](state["gx"], state["gy"])
    broken, tiles, seen = {}, set(), set()
    last_h, last_i, highest = b"GENESIS", -1, 0

    def no(word, tile=None, where=None):
        broken.setdefault(word, [0, where])[0] += 1
        if tile is not None:
            tiles.add(tile)

    *lines, rest = (files[LEDGER] or b"").split(b"\n")
    for n, line in enumerate(lines, 1):
        entry = parsed(line)
        right, prev, h = chained(line)
        if not right or prev != last_h:
            no("chain", entry and entry[0], n)
        last_h = h
        if not entry:
            no("parse", None, n)
            continue
        i, x, y, rgb, token = entry
        if i <= last_i and not state["two_phase"]:
            no("order", i, n)
        last_i = i
        if i in seen:
            no("once", i, i)
        if i < total:
            seen.add(i)
        if i >= total or (x, y) != places[i] or rgb != colour(i, seed):
            no("tile", i, n)
        if token > highest if locked else token == 0:
            highest = token
        else:
            no("token", i, n)
    if rest or files[LEDGER] is None:
        no("parse", None, len(lines) + 1 if rest else None)
    if len(lines) != total:
        no("count", None, len(lines))
    for i in sorted(set(range(total)) - seen):
        no("gaps", i, i)
    if files[NEXT] != b"%d\n" % total:
        plain = files[NEXT] and re.fullmatch(rb"([0-9]{1,20})\n", files[NEXT])
        number = int(plain[1]) if plain and int(plain[1]) < 1 << 64 else None
        no("next", None if number is None or number >= total else number, number)
    picture_judged(files[PICTURE], state, places, no)
    return broken, min(tiles, default=None)


def picture_judged(picture, state, places, no):
    want, gx, edge = painted(state), state["gx"], state["tile"]
    if picture is None:
        no("picture", 0)
        return
    head = want.index(b"255\n") + 4
    if picture[:head] != want[:head]:
        no("picture", 0, gx * edge)
    if len(picture) != len(want):
        no("picture", None, len(picture))
    for i, (x, y) in enumerate(places):
        for row in range(edge):
            at = head + ((y * edge + row) * gx + x) * edge * 3
            if picture[at:at + edge * 3] != want[at:at + edge * 3]:
                no("picture", i, i)
                break
