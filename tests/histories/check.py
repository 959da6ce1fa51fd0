#!/usr/bin/env -S python3 -B
"""Whether one order of grants explains what the processes of a history saw.

    check.py DIARY [SEEN] [--patience SECONDS]

It knows the mount's contract and the form of the records, and nothing of the daemon. Since tokens
grow with every grant, across names, the order of grants can only be that of their tokens; it is
compared with what must have been so at each moment. SEEN is what an observer saw in status.json.
Exit: 0 it explains everything · 1 it does not · 64 usage.
"""

import argparse
import bisect
import itertools
import sys

from history import NEVER, History
from sight import read_sight

GONE = ("ENOTCONN", "ECONNABORTED", "ENOENT", "ENODEV")  # there is no mount
SLACK = 15 * 10**9  # in which holds of a mount that is gone are found to have ended


class Violation(Exception):
    """What cannot be, and the opens that show it."""

    def __init__(self, what, *opens):
        super().__init__(what)
        self.opens = opens


class Check:
    def __init__(self, history, patience=10):
        self.history = history
        self.patience = int(patience * 10**9)
        self.granted = [a for a in history.opens if a.granted()]
        self.ordered = sorted((a for a in self.granted if a.token is not None),
                              key=lambda a: a.token)
        self.names = {}
        for attempt in history.opens:
            for name in attempt.names:
                self.names.setdefault(name, []).append(attempt)
        self.judged = dict.fromkeys(("waits", "expiries", "refusals"), 0)

    def run(self):
        self.tokens()
        self.bounds()
        self.errors()
        self.expiries()
        self.overlaps()
        self.queues()
        self.refusals()
        self.neglect()

    # ---- tokens ----

    def tokens(self):
        for one, other in zip(self.ordered, self.ordered[1:]):
            if one.token == other.token:
                raise Violation("a token was used twice", one, other)

    def bounds(self):
        """A grant came after all calls for smaller tokens, and before all answers with larger."""
        for attempt in self.granted:
            attempt.low, attempt.high = attempt.begun, attempt.ended
        latest = earliest = None
        for attempt in self.ordered:
            latest = max(latest or attempt, attempt, key=lambda a: a.begun)
            attempt.low = latest.begun
            attempt.latest = latest
        for attempt in reversed(self.ordered):
            earliest = min(earliest or attempt, attempt, key=lambda a: a.ended)
            attempt.high = earliest.ended
            if attempt.low > attempt.high:
                raise Violation("tokens do not grow", attempt.latest, earliest)

    # ---- who holds ----

    def overlaps(self):
        for name, attempts in self.names.items():
            holds = [a for a in attempts if a.granted() and a.surely_until() > a.ended]
            self.overlaps_of(sorted(holds, key=lambda a: a.ended), lambda a: a.ended)
            self.overlaps_of([a for a in self.ordered if name in a.names], lambda a: a.high)

    def overlaps_of(self, holds, moment):
        """In this order each hold, granted by its moment, finds room among those before it."""
        held = []
        for hold in holds:
            held = [h for h in held if h.until > moment(hold)]
            together = [h for h in held if not (h.shared and hold.shared)]
            if len(together) >= hold.slots:
                raise Violation("a double grant" if hold.slots == 1 else "more holds than slots",
                                *together, hold)
            hold.until = hold.surely_until()
            held.append(hold)

    # ---- TTLs ----

    def lost(self, hold, call):
        """The hold was said to be lost when the call ended."""
        self.judged["expiries"] += 1
        if hold.bound and hold.life.surely_until() < call.ended:
            return
        if hold.ttl is None:
            raise Violation("a hold without a TTL was lost", hold)
        expiry = hold.expiry(call.ended)
        if call.ended < expiry:
            raise Violation(f"a TTL was cut short by {(expiry - call.ended) / 1e6:.1f} ms", hold)

    def expiries(self):
        for hold in self.granted:
            for call in hold.renewals:
                if call.result == "ESTALE":
                    self.lost(hold, call)
                elif call.result not in ("OK", None):
                    self.gone(hold, call, f"a renewal gave {call.result}")
            for call in hold.looks:
                if call.state == "lost":
                    self.lost(hold, call)
                elif call.result not in ("OK", None):
                    self.gone(hold, call, f"a read gave {call.result}")

    # ---- errors ----

    def gone(self, hold, call, what):
        """An error that only a mount that is gone gives, and only after that."""
        if call.result not in GONE or not self.down(hold.begun, call.ended):
            raise Violation(what, hold)

    def down(self, begun, ended):
        """Whether there was no mount at some moment between."""
        at = bisect.bisect_left(self.history.downs, ended, key=lambda down: down[0])
        return at > 0 and self.history.downs[at - 1][1] > begun

    def errors(self):
        for time, result in self.history.hammered:
            if not self.down(time - SLACK, time):
                raise Violation(f"a hammer was told {result}")
        for attempt in self.history.opens:
            self.error(attempt)

    def error(self, attempt):
        result = attempt.result
        if result in ("OK", None) or (result == "EAGAIN" and attempt.tries):
            return
        if result == "ETIMEDOUT" and attempt.timeout is not None:
            if attempt.ended < attempt.patience():
                raise Violation("a wait timed out before its time", attempt)
        elif result == "EINTR":
            if attempt.life.disturbed(attempt.begun) > attempt.ended:
                raise Violation("a wait was interrupted that nobody disturbed", attempt)
        elif result not in GONE or not self.down(attempt.begun, attempt.ended):
            raise Violation(f"an open gave {result}", attempt)

    # ---- queues ----

    def queues(self):
        for first, second in self.history.follows:
            self.overtaken(first, second)
        for attempts in self.names.values():
            waiting = []
            for late in attempts:
                waiting = [w for w in waiting if w.waits_until() >= late.begun]
                for early in waiting:
                    if early.seen < late.first.begun:
                        self.overtaken(early, late)
                waiting.append(late)

    def overtaken(self, early, late):
        """Early surely stood in the queue before late."""
        if not late.granted():
            return
        self.judged["waits"] += 1
        undisturbed = early.life.disturbed(early.begun) >= early.ended
        if early.granted() and undisturbed and early.token and late.token:
            overtaken = (late.token < early.token and
                         min(late.high, early.high) < early.patience())
        else:
            overtaken = late.high < early.waits_until()
        if overtaken:
            raise Violation("a waiter was overtaken", early, late)

    # ---- refusals and neglect ----

    def presence(self, attempt):
        """From when on nobody can wait for it or hold it, and the daemon knows."""
        until = self.history.perhaps_until(attempt)
        return until + SLACK if self.down(attempt.begun, until) else until

    def refusals(self):
        """Who tried and was refused found somebody there."""
        for attempt in self.history.opens:
            attempt.presence = self.presence(attempt)
        refused = {a: False for a in self.history.opens if a.result == "EAGAIN"}
        for attempts in self.names.values():
            there = []
            for at, attempt in enumerate(attempts):
                there = [a for a in there if a.presence > attempt.begun]
                if attempt in refused:
                    later = itertools.takewhile(lambda a: a.begun < attempt.ended,
                                                attempts[at + 1:])
                    refused[attempt] |= any(excuses(a, attempt)
                                            for a in itertools.chain(there, later))
                else:
                    there.append(attempt)
        self.judged["refusals"] = len(refused)
        for attempt, excused in refused.items():
            if not excused:
                raise Violation("refused, though nobody was there: a lost release", attempt)

    def neglect(self):
        """Nobody waits while for long nobody can hold."""
        for life in self.history.lives:
            if life.stuck:
                raise Violation("a process still waits, though everybody let go",
                                *filter(None, [life.latest]))
        for attempt in self.history.opens:
            if attempt.waits_until() - attempt.begun > self.patience:
                self.neglected(attempt)

    def neglected(self, waiter):
        """A stretch of the wait in which nobody held a name of it, and there was a server."""
        others = {a for name in waiter.names for a in self.names[name]} - {waiter}
        busy = [(a.waits_until(), a.presence) for a in others
                if a.granted() or a.result is None]
        alone = waiter.begun
        for begun, ended in sorted(busy + self.history.outages) + [(waiter.waits_until(), NEVER)]:
            if min(begun, waiter.waits_until()) - alone > self.patience:
                raise Violation("nobody was granted, though nobody held: a lost release", waiter)
            alone = max(alone, ended)


