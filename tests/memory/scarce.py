"""What tests/memory/scarce.sh does on a mount whose memory fails: scarce.py MOUNT CONTROL

Every deed is done while the daemon's n-th allocation fails, for n = 1, 2, 3 … until none does. A deed
may be refused for that; whatever came of it, nothing is left of it, and it can be done at once.
"""
import contextlib
import errno
import itertools
import json
import mmap
import os
import select
import signal
import struct
import sys
import time

MOUNT, CONTROL = sys.argv[1:3]
REFUSED = {errno.ENOMEM, errno.EIO}  # what having no memory may look like


class Scarce:
    """The file by which memory is made to fail; see scarce.c."""

    HEAD = struct.Struct("<qQQQ")
    strike = staticmethod(lambda: None)  # what a deed calls where all may fail, not only the server

    def __init__(self, path):
        with open(path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 0)

    def arm(self, pid, n, descriptors=False):
        self.page[128:136] = struct.pack("<Q", descriptors)
        self.page[: self.HEAD.size] = self.HEAD.pack(pid, n, 0, 0)

    def disarm(self):
        """Where an allocation failed; None if none did."""
        _, _, _, count = self.HEAD.unpack(self.page[: self.HEAD.size])
        self.arm(0, 0)
        end = self.HEAD.size
        return self.page[end : end + 96].split(b"\0")[0].decode() if count else None


class Never(Exception):
    """What had to become true did not."""


serial = 0  # of the deed: each has names of its own


def path(place, spec=None):
    """A file of the mount; the names of a spec are the deed's own."""
    if spec is None:
        return os.path.join(MOUNT, place)
    names, at, rest = spec.partition("@")
    return os.path.join(MOUNT, place, "+".join(name + str(serial) for name in names.split("+")) + at + rest)


def read(*parts):
    with open(path(*parts), "rb", buffering=0) as file:
        return file.readall()


def status_of(name):
    with open(path("status", name) + ".json", "rb", buffering=0) as file:
        return json.loads(file.readall())


def write(text, *parts, flags=os.O_TRUNC):
    fd = os.open(path(*parts), os.O_WRONLY | os.O_CREAT | flags)
    try:
        os.write(fd, text)
    finally:
        os.close(fd)


@contextlib.contextmanager
def held(spec):
    """A hold, until it is closed or the end."""
    with open(path("locks", spec), "r+b", buffering=0, opener=lambda name, _: os.open(name, os.O_RDWR)) as file:
        yield file


def polled(fd, timeout):
    """What poll says. That it was refused the kernel says as POLLERR alone."""
    poll = select.poll()
    poll.register(fd, select.POLLPRI)
    events = sum(event for _, event in poll.poll(timeout))
    if events == select.POLLERR:
        raise OSError(errno.ENOMEM, "poll was refused")
    return events


def until(condition, seconds=2):
    """Waits for what has to become true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Never
        time.sleep(0.001)


@contextlib.contextmanager
def unseen():
    """Without memory a process cannot be seen or watched: its hold is not bound to it, and it is in no
    circle."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOLCK, errno.ETIMEDOUT):
            raise
        raise OSError(errno.ENOMEM, "the process was not seen") from error


def refused(wanted, spec):
    """Opening it gives this error."""
    try:
        with held(spec):
            raise AssertionError(f"{spec} was granted")
    except OSError as error:
        if error.errno != wanted:
            raise


