"""What the processes of a history wrote down, as lives, opens and holds.

Times are nanoseconds of CLOCK_MONOTONIC. A record of a call's beginning was written before the
call, one of its end after it: what the call did happened at some moment between. README.md has the
records.
"""

NEVER = 1 << 62


def duration(text):
    """As nanoseconds; None: there is none."""
    if text in (None, "none"):
        return None
    return int(text[:-2]) * 10**6 if text.endswith("ms") else int(text[:-1]) * 10**9


class Life:
    """A process, from its birth to its death."""

    def __init__(self, pid, born):
        self.pid, self.last = pid, born
        self.latest = None  # open
        self.end = NEVER  # by its own word
        self.kill = NEVER  # somebody began to kill it
        self.signals = []  # [before, after] each stop and kill was sent
        self.dead = NEVER  # surely
        self.stuck = False

    def surely_until(self):
        """Until when it surely lived."""
        return self.last if self.end == self.kill == NEVER else min(self.end, self.kill)

    def disturbed(self, since):
        """From when on something may have interrupted a call that began at `since`."""
        return next((max(a, since) for a, b in self.signals if b >= since), NEVER)


class Grip:
    """A process's descriptor of a hold."""

    def __init__(self, life, since):
        self.life, self.since = life, since
        self.close = self.closed = NEVER  # when the call began and ended

    def surely_until(self):
        return min(self.close, self.life.surely_until())

    def perhaps_until(self):
        return min(self.closed, self.life.dead)


class Call:
    """A renewal, or a read, of a hold."""

    def __init__(self, pid, begun, ttl=None):
        self.pid, self.begun, self.ttl = pid, begun, ttl
        self.ended, self.result, self.state = NEVER, None, None


class Open:
    """One open(2), and the hold that came of it."""

    def __init__(self, life, key, begun, spec, words):
        self.life, self.key, self.begun, self.spec = life, key, begun, spec
        names, _, options = spec.partition("@")
        options = dict(o.partition("=")[::2] for o in options.split(",") if o)
        self.names = names.split("+")
        self.shared = "shared" in options
        self.slots = int(options.get("slots", 1))
        self.ttl = duration(options.get("ttl"))
        self.tries = "try" in options or "nonblock" in words
        self.timeout = duration(options.get("timeout"))
        self.bound = options.get("bind") == "pid"
        self.first = life.latest.first if "again" in words else self
        self.ended, self.result, self.token = NEVER, None, None
        self.grips, self.renewals, self.looks = [], [], []
        self.unborn = 0  # forks whose child has said nothing
        self.low = self.high = begun  # the grant's bounds
        self.seen, self.seen_until = NEVER, begun  # when it surely waited
        self.presence = NEVER  # from when on nobody can wait for it or hold it

    def granted(self):
        return self.result == "OK"

    def patience(self):
        """When its time-out passed: it is no longer owed a place then."""
        return NEVER if self.timeout is None else self.first.begun + self.timeout

    def waits_until(self):
        """Until when it surely stood in its queues; the answer may have come later."""
        if self.result is None:
            end = self.seen_until
        elif self.granted():
            end = max(self.low, self.seen_until)
        else:
            end = min(self.ended, self.life.disturbed(self.begun))
        return min(end, self.patience())

    def gripped_until(self):
        """Until when somebody surely had a descriptor for which it is held."""
        grips = self.grips[:1] if self.bound else self.grips
        return max((grip.surely_until() for grip in grips), default=0)

    def expiry(self, at=NEVER):
        """When, by what was told until `at`, its TTL passed at the earliest."""
        if self.ttl is None:
            return NEVER
        expiry = self.low + self.ttl
        for renewal in self.renewals:
            if renewal.result == "OK" and renewal.ended <= at:
                expiry = renewal.begun + renewal.ttl
            elif renewal.begun < at and renewal.result != "ESTALE":
                expiry = min(expiry, renewal.begun + renewal.ttl)
        return expiry

    def surely_until(self):
        """Until when it was surely held."""
        proven = [call.begun for call in self.renewals if call.result == "OK"]
        proven += [call.begun for call in self.looks if call.state == "held"]
        return min(self.gripped_until(), max([self.expiry(), *proven]))


