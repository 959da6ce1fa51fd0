"""The processes that live at the mount."""

import ctypes
import json
import os
import signal
import time

from process import children_of

PR_SET_PDEATHSIG = 1


class Crew:
    """Children of this process, and so are their children: nobody else reaps them."""

    def __init__(self, life, mount, directory, diary):
        self.diary, self.mount, self.directory = diary, mount, directory
        self.finish = f"{directory}/finish"
        self.command = [life, mount.path, f"{directory}/diary", self.finish]
        self.members = set()  # who is replaced when he dies; inheritors are not
        self.others = set()  # children that are none of the crew

    def spawn(self, seed, *more):
        command = [*self.command, str(seed), *more]
        said = (os.POSIX_SPAWN_OPEN, 2, f"{self.directory}/crew.log",
                os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=[said])
        self.members.add(pid)
        return pid

    def observe(self, path):
        """A process that writes down what status.json shows, with the times around it."""
        pid = os.fork()
        if pid == 0:
            try:
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                self.observer(path)
            finally:
                os._exit(70)
        self.others.add(pid)

    def observer(self, path):
        with open(path, "wb", buffering=0) as out:
            while True:
                begun = time.monotonic_ns()
                try:
                    with open(f"{self.mount.path}/status.json", "rb", buffering=0) as file:
                        text = file.readall()
                    ended = time.monotonic_ns()
                    queues = {lock["name"]: [waiter["pid"] for waiter in lock["waiters"]]
                              for lock in json.loads(text)["locks"]}
                    out.write(json.dumps([begun, ended, queues]).encode() + b"\n")
                except (OSError, ValueError):  # nobody serves; cut short
                    time.sleep(0.01)
                time.sleep(0.004)

    def dismiss(self):
        """The observers have seen enough."""
        for pid in self.others:
            os.kill(pid, signal.SIGKILL)

    def alive(self):
        return [pid for pid in children_of(os.getpid()) if pid not in self.others]

    def reap(self):
        """Writes down who died; the dead members."""
        dead = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            self.diary.write(f"dead {pid}")
            if os.waitstatus_to_exitcode(status) not in (0, -signal.SIGKILL):
                raise RuntimeError(f"process {pid} failed: {status:#x}")
            if pid in self.members:
                self.members.discard(pid)
                dead.append(pid)
        return dead

    def signal(self, pid, number):
        """To one of our own children, which are not reaped meanwhile: it is still he."""
        name = signal.Signals(number).name
        self.diary.write(f"signal {pid} {name}")
        os.kill(pid, number)
        self.diary.write(f"signalled {pid} {name}")

    def drain(self, patience):
        """Everybody finishes. Who cannot, though all others let go, is written down and killed."""
        with open(self.finish, "w", encoding="utf-8"):
            pass
        end = time.monotonic() + patience
        while self.alive() and time.monotonic() < end:
            self.reap()
            time.sleep(0.01)
        for pid in self.alive():
            self.diary.write(f"stuck {pid}")
        for pid in self.alive():
            self.signal(pid, signal.SIGKILL)
        while self.alive():
            self.reap()
            time.sleep(0.01)