@contextlib.contextmanager
def child(deed):
    """Another process, that does something and says what came of it; it is gone at the end."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 0
        os.closerange(3, into)  # our holds are not the child's
        os.closerange(into + 1, 64)
        try:
            deed(lambda: os.write(into, b"."))
        except OSError as error:
            code = error.errno
        finally:
            os._exit(code)
    os.close(into)
    try:
        yield pid, out
    finally:
        os.close(out)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def ended(pid):
    """How the child ended: an error is raised as if it were ours."""
    until(lambda: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code > 0:
        raise OSError(code, os.strerror(code))


def waits(out, name):
    """The child stands in the queue of `name`, or has ended. (Which process it is takes memory to know.)"""
    until(lambda: select.select([out], [], [], 0)[0] or
          status_of(name)["waiters"])


# ---- deeds ----

def exclusive():
    with held("a@ttl=1h") as fd:
        assert json.loads(os.read(fd.fileno(), 4096))["state"] == "held"
        os.write(fd.fileno(), b"renew 5m")
        assert not polled(fd, 0)
        refused(errno.EAGAIN, "a@try")
        refused(errno.EAGAIN, "a@try")


def waiting():
    def wait(say):
        with held("a@timeout=1h"):
            say()

    with held("a") as fd, child(wait) as (pid, out):
        waits(out, "a")
        os.write(fd.fileno(), b"renew")
        fd.close()
        ended(pid)


def interrupted():
    class Signal(Exception):
        pass

    def handler(*_):
        raise Signal

    def wait(say):
        signal.signal(signal.SIGUSR1, handler)
        try:
            with held("a@timeout=1h"):
                pass
        except Signal:
            say()
            with held("a@timeout=1h"):
                say()

    with held("a") as fd, child(wait) as (pid, out):
        waits(out, "a")
        os.kill(pid, signal.SIGUSR1)
        until(lambda: select.select([out], [], [], 0)[0], 2)
        os.read(out, 1)
        waits(out, "a")
        fd.close()
        ended(pid)


def together():
    with held("a+b"), held("c@shared"), held("c@shared"), held("d@slots=2"), held("d@slots=2"):
        refused(errno.EAGAIN, "b+c@try")


def bound():
    def hold(say):
        with held("a@bind=pid,owner=someone"):
            say()
            signal.pause()

    with unseen(), child(hold) as (pid, out):
        if not os.read(out, 1):
            ended(pid)
        os.kill(pid, signal.SIGKILL)
        until(lambda: status_of("a")["state"] == "free")


def expiring():
    with held("a@ttl=3ms") as fd:
        until(lambda: json.loads(os.pread(fd.fileno(), 4096, 0))["state"] == "lost")
        assert polled(fd, 1000) & select.POLLHUP
        try:
            os.write(fd.fileno(), b"renew")
            raise AssertionError("a lost hold was renewed")
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise


def timeout():
    with held("a"):
        refused(errno.ETIMEDOUT, "a@timeout=2ms")


def deadlock():
    with unseen(), held("a"):
        refused(errno.EDEADLK, "a@timeout=1s")


def broken():
    with held("a") as fd:
        token = json.loads(os.read(fd.fileno(), 4096))["token"]
        os.unlink(path("locks", f"a@token={token}"))
        assert json.loads(os.pread(fd.fileno(), 4096, 0))["state"] == "lost"


def leases():
    write(b"10m\n", "leases", "l@owner=stage")
    read("leases", "l@owner=stage")
    write(b"20m\n", "leases", "l@owner=stage", flags=os.O_APPEND)
    os.utime(path("leases", "l@owner=stage"))
    write(b"l%d 30m\n" % serial, "renew", flags=0)
    os.listdir(path("leases"))
    os.unlink(path("leases", "l@owner=stage"))


def freezes():
    write(b"10m\n", "freezes", "f")
    refused(errno.EBUSY, "f")
    read("freezes", "f")
    os.listdir(path("freezes"))
    write(b"20m\n", "freezes", "f")
    write(b"", "freezes", "f")
    os.unlink(path("freezes", "f"))


def looking():
    with held("a"), held("b+c"):
        assert len(json.loads(read("status.json"))["locks"]) == 3
        assert status_of("a")["state"] == "held"
        read("metrics")
        for name in os.listdir(path("locks")):
            os.stat(os.path.join(path("locks"), name))
        os.listdir(path("status"))
    fd = os.open(path("audit.jsonl"), os.O_RDONLY)
    os.pread(fd, 65536, 0)
    os.close(fd)


def following():
    fd = os.open(path("audit"), os.O_RDONLY | os.O_NONBLOCK)
    try:
        os.lseek(fd, 0, os.SEEK_END)
        with contextlib.suppress(BlockingIOError):
            os.read(fd, 4096)
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        poll.poll(0)
        os.set_blocking(fd, True)
        with held("a"):
            until(lambda: b'"acquire"' in os.read(fd, 65536))
    finally:
        os.close(fd)


def survived():
    """The server is killed, and what starts the next one has little memory. It may take several."""
    def wait(say):
        with held("a@timeout=1h"):
            say()

    with held("a") as fd, child(wait) as (pid, out):
        waits(out, "a")
        Scarce.strike()
        os.kill(status()["daemon"]["pid"], signal.SIGKILL)
        os.write(fd.fileno(), b"renew 5m")
        assert status_of("a")["state"] == "held"
        assert status_of("a")["waiters"]
        fd.close()
        ended(pid)


DEEDS = [exclusive, waiting, interrupted, together, bound, expiring, timeout, deadlock, broken, leases,
         freezes, looking, following, survived]


ENOUGH = {survived: 120}  # a start and the first lines of the log: there are more the longer that is


def status():
    return json.loads(read("status.json"))


def left():
    """What is held, frozen or waits."""
    now = status()
    return now["locks"] + now["freezes"] or now["totals"]["waiters"]


def settle():
    """What a deed could not take away is taken away; then there is nothing. Else: what there is."""
    for place, name in (("leases", "l@owner=stage"), ("freezes", "f")):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path(place, name))
    try:
        until(lambda: not left(), 2)
        return None
    except Never:
        lasting = json.dumps(left())[:99]
        for lock in status()["locks"]:
            for holder in lock["holders"]:
                with contextlib.suppress(OSError):  # a group is broken by the first of its names
                    os.unlink(os.path.join(path("locks"), f"{lock['name']}@token={holder['token']}"))
        until(lambda: not left())
        return lasting


def scarce_deed(scarce, deed, n, pid):
    """Whether it was refused, and where memory failed."""
    global serial
    serial += 1
    no = False
    if deed is survived:
        Scarce.strike = lambda: scarce.arm(0, n)
    else:
        scarce.arm(pid, n)
    try:
        deed()
    except Never:
        return no, scarce.disarm(), "it hangs"
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        no = True
    finally:
        Scarce.strike = lambda: None
    time.sleep(0.002)  # closing is answered before it is done
    return no, scarce.disarm(), None


def scarce_round(scarce, deed, n):
    """One deed with little memory, and once more with enough. Where memory failed, whether the deed was
    refused, and what is wrong now."""
    pid = status()["daemon"]["pid"]
    wrong = None
    try:
        no, where, wrong = scarce_deed(scarce, deed, n, pid)
        wrong = settle() or wrong
        deed()
        wrong = wrong or settle()
    except Exception as error:
        raise AssertionError(f"{deed.__name__}, allocation {n}: {scarce.disarm()}") from error
    if wrong:
        wrong = f"left: {wrong}"
    elif deed is not survived and status()["daemon"]["pid"] != pid:
        wrong = "the server died"
    elif no and not where:
        wrong = "refused, with memory enough"
    return where, no, wrong and f"{deed.__name__}, allocation {n} at {where}: {wrong}"


def main():
    scarce = Scarce(CONTROL)
    places, wrongs, failed, noes = set(), [], 0, 0
    for deed in DEEDS:
        deed()  # once, so that what is kept for good is there
        settle()
        print(deed.__name__, flush=True)
        for n in range(1, ENOUGH[deed] + 1) if deed in ENOUGH else itertools.count(1):
            where, no, wrong = scarce_round(scarce, deed, n)
            if wrong:
                wrongs.append(wrong)
                print(wrong, flush=True)
            noes += no
            if where is None:
                break
            failed += 1
            places.add(where)
    print(f"{failed} allocations failed, at {len(places)} places; {noes} of {len(DEEDS)} deeds' "
          f"{failed + len(DEEDS)} tries were refused")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
