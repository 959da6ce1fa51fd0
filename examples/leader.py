#!/usr/bin/env python3
"""One leader among many processes. Its fencing token goes along with every write, and the database
refuses an older one than it has seen: a leader that slept through its end can do no harm.

    leader.py state.db
"""
import json, os, sqlite3, sys, time

mount, ttl = os.environ.get("LOKT_MOUNT", "/mnt/lokt"), float(os.environ.get("TTL", 10))
db = sqlite3.connect(sys.argv[1], timeout=60)
db.execute("CREATE TABLE IF NOT EXISTS writes (token INTEGER, leader INTEGER)")

with open(f"{mount}/locks/leader@ttl={int(ttl * 1000)}ms", "r+b", buffering=0) as lock:  # its turn
    token = json.loads(lock.read(4096))["token"]
    print(f"leader with token {token}", flush=True)
    while True:
        time.sleep(ttl / 5)  # the work of a leader
        with db:
            written = db.execute("INSERT INTO writes SELECT ?1, ?2 WHERE NOT EXISTS "
                                 "(SELECT * FROM writes WHERE token > ?1)", (token, os.getpid()))
        if written.rowcount == 0:
            sys.exit(f"token {token} is refused: there is a newer leader")
        try:
            lock.write(b"renew")
        except OSError as error:
            sys.exit(f"token {token} is lost: {error.strerror}")
