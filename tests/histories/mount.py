"""The daemon and its mount, as the storm has them."""

import errno
import json
import os
import signal
import subprocess
import threading
import time

from process import children_of, stat_of

PATIENCE = 20  # seconds for what takes a tenth of one, on a machine that does much else


class Mount:
    """What the daemon is made of is known from status.json and by pidfds."""

    def __init__(self, loktfs, directory, options, diary):
        self.loktfs, self.diary, self.options = loktfs, diary, options
        self.path, self.state = f"{directory}/m", f"{directory}/s"
        self.messages = open(f"{directory}/daemon.log", "ab")
        self.supervisor = self.server = 0
        os.makedirs(self.path)
        os.makedirs(self.state)

    def start(self):
        command = [self.loktfs, "-o", f"state={self.state},{self.options}", self.path]
        for _ in range(100):  # a daemon that was killed keeps its state for another moment
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=self.messages,
                                  stderr=self.messages, check=False)
            if done.returncode == 0:
                break
            time.sleep(0.05)
        else:
            raise RuntimeError("loktfs does not start: see daemon.log")
        self.look()

    def read_status(self, answer):
        """Puts into the list what status.json says, or its error."""
        while not answer:
            try:
                with open(f"{self.path}/status.json", encoding="utf-8") as file:
                    answer.append(json.load(file))
            except OSError as error:
                if error.errno != errno.ESTALE:  # half read when the server died
                    answer.append(error)

    def look(self, tend=lambda: None):
        """Waits until a server serves, and learns who it is; calls `tend` meanwhile."""
        answer = []
        reader = threading.Thread(target=self.read_status, args=[answer], daemon=True)
        end = time.monotonic() + PATIENCE
        reader.start()
        while reader.is_alive():
            reader.join(0.004)
            tend()
            if time.monotonic() > end:
                raise RuntimeError(f"nobody serves for {PATIENCE} s")
        if isinstance(answer[0], OSError):
            raise answer[0]
        daemon = answer[0]["daemon"]
        self.server, self.supervisor = daemon["pid"], daemon.get("supervisor_pid") or 0
        self.diary.write("serving")

    def newest(self):
        """The server as the supervisor has it, which may not serve yet."""
        children = children_of(self.supervisor) if self.supervisor else []
        return children[-1] if children else self.server

    def signal(self, role, number):
        """Signals what plays the role; False when it is gone, or somebody else by now."""
        pid = {"server": self.newest, "supervisor": lambda: self.supervisor}[role]()
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            return False
        try:
            program = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
            if not program.startswith("loktfs"):  # its number is another's by now
                return False
            self.diary.write(f"{role} {pid} {signal.Signals(number).name}")
            signal.pidfd_send_signal(pidfd, number)
            return True
        except OSError:
            return False
        finally:
            os.close(pidfd)

    def upgrade(self):
        """Puts the same program behind the open mount. False, with a message: it cannot be."""
        self.diary.write("server 0 upgrade")
        command = [self.loktfs, "--upgrade", self.path]
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=self.messages,
                              stderr=self.messages, timeout=PATIENCE, check=False).returncode == 0

    def end(self):
        """An orderly end. False: something is still there."""
        pids = [pid for pid in (self.server, self.supervisor) if pid]
        self.signal("server", signal.SIGTERM)
        for _ in range(500):
            if all(stat_of(pid)[0] in "ZX" for pid in pids):
                return True
            time.sleep(0.02)
        return False

    def clear(self):
        """Takes away what may be left of it after a failure."""
        for role in ("supervisor", "server"):
            self.signal(role, signal.SIGKILL)
        subprocess.run(["fusermount3", "-uzq", self.path], check=False)
