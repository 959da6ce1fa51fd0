#!/usr/bin/env python3
"""Damaged mosaics, and whether `lokt demo mosaic --verify` finds what is damaged.

    mosaic-verify.py LOKT SCRATCH [PAINTED…]

They are made apart from the program (mosaic_model.py), right at first, then damaged: by a table
that says what must be found, and by chance. The program's verdict on each, and on those that it
PAINTED itself, must be that of the model: what is broken, how often, where first, and the first
offending tile.
Exit: 0 all is well · 1 it is not, with a line for each.
"""

import copy
import fcntl
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import termios
from concurrent.futures import ThreadPoolExecutor

from mosaic_model import LEDGER, PICTURE, STATE, Mosaic, body_of, colour, judged, read, sealed

TITLES = {
    "parse": "every line parses",
    "count": "as many lines as tiles",
    "once": "no tile twice",
    "gaps": "no tile missing",
    "order": "indices strictly increase",
    "chain": "the hash chain holds",
    "tile": "place and colour fit the index",
    "token": "fencing tokens strictly increase",
    "next": "mosaic.next is at the end",
    "picture": "the picture is whole",
}
WORDS = {title: word for word, title in TITLES.items()}


# ---- the first one ----

class Trouble(Exception):
    pass


def make(where, files):
    os.mkdir(where)
    for file, content in files.items():
        path = os.path.join(where, file)
        if callable(content):
            content(path)
        elif content is not None:
            with open(path, "wb") as stream:
                stream.write(content)


def run(lokt, where):
    done = subprocess.run([lokt, "demo", "mosaic", "--verify", where], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, check=False)
    for text in (done.stdout, done.stderr):
        if re.search(rb"[^\n -~]", text):
            raise Trouble(f"control bytes in what it says: {text!r}")
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def verdict_of(code, out, err):
    """The program's words, put as judged() puts it."""
    if err or code not in (0, 1):
        raise Trouble(f"exit code {code}, and it says: {err}{out}")
    if code == 0:
        if not re.fullmatch(r"VERIFIED  \d+ tiles, each once( and in order)?; .*\n", out):
            raise Trouble(f"VERIFIED in other words: {out}")
        return {}, None
    failed, first, *rest = out.splitlines()
    tile = re.fullmatch(r"first offending tile: (\d+|none; .*)", first)
    holds = re.fullmatch(r"  the other (\d+) hold", rest[-1])
    if failed != "FAILED" or not tile:
        raise Trouble(f"FAILED in other words: {out}")
    rest = rest[:-1] if holds else rest
    broken = {}
    for line in rest:
        title, text, more = re.fullmatch(r"  (.{32})  (.*?)(?: \(and (\d+) more\))?", line).groups()
        where = re.search(r"\d+", text)
        broken[WORDS[title.rstrip()]] = [1 + int(more or 0), where and int(where[0])]
    if len(broken) + int(holds[1] if holds else 0) != len(TITLES):
        raise Trouble(f"some are not counted: {out}")
    return broken, int(tile[1]) if tile[1].isdigit() else None


# ---- damage by the table ----

def lines(change):
    """What `change` makes of the list of lines, in place or anew."""
    def damage(mosaic):
        mosaic.lines = change(mosaic.lines) or mosaic.lines
    return damage


def sub(pattern, by, n=9):
    """Line n with `by` in place of the pattern, which must be there."""
    def change(lines):
        lines[n], times = re.subn(pattern, lambda _: by, lines[n], count=1)
        assert times == 1, pattern
    return lines(change)


def swapped(lines):
    lines[9], lines[10] = lines[10], lines[9]


def tokens(numbers):
    return lines(lambda all: [re.sub(rb'"token":\d+', b'"token":%d' % number, line)
                              for line, number in zip(all, numbers)])


def put(**files):
    """Other files: for each a function of what is there."""
    def damage(mosaic):
        for file, content in files.items():
            setattr(mosaic, file, content(getattr(mosaic, file)))
    return damage


def to(content):
    return lambda _: content


