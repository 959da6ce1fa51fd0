"""What /proc says of processes, and what the storm itself writes down."""

import os
import time

RECORD = 128  # bytes, as in diary.h


def stat_of(pid):
    """The state and the parent of a process; ("X", 0) when there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[0], int(fields[1])
    except OSError:
        return "X", 0


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


class Diary:
    """The driver's own records, in the file of all."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def write(self, text, at=None):
        line = f"{at or time.monotonic_ns()} {os.getpid()} {text}"
        os.write(self.file, line.ljust(RECORD - 1).encode() + b"\n")
