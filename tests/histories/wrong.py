#!/usr/bin/env -S python3 -B
"""Small histories, right and wrong: the checker finds each of the wrong, and none of the right.

A line is `<ms> <pid> <words of a record>`, as README.md has them; `<ms> <ms> see <name> <pid>…` is
what an observer saw. `hold` stands for an open that is granted at once and read: `<ms> <pid> hold
<key> <spec> <token>`.
"""

import sys

from check import Check, Violation
from history import History
from sight import Sight

RIGHT = {
    "one after the other": """
        1 11 hold 11:1 x@ttl=100ms 1
        5 12 open 12:1 x@
        6 11 close 11:1
        7 11 closed 11:1
        8 12 opened 12:1 OK
        9 12 read 12:1
        9 12 seen 12:1 OK 2 held""",
    "shared holds together, and three slots": """
        1 11 hold 11:1 x@shared 1
        2 12 hold 12:1 x@shared 2
        3 11 hold 11:2 s@slots=3 3
        4 12 hold 12:2 s@slots=3 4
        5 13 hold 13:1 s@slots=3 5
        6 14 open 14:1 s@slots=3,try
        7 14 opened 14:1 EAGAIN""",
    "after a TTL, though the first never closed": """
        1 11 hold 11:1 x@ttl=50ms 1
        2 12 open 12:1 x@
        52 12 opened 12:1 OK
        60 11 renew 11:1 50
        61 11 renewed 11:1 ESTALE""",
    "a stopped waiter is passed over": """
        1 11 hold 11:1 x@ 1
        2 12 open 12:1 x@
        4 4 see x 12
        5 9 signal 12 SIGSTOP
        6 9 signalled 12 SIGSTOP
        7 13 open 13:1 x@
        8 11 close 11:1
        9 11 closed 11:1
        10 13 opened 13:1 OK
        11 13 read 13:1
        12 13 seen 13:1 OK 2 held
        13 9 signal 12 SIGCONT
        14 12 opened 12:1 EINTR
        15 12 open 12:2 x@ again""",
    "killed between the grant and its record": """
        1 11 open 11:1 x@
        5 9 signal 11 SIGKILL
        6 9 signalled 11 SIGKILL
        7 9 dead 11
        8 12 hold 12:1 x@ 2""",
    "who comes later is told sooner": """
        1 11 hold 11:1 x@ 1
        2 12 open 12:1 x@shared
        3 13 open 13:1 x@shared
        4 4 see x 12 13
        5 11 close 11:1
        6 11 closed 11:1
        7 13 opened 13:1 OK
        8 12 opened 12:1 OK
        9 12 read 12:1
        9 12 seen 12:1 OK 2 held""",
    "granted although its time was over": """
        1 11 hold 11:1 x@ 1
        2 12 open 12:1 x@timeout=30ms
        3 3 see x 12
        4 13 open 13:1 x@
        5 11 close 11:1
        6 11 closed 11:1
        50 13 opened 13:1 OK
        51 13 read 13:1
        51 13 seen 13:1 OK 2 held
        52 13 close 13:1
        53 13 closed 13:1
        54 12 opened 12:1 OK
        55 12 read 12:1
        55 12 seen 12:1 OK 3 held""",
    "granted and lost while it was stopped": """
        1 11 open 11:1 x@ttl=50ms
        2 9 signal 11 SIGSTOP
        3 9 signalled 11 SIGSTOP
        60 12 hold 12:1 x@ 2
        90 9 signal 11 SIGCONT
        91 11 opened 11:1 OK
        92 11 read 11:1
        93 11 seen 11:1 OK 1 lost
        94 12 close 12:1""",
    "no mount": """
        1 11 hold 11:1 x@ttl=9s 1
        2 9 down
        3 12 open 12:1 y@
        4 12 opened 12:1 ENOTCONN
        5 9 up
        6 11 renew 11:1 9000
        7 11 renewed 11:1 ENOTCONN""",
}