def other(lines):
    """A mosaic of another seed."""
    return Mosaic(6, 4, 3, 8).lines


def beyond(lines):
    """One more tile than there is, in every other way as it should be."""
    lines.append(sealed(body_of(24, 0, 4, colour(24, 7), 999), lines[-1][-66:-2]))


def exchanged(picture):
    """The tiles 9 and 10, which are neighbours, in each other's place."""
    picture = bytearray(picture)
    for row in range(3, 6):
        at = len(HEAD) + (row * 18 + 9) * 3
        picture[at:at + 18] = picture[at + 9:at + 18] + picture[at:at + 9]
    return bytes(picture)


def pixel(at):
    """One byte black, which no byte is."""
    return lambda picture: picture[:at] + b"\0" + picture[at + 1:]


HEAD = b"P6\n18 12\n255\n"
NINTH = len(HEAD) + (3 * 18 + 9) * 3  # where tile 9 begins
HUGE = b"18446744073709551616"

# What is done to six by four tiles of three pixels; what is broken then, and the first offending
# tile; and the same when the lines have been chained anew, as a forger would.
TABLE = [
    ("nothing", lines(list), "", None, "", None),
    ("first line missing", lines(lambda l: l[1:]), "count gaps chain", 0, "count gaps", 0),
    ("a line missing", lines(lambda l: l[:9] + l[10:]), "count gaps chain", 9, "count gaps", 9),
    ("last line missing", lines(lambda l: l[:-1]), "count gaps", 23, "count gaps", 23),
    ("only the last", lines(lambda l: l[-1:]), "count gaps chain", 0, "count gaps", 0),
    ("doubled", lines(lambda l: l.insert(9, l[9])),
     "count once order chain token", 9, "count once order token", 9),
    ("doubled far off", lines(lambda l: l.append(l[3])),
     "count once order chain token", 3, "count once order token", 3),
    ("one in another's place", lines(lambda l: l[:9] + [l[8]] + l[10:]),
     "once gaps order chain token", 8, "once gaps order token", 8),
    ("two swapped", lines(swapped), "order chain token", 9, "order token", 9),
    ("backwards", lines(lambda l: l[::-1]), "order chain token", 0, "order token", 0),
    ("last one first", lines(lambda l: l[-1:] + l[:-1]), "order chain token", 0, "order token", 0),
    ("index 8 for 9", sub(rb'"i":9', b'"i":8'),
     "once gaps order chain tile", 8, "once gaps order tile", 8),
    ("index 10 for 9", sub(rb'"i":9', b'"i":10'),
     "once gaps order chain tile", 9, "once gaps order tile", 9),
    ("index 24 for 23", sub(rb'"i":23', b'"i":24', 23), "gaps chain tile", 23, "gaps tile", 23),
    ("index 99 for 9", sub(rb'"i":9', b'"i":99'),
     "gaps order chain tile", 9, "gaps order tile", 9),
    ("largest index", sub(rb'"i":9', b'"i":18446744073709551615'),
     "gaps order chain tile", 9, "gaps order tile", 9),
    ("x", sub(rb'"x":3', b'"x":4'), "chain tile", 9, "tile", 9),
    ("y", sub(rb'"y":1', b'"y":2'), "chain tile", 9, "tile", 9),
    ("x and y swapped", sub(rb'"x":3,"y":1', b'"x":1,"y":3'), "chain tile", 9, "tile", 9),
    ("red", sub(rb'"rgb":\[46', b'"rgb":[47'), "chain tile", 9, "tile", 9),
    ("green", sub(rb',\d+,(?=\d+\])', b",1,"), "chain tile", 9, "tile", 9),
    ("blue", sub(rb'\d+\],', b"1],"), "chain tile", 9, "tile", 9),
    # Nobody can know better who it was, and when: only the chain guards these.
    ("owner", sub(rb'"ada@', b'"eve@'), "chain", 9, "", None),
    ("pid", sub(rb'"pid":4711', b'"pid":1'), "chain", 9, "", None),
    ("ts", sub(rb'"ts":"2026', b'"ts":"2027'), "chain", 9, "", None),
    ("token of the line before", sub(rb':68,', b':61,'), "chain token", 9, "token", 9),
    ("token less than that", sub(rb':68,', b':60,'), "chain token", 9, "token", 9),
    ("token of the line after", sub(rb':68,', b':75,'), "chain token", 9, "token", 10),
    ("token of no hold", sub(rb':5,"prev', b':0,"prev', 0), "chain token", 0, "token", 0),
    ("tokens all the same", tokens([7] * 24), "chain token", 0, "token", 1),
    ("tokens falling", tokens(range(24, 0, -1)), "chain token", 0, "token", 1),
    ("prev", sub(rb'"prev":".{64}', b'"prev":"' + b"0" * 64), "chain", 9, "", None),
    ("prev GENESIS", sub(rb'"prev":".{64}', b'"prev":"GENESIS'), "chain", 9, "", None),
    ("h", sub(rb'"h":".{64}', b'"h":"' + b"0" * 64), "chain", 9, "", None),
    ("prev in capitals", sub(rb'"prev":".{64}', b'"prev":"' + b"A" * 64),
     "parse gaps chain", 9, "", None),
    ("h in capitals", sub(rb'"h":".{64}', b'"h":"' + b"A" * 64), "parse gaps chain", 9, "", None),
    ("last h", sub(rb'"h":".{64}', b'"h":"' + b"0" * 64, 23), "chain", 23, "", None),
    ("other mosaic's line", lines(lambda l: l[:9] + [other(l)[9]] + l[10:]),
     "chain tile", 9, "tile", 9),
    ("other mosaic's ledger", lines(other), "tile", 0, "tile", 0),
    ("a line too many", lines(beyond), "count tile", 24, "count tile", 24),
    ("byte order mark", sub(rb"^", b"\xef\xbb\xbf", 0), "parse gaps chain", 0, "parse gaps", 0),
    ("DOS", lines(lambda l: [line + b"\r" for line in l]), "parse gaps chain", 0),
    ("empty", put(ledger=to(b"")), "count gaps", 0),
    ("blank lines only", put(ledger=to(b"\n" * 24)), "parse gaps chain", 0),
    ("a blank line", lines(lambda l: l.insert(9, b"")), "parse count chain", 9),
    ("a blank line at the end", lines(lambda l: l.append(b"")), "parse count chain", None),
    ("without the last newline", put(end=to(b"")), "parse count gaps", 23),
    ("a piece after the end", put(end=to(b'\n{"i":')), "parse", None),
    ("cut with its newline", lines(lambda l: l[:9] + [l[9][:50] + l[10]] + l[11:]),
     "parse count gaps chain", 9),
    ("two on a line", lines(lambda l: l[:9] + [l[9] + l[10]] + l[11:]),
     "parse count gaps chain", 9),
    ("no ledger", put(ledger=to(os.mkdir)), "parse count gaps", 0),
    ("a pixel wrong", put(picture=pixel(NINTH)), "picture", 9),
    ("last byte wrong", put(picture=pixel(len(HEAD) + 18 * 12 * 3 - 1)), "picture", 23),
    ("short by a byte", put(picture=lambda p: p[:-1]), "picture", 23),
    ("cut", put(picture=lambda p: p[:len(HEAD) + 3 * 54 - 1]), "picture", 5),
    ("longer by a byte", put(picture=lambda p: p + b"\0"), "picture", None),
    ("tiles exchanged", put(picture=exchanged), "picture", 9),
    ("other size", put(picture=lambda p: b"P6\n12 18" + p[8:]), "picture", 0),
    ("other depth", put(picture=lambda p: p.replace(b"255", b"254", 1)), "picture", 0),
    ("other kind", put(picture=lambda p: b"P3" + p[2:]), "picture", 0),
    ("header alone", put(picture=to(HEAD)), "picture", 0),
    ("empty picture", put(picture=to(b"")), "picture", 0),
    ("black", put(picture=to(HEAD + bytes(18 * 12 * 3))), "picture", 0),
    ("no picture", put(picture=to(None)), "picture", 0),
    ("a fifo for a picture", put(picture=to(os.mkfifo)), "picture", 0),
    ("next one less", put(next=to(b"23\n")), "next", 23),
    ("next one more", put(next=to(b"25\n")), "next", None),
    ("next without newline", put(next=to(b"24")), "next", None),
    ("next with more", put(next=to(b"24\n24\n")), "next", None),
    ("next with another end", put(next=to(b"24 ")), "next", None),
    ("next of 2^64", put(next=to(HUGE + b"\n")), "next", None),
    ("next with a zero byte", put(next=to(b"24\0\n")), "next", None),
    ("next below zero", put(next=to(b"-18446744073709551592\n")), "next", None),
    ("next huge", put(next=to(b"9" * 100000 + b"\n")), "next", None),
    ("empty next", put(next=to(b"")), "next", None),
    ("no next", put(next=to(None)), "next", None),
    ("a fifo for next", put(next=to(os.mkfifo)), "next", None),
    ("everything", put(ledger=to(b"x\n"), next=to(b""), picture=to(b"")),
     "parse count gaps chain next picture", 0),
]

