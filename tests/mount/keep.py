"""keep.py HOW FILE: opens FILE and keeps it in a way that is not easy to see, until it is killed.

headless  the first thread is gone, the second one has it        thread  one thread has descriptors of its own
flight    it is on its way through a socket, and nowhere else
high      as descriptor 900, among many that come and go
later     as a descriptor until a line is read, then as a mapping alone
wander    as a descriptor until a line is read, then it is passed on and on among three
"""
import ctypes, mmap, os, socket, sys, threading, time

how, file = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)


def have():
    return os.open(file, os.O_RDWR)


def map_of(fd):  # Python's own would keep a copy of the descriptor
    libc.mmap.restype = ctypes.c_void_p
    if libc.mmap(None, ctypes.c_size_t(4096), mmap.PROT_READ, mmap.MAP_PRIVATE, fd, ctypes.c_long(0)) == 2**64 - 1:
        sys.exit("cannot map it")


def stay():
    print("has it", flush=True)
    time.sleep(100)


def headless():
    def second():
        have()
        time.sleep(0.1)
        stay()

    threading.Thread(target=second).start()
    libc.syscall(60, 0)  # exit(2) of this thread alone


def thread():
    def second():
        if libc.unshare(0x400) != 0:  # CLONE_FILES
            sys.exit("cannot unshare")
        have()
        stay()

    threading.Thread(target=second).start()


def flight():
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    fd = have()
    socket.send_fds(one, [b"x"], [fd])
    os.close(fd)
    print("has it", flush=True)
    sys.stdin.readline()
    _, fds, _, _ = socket.recv_fds(other, 1, 1)
    stay()


def later():
    fd = have()
    print("has it", flush=True)
    sys.stdin.readline()
    map_of(fd)
    os.close(fd)
    stay()


def wander():
    fd = have()
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(3)]
    for i in range(3):
        if os.fork() == 0:
            libc.prctl(1, 9)  # PR_SET_PDEATHSIG
            os.close(fd)
            while True:
                _, (got,), _, _ = socket.recv_fds(pairs[i][0], 1, 1)
                time.sleep(0.0005)
                socket.send_fds(pairs[(i + 1) % 3][1], [b"x"], [got])
                os.close(got)
    print("has it", flush=True)
    sys.stdin.readline()
    socket.send_fds(pairs[0][1], [b"x"], [fd])
    os.close(fd)
    stay()


def high():
    fd = have()
    os.dup2(fd, 900)
    os.close(fd)
    stay()


globals()[how]()
