"""keep.py HOW FILE: opens FILE and keeps it in a way that is not easy to see, until it is killed.

headless  the first thread is gone, the second one has it        thread  one thread has descriptors of its own
flight    it is on its way through a socket, and nowhere else    map     it is mapped, and closed
high      as descriptor 900, among many that come and go
"""
import ctypes, mmap, os, socket, sys, threading, time

how, file = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)


def have():
    return os.open(file, os.O_RDWR)


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


def map():
    fd = have()
    kept = mmap.mmap(fd, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ)
    os.close(fd)
    stay()


def high():
    fd = have()
    os.dup2(fd, 900)
    os.close(fd)
    stay()


globals()[how]()