# What makes line 9 one that is none: then its tile is missing, even if it is chained.
UNREADABLE = [
    ("cut", rb"(?<=^.{50}).*", b""),
    ("cut by a byte", rb"}$", b""),
    ("space before", rb"^", b" "),
    ("space after", rb"$", b" "),
    ("space within", rb'"i":', b'"i": '),
    ("a member more", rb',"token"', b',"note":1,"token"'),
    ("a member more at the end", rb"}$", b',"note":1}'),
    ("a member less", rb',"pid":4711', b""),
    ("two indices", rb'"i":9', b'"i":9,"i":10'),
    ("two tokens", rb'"token":', b'"token":9999,"token":'),
    ("another order", rb'"x":3,"y":1', b'"y":1,"x":3'),
    ("index a text", rb'"i":9', b'"i":"9"'),
    ("index null", rb'"i":9', b'"i":null'),
    ("index below zero", rb'"i":9', b'"i":-9'),
    ("index huge", rb'"i":9', b'"i":' + HUGE),
    ("index of a megabyte", rb'"i":9', b'"i":' + b"9" * 1000000),
    ("index 9.0", rb'"i":9', b'"i":9.0'),
    ("index 9e0", rb'"i":9', b'"i":9e0'),
    ("index 09", rb'"i":9', b'"i":09'),
    ("index +9", rb'"i":9', b'"i":+9'),
    ("x more by 2^64", rb'"x":3', b'"x":18446744073709551619'),
    ("four colours", rb'"rgb":\[', b'"rgb":[1,'),
    ("two colours", rb',\d+\],', b"],"),
    ("red 256", rb'"rgb":\[46', b'"rgb":[256'),
    ("red more by 256", rb'"rgb":\[46', b'"rgb":[302'),
    ("pid 0", rb'"pid":4711', b'"pid":0'),
    ("pid 2^31", rb'"pid":4711', b'"pid":2147483648'),
    ("token huge", rb'"token":68', b'"token":' + HUGE),
    ("no owner", rb'"ada@box"', b'""'),
    ("owner with an escape", rb'"ada', b'"\\u0061da'),
    ("owner that clears the screen", rb'"ada', b'"\x1b[2Jada'),
    ("owner in no UTF-8", rb'"ada', b'"\xff\xc3ada'),
    ("owner of a megabyte", rb'"ada', b'"' + b"\0" * 1000000),
    ("no time", rb'"ts":"2026-01-28T20', b'"ts":"yesterday'),
    ("zeros", rb"^.*$", b"\0" * 400),
    ("a zero at the end", rb"$", b"\0"),
    ("deep arrays", rb"^.*$", b"[" * 100000),
    ("deep objects", rb"^.*$", b'{"i":' * 100000),
    ("directives", rb"^.*$", b"%s%n%1000000d"),
]

