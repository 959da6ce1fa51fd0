"""What tests/memory/scarce-revival.sh does: revival.py MOUNT CONTROL LOKTFS STATE DAEMONS

A server is killed, and the n-th allocation of the one that takes its place fails, for n = 1, 2, 3 … until none
does; and so with descriptors. Each time on a mount with a log of its own: reading a log takes the more memory the longer it is.
"""
import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys

from scarce import MOUNT, REFUSED, Never, Scarce, child, held, path, refused, status, status_of, until, waits

CONTROL, LOKTFS, STATE, DAEMONS = sys.argv[2:6]
SPARE = 8  # that one server may need more than another: what comes again may come later


@contextlib.contextmanager
def mounted():
    """A mount with a log of its own, that is gone at the end."""
    shutil.rmtree(STATE, ignore_errors=True)
    os.mkdir(STATE)
    subprocess.run([LOKTFS, "-o", "state=" + STATE, MOUNT], stdin=subprocess.DEVNULL, check=True)
    note()
    try:
        yield
    finally:
        note()
        os.kill(status()["daemon"]["supervisor_pid"], signal.SIGTERM)
        until(lambda: not os.path.ismount(MOUNT), 10)


def note():
    """Notes the daemon for the cleaning, as lokt_started does."""
    daemon = status()["daemon"]
    with open(DAEMONS, "a", encoding="ascii") as file:
        print(daemon["pid"], daemon["supervisor_pid"], sep="\n", file=file)


def wait(say):
    """Waits for `a`, and says when it has it."""
    with held("a@timeout=1h"):
        say()


def patiently(deed, *args):
    """Does it, once there is memory for it."""
    while True:
        try:
            return deed(*args)
        except OSError as error:
            if error.errno not in REFUSED:
                raise


def check(holds, audit, lease, freeze, out):
    """All is as it was before the server died."""
    for spec, file in holds.items():
        assert json.loads(os.pread(file.fileno(), 4096, 0))["state"] == "held", spec
        patiently(refused, errno.EAGAIN, spec.partition("@")[0] + "@try")
    assert status_of("a")["waiters"], "nobody waits"
    assert os.read(audit, 65536).count(b'"acquire"') == len(holds) + 1, "the log that is being read"
    lease.write(b"20m\n")
    freeze.close()
    until(lambda: os.path.exists(path("freezes", "f")))
    os.unlink(path("freezes", "f"))
    holds["a"].close()
    assert os.read(out, 1), "who waited was not granted"
    with held("z") as file:
        assert json.loads(os.read(file.fileno(), 4096))["token"] == len(holds) + 3, "not the same boot"


def revived(scarce, n, descriptors):
    """Where the n-th failed, None if there were not so many; and what is wrong then."""
    wrong = None
    with contextlib.ExitStack() as stack:
        stack.enter_context(mounted())
        holds = {spec: stack.enter_context(held(spec))
                 for spec in ("a", "b@ttl=1h", "c@bind=pid", "d+e", "g@shared")}
        out = stack.enter_context(child(wait))[1]
        waits(out, "a")
        files = [stack.enter_context(open(path(place, name), "wb", buffering=0))
                 for place, name in (("leases", "l"), ("freezes", "f"))]
        audit = os.open(path("audit"), os.O_RDONLY)
        stack.callback(os.close, audit)
        stack.enter_context(os.scandir(path("locks")))
        server = status()["daemon"]["pid"]
        scarce.arm(0, n, descriptors)
        os.kill(server, signal.SIGKILL)
        patiently(status_of, "a")
        where = scarce.disarm()
        try:
            check(holds, audit, *files, out)
        except (AssertionError, Never, OSError) as error:
            wrong = f"{type(error).__name__}: {error}"
    return where, wrong


def lacking(scarce, descriptors):
    """How often there was something wrong, while each in turn failed."""
    what = "descriptor" if descriptors else "allocation"
    places, wrongs, failed, n = set(), 0, 0, 0
    while n - failed < SPARE:
        n += 1
        where, wrong = revived(scarce, n, descriptors)
        if wrong:
            print(f"{what} {n} at {where}: {wrong}", flush=True)
            wrongs += 1
        if where:
            failed = n
            places.add(where)
    print(f"{failed} {what}s could not be had, at {len(places)} places")
    return wrongs


def main():
    scarce = Scarce(CONTROL)
    return 1 if lacking(scarce, False) + lacking(scarce, True) else 0


sys.exit(main())
