"""What an observer saw in status.json: who surely stood in a queue, and who before whom."""

import bisect
import json


class Sight:
    def __init__(self, history):
        self.history = history
        self.opens = {}  # of each pid, by time
        for attempt in history.opens:
            self.opens.setdefault(attempt.life.pid, []).append(attempt)

    def find(self, pid, name, begun, ended):
        """The one open of the process that can have been seen then, or None."""
        opens = self.opens.get(pid, [])
        at = bisect.bisect_left(opens, ended, key=lambda a: a.begun)
        near = []
        while at > 0 and len(near) < 2 and opens[at - 1].ended > begun:
            at -= 1
            if name in opens[at].names:
                near.append(opens[at])
        return near[0] if len(near) == 1 else None

    def look(self, begun, ended, queues):
        for name, pids in queues.items():
            before = None
            for pid in pids:
                attempt = self.find(pid, name, begun, ended)
                if attempt:
                    attempt.seen = min(attempt.seen, ended)
                    attempt.seen_until = max(attempt.seen_until, begun)
                    if before:
                        self.history.follows.add((before, attempt))
                before = attempt


def read_sight(history, path):
    """Reads the observer's file: lines of two times and the queues at a moment between them."""
    sight = Sight(history)
    with open(path, "rb") as file:
        for line in file:
            if line.endswith(b"\n"):  # the observer was killed over any other
                sight.look(*json.loads(line))