def endless(path):
    os.symlink("/dev/zero", path)


def circle(path):
    os.symlink(os.path.basename(path), path)


def sparse(path):
    with open(path, "wb") as stream:
        stream.write(b"x" * 8192)
        stream.truncate(1 << 40)


def state(pattern, by):
    return lambda text: re.sub(pattern, by, text)


# What makes mosaic.state.json one that does not say what was to be painted.
STATES = [
    ("missing", to(None)), ("a directory", to(os.mkdir)), ("a fifo", to(os.mkfifo)),
    ("endless", to(endless)), ("a circle", to(circle)), ("a terabyte", to(sparse)),
    ("empty", to(b"")), ("blank", to(b"\n")), ("zeros", to(bytes(300))), ("null", to(b"null\n")),
    ("no object", to(b"[]\n")), ("depths", to(b"[" * 4000)), ("a megabyte", to(b"{" * 1000000)),
    ("cut", lambda text: text[:-3]), ("cut early", lambda text: text[:60]),
    ("more after it", lambda text: text + b"{}\n"),
    ("zeros after it", lambda text: text + bytes(2)), ("zero within", state(rb'"gx"', b'"g\0"')),
    ("no gx", state(rb'"gx":6,', b"")), ("gx 0", state(rb'"gx":6', b'"gx":0')),
    ("gx below zero", state(rb'"gx":6', b'"gx":-6')), ("gx a text", state(rb'"gx":6', b'"gx":"6"')),
    ("gx huge", state(rb'"gx":6', b'"gx":' + HUGE)), ("gx 1025", state(rb'"gx":6', b'"gx":1025')),
    ("gx wraps", state(rb'"gx":6', b'"gx":4611686018427387910')),
    ("gx null", state(rb'"gx":6', b'"gx":null')), ("gy 5", state(rb'"gy":4', b'"gy":5')),
    ("total 23", state(rb'"total":24', b'"total":23')), ("no seed", state(rb'"seed":7,', b"")),
    ("seed huge", state(rb'"seed":7', b'"seed":' + HUGE)),
    ("tile 0", state(rb'"tile":3', b'"tile":0')), ("tile huge", state(rb'"tile":3', b'"tile":257')),
    ("mode", state(rb'"lokt"', b'"love"')),
    ("no mode", state(rb'"mode":"lokt",', b"")), ("order", state(rb'"scanline"', b'"\x1b[2J"')),
    ("order a number", state(rb'"scanline"', b"0")),
]

