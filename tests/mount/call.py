"""call.py SOCKET program FILE | silent N | half N | deaf N | squat: calls a supervisor, or is in its place.

program: hands it a program as `loktfs --upgrade` does, and prints the answer. silent, half: calls N times, and
says nothing, or what has no program in it. deaf: asks for upgrades to what is none, and hears no answer.
squat: listens at SOCKET and answers nobody. All but `program` stay until they are killed."""
import os
import resource
import signal
import socket
import sys


def call(path):
    caller = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    caller.connect(path)
    caller.settimeout(60)
    return caller


def main(path, what, more):
    if what == "program":
        caller = call(path)
        socket.send_fds(caller, [b"u"], [os.open(more, os.O_PATH)])
        print(caller.recv(400).rstrip(b"\0").decode())
        return
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    callers = []
    for _ in range(int(more)):
        try:
            caller = call(path)
            callers.append(caller)
            if what == "half":
                caller.send(b"uuu")
            if what == "deaf":
                socket.send_fds(caller, [b"u"], [os.open("/", os.O_PATH)])
        except OSError as problem:
            if what == "deaf" or isinstance(problem, BrokenPipeError):
                continue
            sys.exit(str(problem))
    print("done", flush=True)
    signal.pause()


def squat(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    os.chmod(path, 0o777)
    listener.listen(0)
    kept = [call(path)]
    print("done", flush=True)
    signal.pause()
    del kept


if sys.argv[2] == "squat":
    squat(sys.argv[1])
else:
    main(*sys.argv[1:4])