class History:
    """All records of a diary."""

    def __init__(self, lines):
        self.lives, self.opens = [], []
        self.living = {}  # by pid
        self.holds = {}  # the open of each `<pid>:<n>`
        self.downs = []  # [from, until]: there was no mount
        self.follows = set()  # (open, open) that were seen in this order in a queue
        self.outages = []  # [from, until]: there was no server that surely answered
        self.hammered = []  # (when, what a hammer was told)
        self.unknown_dead = 0  # the last death of a process that never said a word
        self.start = self.finish = None
        for line in lines:
            time, pid, kind, *words = line.split()
            self.finish = int(time)
            self.start = self.start or self.finish
            getattr(self, "read_" + kind)(self.finish, int(pid), words)
        self.lives.extend(self.living.values())

    def life(self, pid, time):
        """Who wrote this, then."""
        life = self.living[pid]
        life.last = max(life.last, time)
        return life

    def perhaps_until(self, attempt):
        """From when on nobody can wait for it or hold it."""
        if not attempt.grips:
            return min(attempt.ended, attempt.life.dead)
        until = max(grip.perhaps_until() for grip in attempt.grips)
        return max(until, self.unknown_dead) if attempt.unborn else until

    def grip(self, pid, key):
        return next(grip for grip in self.holds[key].grips if grip.life is self.living[pid])

    def read_born(self, time, pid, _words):
        self.living[pid] = Life(pid, time)

    def read_fork(self, time, pid, words):
        self.life(pid, time)
        self.holds[words[0]].unborn += 1

    def read_forked(self, time, pid, _words):
        self.life(pid, time)

    def read_has(self, time, pid, words):
        hold = self.holds[words[0]]
        hold.unborn -= 1
        hold.grips.append(Grip(self.life(pid, time), time))

    def read_open(self, time, pid, words):
        life = self.life(pid, time)
        life.latest = Open(life, words[0], time, words[1], words[2:])
        self.opens.append(life.latest)
        self.holds[words[0]] = life.latest

    def read_opened(self, time, pid, words):
        attempt = self.holds[words[0]]
        attempt.ended, attempt.result = time, words[1]
        if attempt.granted():
            attempt.grips.append(Grip(self.life(pid, time), time))
        self.life(pid, time)

    def read_read(self, time, pid, words):
        self.life(pid, time)
        self.holds[words[0]].looks.append(Call(pid, time))

    def read_seen(self, time, pid, words):
        self.life(pid, time)
        hold = self.holds[words[0]]
        look = next(call for call in reversed(hold.looks) if call.pid == pid)
        look.ended, look.result, look.state = time, words[1], words[3]
        if words[2] != "-":
            hold.token = int(words[2])

    def read_renew(self, time, pid, words):
        self.life(pid, time)
        self.holds[words[0]].renewals.append(Call(pid, time, int(words[1]) * 10**6))

    def read_renewed(self, time, pid, words):
        self.life(pid, time)
        renewal = self.holds[words[0]].renewals[-1]
        renewal.ended, renewal.result = time, words[1]

    def read_close(self, time, pid, words):
        self.life(pid, time)
        self.grip(pid, words[0]).close = time

    def read_closed(self, time, pid, words):
        self.life(pid, time)
        self.grip(pid, words[0]).closed = time

    def read_end(self, time, pid, _words):
        self.life(pid, time).end = time

    def read_hammered(self, time, _pid, words):
        self.hammered.append((time, words[0]))

    def read_signal(self, time, _pid, words):
        life = self.living.get(int(words[0]))
        if life and words[1] != "SIGCONT":
            life.signals.append([time, NEVER])
            if words[1] == "SIGKILL":
                life.kill = min(life.kill, time)

    def read_signalled(self, time, _pid, words):
        life = self.living.get(int(words[0]))
        if life and words[1] != "SIGCONT" and life.signals:
            life.signals[-1][1] = time

    def read_dead(self, time, _pid, words):
        life = self.living.pop(int(words[0]), None)
        if life:
            life.dead = time
            self.lives.append(life)
        else:
            self.unknown_dead = time

    def read_stuck(self, _time, _pid, words):
        if int(words[0]) in self.living:
            self.living[int(words[0])].stuck = True

    def read_server(self, time, _pid, words):
        if words[1] != "SIGCONT" and (not self.outages or self.outages[-1][1] != NEVER):
            self.outages.append([time, NEVER])

    read_supervisor = read_server

    def read_serving(self, time, _pid, _words):
        if self.outages:
            self.outages[-1][1] = min(time, self.outages[-1][1])

    def read_down(self, time, _pid, _words):
        self.downs.append([time, NEVER])

    def read_up(self, time, _pid, _words):
        self.downs[-1][1] = time