STATES += [(f"{old} as {new}", state(old.encode(), new.encode())) for old, new in (
    ('"gx":6', '"gx":6.0'), ('"gx":6', '"gx":6.9'), ('"gx":6', '"gx":6e0'), ('"gx":6', '"gx":06'),
    ('"gx":6', '"gx": 6'), ('"gx":6', '"gx":6,"gx":7'), ('"gx":6', '"gy":4'),
    ('"two_phase":false', '"two_phase":1'), ('"two_phase":false,', ''),
    ('"two_phase":false', '"two_phase":false,"two_phase":true'),
    ('"lokt"', '"lokt","mode":"nolock"'), ('"version":1', '"version":2'),
    ('"mosaic"', '{"gx":6}'))]


# ---- damage by chance ----

def chance(dice, mosaic):
    """One of many kinds, of the lines or of the whole."""
    lines, n, m = mosaic.lines, dice.randrange(24), dice.randrange(24)
    n, m = n % len(lines), m % len(lines)
    kind = dice.randrange(9)
    if kind == 0 and len(lines) > 1:
        del lines[n]
    elif kind == 1:
        lines.insert(m, lines[n])
    elif kind == 2:
        lines[n], lines[m] = lines[m], lines[n]
    elif kind == 3:
        lines.insert(m, lines.pop(n))
    elif kind in (4, 5):
        word = dice.choice([b"i", b"x", b"y", b"pid", b"token"])
        number = dice.choice([0, 1, dice.randrange(30), dice.randrange(200), 1 << 31, 1 << 63])
        lines[n] = re.sub(rb'"%s":\d+' % word, b'"%s":%d' % (word, number), lines[n])
    elif kind == 6:
        at = dice.randrange(len(lines[n]) + 1)
        byte = bytes([dice.choice([0, 10, 32, 34, 48, 57, 92, 97, 123, 125, 255])])
        lines[n] = lines[n][:at] + byte + lines[n][at + dice.randrange(2):]
    elif kind == 7:
        at = dice.randrange(len(mosaic.picture))
        mosaic.picture = dice.choice([mosaic.picture[:at], mosaic.picture + b"x" * (at % 9 + 1),
                                      mosaic.picture[:at] + b"x" + mosaic.picture[at + 1:]])
    else:
        mosaic.next = b"%d\n" % dice.randrange(30)