def excuses(other, attempt):
    """Whether the other, who was there, is a reason to refuse."""
    if other.result == "EAGAIN":
        return False
    held = other.granted() and other.ended <= attempt.begun
    return not (held and other.shared and attempt.shared)


def tell(violation, history):
    """In plain words, with milliseconds since the history began."""
    def ms(time):
        return "never" if time >= NEVER else f"{(time - history.start) / 1e6:.3f}"

    for a in violation.opens:
        print(f"  {a.spec} ({a.key}): the open began {ms(a.begun)} and gave "
              f"{a.result or 'no answer'} {ms(a.ended)}")
        if a.seen < NEVER:
            print(f"    surely queued since {ms(a.seen)}, until {ms(a.waits_until())}")
        if a.granted():
            print(f"    token {a.token}, granted between {ms(a.low)} and {ms(a.high)}, surely held "
                  f"until {ms(a.surely_until())}")
        for grip in a.grips:
            print(f"    process {grip.life.pid} surely had it from {ms(grip.since)} to "
                  f"{ms(grip.surely_until())}")
        for call in a.renewals:
            print(f"    renewal for {call.ttl // 10**6} ms from {ms(call.begun)} to "
                  f"{ms(call.ended)}: {call.result}")
        for call in a.looks:
            print(f"    read from {ms(call.begun)} to {ms(call.ended)}: {call.state}")


def main(arguments=None):
    parser = argparse.ArgumentParser(description="whether one order of grants explains a history")
    parser.add_argument("diary")
    parser.add_argument("seen", nargs="?")
    parser.add_argument("--patience", type=float, default=10)
    args = parser.parse_args(arguments)
    with open(args.diary, encoding="ascii") as file:
        history = History(file)
    if args.seen:
        read_sight(history, args.seen)
    check = Check(history, args.patience)
    try:
        check.run()
    except Violation as violation:
        print(f"VIOLATION: {violation}")
        tell(violation, history)
        return 1
    took = (history.finish - history.start) / 1e9
    print(f"one order explains it all: {len(history.lives)} processes, {len(history.opens)} opens, "
          f"{len(check.granted)} grants in {took:.0f} s; judged: {check.judged['waits']} pairs in "
          f"queues, {check.judged['expiries']} ends by TTL, {check.judged['refusals']} refusals")
    return 0


if __name__ == "__main__":
    sys.exit(main())