WRONG = {
    "double grant": ("a double grant", """
        1 11 hold 11:1 x@ 1
        2 12 hold 12:1 x@ 2
        3 11 close 11:1"""),
    "double grant by one name of a group": ("a double grant", """
        1 11 hold 11:1 x+y@ 1
        2 12 hold 12:1 y@shared 2
        3 11 close 11:1"""),
    "a child still has it": ("a double grant", """
        1 11 hold 11:1 x@ 1
        2 11 fork 11:1
        3 12 born 11
        3 12 has 11:1
        4 11 end
        5 9 dead 11
        6 13 hold 13:1 x@ 2
        7 12 close 11:1"""),
    "a stopped process still has it": ("a double grant", """
        1 11 hold 11:1 x@ 1
        2 9 signal 11 SIGSTOP
        3 9 signalled 11 SIGSTOP
        5 12 hold 12:1 x@ 2
        7 9 signal 11 SIGKILL
        7 9 signalled 11 SIGKILL
        8 9 dead 11"""),
    "its mount is gone, and it still counts": ("a double grant", """
        1 11 hold 11:1 x@ 1
        2 9 down
        3 9 up
        5 12 hold 12:1 x@ 2
        7 11 close 11:1"""),
    "four of three": ("more holds than slots", """
        1 11 hold 11:1 s@slots=3 1
        2 12 hold 12:1 s@slots=3 2
        3 13 hold 13:1 s@slots=3 3
        4 14 hold 14:1 s@slots=3 4
        9 11 end
        9 12 end
        9 13 end"""),
    "only the order of tokens shows it": ("a double grant", """
        1 11 hold 11:1 x@ 1
        2 12 open 12:1 x@
        3 13 hold 13:1 y@ 3
        5 11 close 11:1
        6 12 opened 12:1 OK
        7 12 read 12:1
        8 12 seen 12:1 OK 2 held"""),
    "a token twice": ("a token was used twice", """
        1 11 hold 11:1 x@ 1
        2 12 hold 12:1 y@ 1"""),
    "tokens that fall": ("tokens do not grow", """
        1 11 hold 11:1 x@ 2
        2 12 hold 12:1 y@ 1"""),
    "lost before its TTL": ("a TTL was cut short", """
        1 11 hold 11:1 x@ttl=100ms 1
        60 11 renew 11:1 100
        61 11 renewed 11:1 OK
        150 11 renew 11:1 100
        151 11 renewed 11:1 ESTALE"""),
    "granted before its TTL": ("a double grant", """
        1 11 hold 11:1 x@ttl=100ms 1
        60 12 hold 12:1 x@ 2
        200 11 close 11:1"""),
    "lost without a TTL": ("a hold without a TTL was lost", """
        1 11 hold 11:1 x@ 1
        2 11 read 11:1
        3 11 seen 11:1 OK 1 lost"""),
    "overtaken": ("a waiter was overtaken", """
        1 11 hold 11:1 x@ 1
        2 12 open 12:1 x@
        4 4 see x 12
        5 13 open 13:1 x@
        6 11 close 11:1
        7 13 opened 13:1 OK
        7 13 read 13:1
        7 13 seen 13:1 OK 2 held
        8 13 close 13:1
        9 13 closed 13:1
        9 12 opened 12:1 OK
        9 12 read 12:1
        9 12 seen 12:1 OK 3 held"""),
    "overtaken by one that was not read": ("a waiter was overtaken", """
        1 11 hold 11:1 x@ 1
        2 12 open 12:1 x@
        4 4 see x 12
        5 13 open 13:1 x@
        7 13 opened 13:1 OK
        8 8 see x 12"""),
    "overtaken by a shared one": ("a waiter was overtaken", """
        1 11 hold 11:1 x@shared 1
        2 12 open 12:1 x@
        4 4 see x 12
        5 13 hold 13:1 x@shared 2
        9 9 see x 12
        10 11 close 11:1
        10 9 signal 12 SIGKILL"""),
    "overtaken, by what was seen of the queue": ("a waiter was overtaken", """
        1 11 hold 11:1 x@ 1
        2 12 open 12:1 x@
        2 13 open 13:1 x@
        4 4 see x 12 13
        5 11 close 11:1
        6 13 opened 13:1 OK
        7 13 read 13:1
        8 13 seen 13:1 OK 2 held
        8 13 close 13:1
        9 13 closed 13:1
        9 12 opened 12:1 OK
        9 12 read 12:1
        9 12 seen 12:1 OK 3 held"""),
    "a lost release, tried": ("refused, though nobody was there", """
        1 11 hold 11:1 x@ 1
        2 11 close 11:1
        3 11 closed 11:1
        4 12 open 12:1 x@ nonblock
        5 12 opened 12:1 EAGAIN"""),
    "a lost release, waited for": ("nobody was granted, though nobody held", """
        1 11 hold 11:1 x@ 1
        2 11 close 11:1
        3 11 closed 11:1
        4 12 open 12:1 x@timeout=30s
        5 13 open 13:1 x@
        20000 20000 see x 12 13
        20001 9 signal 13 SIGKILL
        20002 9 dead 13
        30004 12 opened 12:1 ETIMEDOUT"""),
    "a wait that never ends": ("a process still waits", """
        1 11 open 11:1 x@
        2 9 stuck 11"""),
    "interrupted by nobody": ("a wait was interrupted", """
        1 11 open 11:1 x@
        2 11 opened 11:1 EINTR"""),
    "timed out too soon": ("a wait timed out before its time", """
        1 11 open 11:1 x@timeout=30ms
        30 11 opened 11:1 ETIMEDOUT"""),
    "an error for a holder": ("a renewal gave ENOTCONN", """
        1 11 hold 11:1 x@ttl=9s 1
        6 11 renew 11:1 9000
        7 11 renewed 11:1 ENOTCONN"""),
    "an error for who opens": ("an open gave EIO", """
        1 11 open 11:1 x@
        7 11 opened 11:1 EIO"""),
}


def records(story):
    """The records that a story stands for, and what was seen."""
    lines, seen, born = [], [], {"9"}
    for line in story.strip().splitlines():
        time, pid, kind, *words = line.split()
        ns = int(time) * 10**6
        if kind == "see":
            seen.append((ns, int(pid) * 10**6, {words[0]: [int(word) for word in words[1:]]}))
            continue
        if pid not in born:
            born.add(pid)
            if kind != "born":
                lines.append(f"{ns} {pid} born 0")
        if kind == "hold":
            key, spec, token = words
            for what in (f"open {key} {spec}", f"opened {key} OK", f"read {key}",
                         f"seen {key} OK {token} held"):
                lines.append(f"{ns} {pid} {what}")
        else:
            lines.append(" ".join([str(ns), pid, kind, *words]))
    return lines, seen


def verdict(story):
    """What the checker finds; empty: nothing."""
    lines, seen = records(story)
    history = History(lines)
    sight = Sight(history)
    for look in seen:
        sight.look(*look)
    try:
        Check(history).run()
    except Violation as violation:
        return str(violation)
    return ""


def main():
    bad = 0
    for name, (wanted, story) in {**{n: ("", s) for n, s in RIGHT.items()}, **WRONG}.items():
        found = verdict(story)
        if found[:len(wanted)] != wanted or bool(found) != bool(wanted):
            print(f"{name}: wanted '{wanted}', found '{found}'")
            bad += 1
    print(f"{len(RIGHT)} right and {len(WRONG)} wrong histories, {bad} taken for the other")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