def damaged_by_chance(number):
    dice = random.Random(number)
    mosaic = copy.deepcopy(MOSAICS[number % len(MOSAICS)])
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        chance(dice, mosaic)
    if dice.randrange(2):
        mosaic.rechain()
    return mosaic


# ---- all of it ----

SINGLE = Mosaic(6, 4, 3, 7)
MOSAICS = [SINGLE, Mosaic(4, 4, 2, 2**64 - 1, "hilbert", two_phase=True),
           Mosaic(8, 8, 1, 3, "hilbert"), Mosaic(5, 7, 2, 11, "spiral", mode="nolock"),
           Mosaic(7, 4, 1, 12, "spiral", two_phase=True), Mosaic(1, 1, 5, 0, mode="broken"),
           Mosaic(3, 5, 4, 1337, mode="broken")]
FUZZ = 70

# The same of other mosaics than the first, chained anew.
OTHERS = [
    ("two phases, backwards", 1, lines(lambda l: l[::-1]), "token", 1),
    ("two phases, an empty line", 1, sub(rb".*", b"", 9), "parse gaps", 12),
    ("hilbert, two swapped", 2, lines(swapped), "order token", 9),
    ("hilbert, as if scanline", 2, put(state=lambda s: {**s, "order": "scanline"}),
     "tile picture", 1),
    ("hilbert, as if in two phases", 2, put(state=lambda s: {**s, "two_phase": True}), "", None),
    ("two phases, as if in one", 1, put(state=lambda s: {**s, "two_phase": False}), "order", 0),
    ("no lock, but a token", 3, sub(rb'"token":0', b'"token":1'), "token", 9),
    ("no lock, as if with one", 3, put(state=lambda s: {**s, "mode": "lokt"}), "token", 0),
    ("a lock, as if with none", 0, put(state=lambda s: {**s, "mode": "nolock"}), "token", 0),
    ("another seed", 0, put(state=lambda s: {**s, "seed": 8}), "tile picture", 0),
    ("another size of tile", 0, put(state=lambda s: {**s, "tile": 4}), "picture", 0),
    ("wider than it is", 0, put(state=lambda s: {**s, "gx": 7, "total": 28}),
     "count gaps tile next picture", 0),
]


def look(lokt, where, files, want=None):
    """Both opinions of these files, which are to be the same, and `want` if that is given."""
    make(where, files)
    got = verdict_of(*run(lokt, where))
    # What is no file at all is to the second opinion none.
    mine = judged({file: None if callable(content) else content
                   for file, content in files.items()})
    if got != mine:
        raise Trouble(f"it says {got}, and is {mine}")
    if want and (set(want[0].split()), want[1]) != (set(got[0]), got[1]):
        raise Trouble(f"it should be {want}, and is {got}")
    shutil.rmtree(where)


def look_huge(lokt, where):
    """A picture of 192 GiB, said to be there: nobody has the time to read all that is not."""
    huge = Mosaic(6, 4, 3, 7)
    huge.state.update(gx=1024, gy=1024, total=1 << 20, tile=256)
    files = huge.files()
    files[PICTURE] = sparse
    make(where, files)
    broken, tile = verdict_of(*run(lokt, where))
    if tile != 0 or "picture" not in broken:
        raise Trouble(f"it says {broken}, {tile}")


