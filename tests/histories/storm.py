"""Kills and stops over a mount and a crew."""

import heapq
import random
import signal
import time

from mount import PATIENCE


class Storm:
    """The deeds are the seed's; when exactly they fall is the machine's."""

    DEEDS = {"kill server": 50, "kill servers": 8, "kill supervisor": 5, "kill both": 4,
             "upgrade server": 4, "stop server": 5, "stop supervisor": 3, "kill life": 14,
             "stop life": 12}

    def __init__(self, seed, mount, crew, diary):
        self.random = random.Random(seed)
        self.mount, self.crew, self.diary = mount, crew, diary
        self.later = []  # (when, pid) of the stopped that are to go on
        self.count = dict.fromkeys(self.DEEDS, 0)
        self.kills = 0  # of the server
        self.spared = set()

    def populate(self, lives):
        for _ in range(lives):
            self.crew.spawn(self.random.getrandbits(60))

    def hammer(self, *how):
        self.spared.add(self.crew.spawn(0, "hammer", *how))

    def tend(self):
        """What goes on between deeds: the stopped go on, the dead are replaced."""
        while self.later and self.later[0][0] <= time.monotonic():
            self.go_on(heapq.heappop(self.later)[1])
        self.populate(len(self.crew.reap()))

    def go_on(self, pid):
        if pid in self.crew.alive():
            self.crew.signal(pid, signal.SIGCONT)

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.tend()
            time.sleep(min(left, 0.004))

    def victim(self):
        return self.random.choice([p for p in self.crew.alive() if p not in self.spared])

    def kill_server(self):
        if self.mount.signal("server", signal.SIGKILL):
            self.kills += 1

    def do_kill_server(self):
        self.kill_server()
        self.mount.look(self.tend)

    def do_kill_servers(self):
        """The next ones too, which may still be learning what the one before them knew."""
        for _ in range(self.random.randint(2, 3)):
            self.kill_server()
            self.wait(self.random.uniform(0, 0.03))
        self.mount.look(self.tend)

    def do_kill_supervisor(self):
        before = self.mount.supervisor
        if not self.mount.signal("supervisor", signal.SIGKILL):
            return
        end = time.monotonic() + PATIENCE
        while self.mount.supervisor in (0, before):  # or the next kill would be one of both
            if time.monotonic() > end:
                raise RuntimeError(f"no new supervisor for {PATIENCE} s")
            self.wait(self.random.uniform(0, 0.02))
            self.mount.look(self.tend)

    def do_kill_both(self):
        self.diary.write("down")
        roles = ["supervisor", "server"]
        for role in roles:  # or the one would begin the other anew
            self.mount.signal(role, signal.SIGSTOP)
        self.random.shuffle(roles)
        for role in roles:
            if self.mount.signal(role, signal.SIGKILL) and role == "server":
                self.kills += 1
        self.wait(self.random.uniform(0, 0.05))
        self.mount.start()
        self.diary.write("up")

    def do_upgrade_server(self):
        if not self.mount.upgrade():
            raise RuntimeError("no upgrade: see daemon.log")
        self.mount.look(self.tend)

    def do_stop(self, role):
        """Stopped, and often killed while it is."""
        if not self.mount.signal(role, signal.SIGSTOP):
            return
        self.wait(self.random.choice((0.005, 0.05, 0.15, 0.5)))
        if self.random.random() < 0.5:
            self.kill_server()
            self.wait(self.random.uniform(0, 0.05))
        self.mount.signal(role, signal.SIGCONT)
        self.mount.look(self.tend)

    def do_stop_server(self):
        self.do_stop("server")

    def do_stop_supervisor(self):
        self.do_stop("supervisor")

    def do_kill_life(self):
        self.crew.signal(self.victim(), signal.SIGKILL)

    def do_stop_life(self):
        pid = self.victim()
        self.crew.signal(pid, signal.SIGSTOP)
        stopped = self.random.choice((0.002, 0.05, 0.15, 0.5, 1.5))
        heapq.heappush(self.later, (time.monotonic() + stopped, pid))

    def deed(self, deeds):
        name = self.random.choices(list(deeds), list(deeds.values()))[0]
        self.count[name] += 1
        getattr(self, "do_" + name.replace(" ", "_"))()

    def end(self):
        """The weather clears: nobody stays stopped."""
        while self.later:
            self.go_on(heapq.heappop(self.later)[1])