def look_state(lokt, where, damage):
    files = SINGLE.files()
    files[STATE] = damage(files[STATE])
    make(where, files)
    code, out, err = run(lokt, where)
    if code != 1 or out or not re.fullmatch(r"lokt: .*mosaic\.state\.json.*\n", err):
        raise Trouble(f"exit code {code}, and it says: {err}{out}")


def look_painted(lokt, _, where):
    """What the program painted, right or wrong: both are of one opinion."""
    mine, got = judged(read(where)), verdict_of(*run(lokt, where))
    if mine != got:
        raise Trouble(f"it says {got}, and is {mine}")


def drained(near):
    """All that a terminal is told, until its other side is closed."""
    said = b""
    try:
        while more := os.read(near, 1 << 16):
            said += more
    except OSError:  # the end, on Linux
        pass
    os.close(near)
    return said


def look_terminal(lokt, where, columns, want, more=()):
    """On a terminal of so many columns: FAILED on a red ground as wide as wanted; 0: none."""
    mosaic = copy.deepcopy(SINGLE)
    del mosaic.lines[9]
    make(where, mosaic.files())
    near, far = os.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "", **dict(more)}
    with subprocess.Popen([lokt, "demo", "mosaic", "--verify", where], stdin=far, stdout=far,
                          stderr=far, env=environment) as process:
        os.close(far)
        said = drained(near).decode().replace("\r", "")
        code = process.wait(60)
    colour = re.compile(r"\033\[[0-9;]*m")
    ground = [colour.sub("", line) for line in said.split("\n") if "\033[41m" in line]
    plain = colour.sub("", said)
    if code != 1 or "\nFAILED\nfirst offending tile: 9\n" not in "\n" + plain:
        raise Trouble(f"exit code {code}, and it says: {said!r}")
    if ground != [" " * want] * (7 if want else 0):
        raise Trouble(f"the block is {[len(line) for line in ground]} columns wide, not {want}")
    if (plain == said) != (not want and columns >= 60):
        raise Trouble(f"colour where none is wanted, or none: {said!r}")


TERMINALS = [(200, 60), (60, 60), (59, 30), (30, 30), (29, 0), (1, 0), (0, 60)]


def trials(paintings):
    """Name, function and its arguments after the program and the place."""
    for n, mosaic in enumerate(MOSAICS):
        yield f"good mosaic {n}", look, mosaic.files(), ("", None)
    rows = TABLE + [(name, sub(pattern, by), "parse gaps chain", 9, "parse gaps", 9)
                    for name, pattern, by in UNREADABLE]
    for name, damage, *want in rows:
        mosaic = copy.deepcopy(SINGLE)
        damage(mosaic)
        yield name, look, mosaic.files(), want[:2]
        if want[2:]:
            mosaic.rechain()
            yield name + ", chained anew", look, mosaic.files(), want[2:]
    for name, base, damage, *want in OTHERS:
        mosaic = copy.deepcopy(MOSAICS[base])
        damage(mosaic)
        mosaic.rechain()
        yield name, look, mosaic.files(), want
    yield "huge", look_huge
    for name, damage in STATES:
        yield "state: " + name, look_state, damage
    for number in range(FUZZ):
        yield f"by chance, {number}", look, damaged_by_chance(number).files()
    for columns, want in TERMINALS:
        yield f"on {columns} columns", look_terminal, columns, want
    yield "without colour", look_terminal, 80, 0, {"NO_COLOR": "1"}
    for where in paintings:
        yield where, look_painted, where


def main(lokt, scratch, *paintings):
    wrong, done = [], 0

    def attempt(numbered):
        number, (name, function, *rest) = numbered
        try:
            function(lokt, os.path.join(scratch, str(number)), *rest)
        except Exception as error:  # whatever it is, it belongs to this name
            wrong.append(f"{name}: {type(error).__name__}: {error}"[:1000])

    with ThreadPoolExecutor(2) as pool:
        done += len(list(pool.map(attempt, enumerate(trials(paintings)))))
    print(*wrong[:20], f"{done} mosaics judged; {len(wrong)} went wrong", sep="\n")
    return 1 if wrong or done < 300 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
