#!/usr/bin/env python3
"""Writes altered copies of the engine's sources, with faults that the environment wakes.

    plant.py OUT-DIRECTORY SOURCE…

LOKT_PLANT=<name of a fault> wakes one. Fails loudly where a source no longer has what a fault is
put in place of: then the fault has to be planted anew.
"""

import os
import sys

HEAD = """
#include <stdlib.h>
#include <string.h>

/* Whether the fault is awake; if so, each `every`th time. */
static bool planted(const char *name, int every)
{
	static int times;
	const char *awake = getenv("LOKT_PLANT");

	return awake && strcmp(awake, name) == 0 && ++times % every == 0;
}
"""

# fault: (file, what is there, what takes its place)
FAULTS = {
    "double": (  # somebody is granted what is held
        "queue.c",
        "\tif (lock->holding == 0)\n\t\treturn true;\n",
        "\tif (lock->holding == 0 || planted(\"double\", 40))\n\t\treturn true;\n"),
    "slots": (  # one more than there are
        "queue.c",
        "lock->holding < claim->slots;",
        "lock->holding < claim->slots + (claim->slots > 1 && planted(\"slots\", 1));"),
    "shared": (  # a shared waiter overtakes
        "queue.c",
        "|| lock_first_waiting(lock) != claim)\n",
        "|| (lock_first_waiting(lock) != claim &&\n"
        "\t\t\t!(claim->mode == MODE_SHARED && planted(\"shared\", 1))))\n"),
    "token": (  # the number of the grant before
        "queue.c",
        "claim->token = engine->next_token++;",
        "claim->token = engine->next_token++ - planted(\"token\", 5);"),
    "unlogged": (  # a grant that is answered, and not in the log
        "queue.c",
        "\tstruct record *record = claim_record(claim, fx, RECORD_ACQUIRE, &engine->now);\n",
        "\tif (planted(\"unlogged\", 3)) {\n"
        "\t\teffects_answer(fx, claim->request, claim->id, OK);\n"
        "\t\treturn;\n"
        "\t}\n"
        "\tstruct record *record = claim_record(claim, fx, RECORD_ACQUIRE, &engine->now);\n"),
    "swap": (  # to the front of the queue
        "claim.c",
        "\tlist_add_before(&lock->waiters, &link->place);\n",
        "\tlist_add_before(planted(\"swap\", 5) ? lock->waiters.next : &lock->waiters,\n"
        "\t\t&link->place);\n"),
    "cut": (  # a TTL that is shorter than it should be
        "claim.c",
        "\tclaim_expire_at(\n\t\tengine, claim, deadline_after(claim_clock(claim, &engine->now), "
        "claim->ttl_ms));\n",
        "\tclaim_expire_at(engine, claim,\n\t\tdeadline_after(claim_clock(claim, &engine->now),\n"
        "\t\t\tplanted(\"cut\", 2) ? claim->ttl_ms / 2 : claim->ttl_ms));\n"),
    "release": (  # a close that nobody hears
        "hold.c",
        "\tif (!claim)\n\t\treturn;\n\tif (claim->state == CLAIM_HELD)\n",
        "\tif (!claim || planted(\"release\", 20))\n\t\treturn;\n"
        "\tif (claim->state == CLAIM_HELD)\n"),
    "order": (  # after a restart the last are the first
        "queue.c",
        "\t\tfor (uint32_t i = 0; i < claim->links; i++)\n"
        "\t\t\tlock_touch(engine, claim->link[i].lock);\n",
        "\t\tfor (uint32_t i = 0; i < claim->links; i++) {\n"
        "\t\t\tstruct link *link = &claim->link[i];\n\n"
        "\t\t\tlist_remove(&link->place);\n"
        "\t\t\tlist_add_before(planted(\"order\", 1) ? link->lock->waiters.next\n"
        "\t\t\t\t: &link->lock->waiters, &link->place);\n"
        "\t\t\tlock_touch(engine, link->lock);\n"
        "\t\t}\n"),
    "forget": (  # a restart is seen by somebody who waits
        "queue.c",
        "\tif (event->request) {\n",
        "\tif (event->request && planted(\"forget\", 3)) {\n"
        "\t\tclaim_deny(engine, claim, ERR_INTERRUPTED, REASON_CANCELLED, NULL, fx);\n"
        "\t} else if (event->request) {\n"),
}


def alter(name, text):
    begin = text.index("\n", text.rindex("#include")) + 1
    for fault, (file, there, instead) in FAULTS.items():
        if file != name:
            continue
        if text.count(there) != 1:
            sys.exit(f"plant.py: the place of '{fault}' is not in {name} any more: plant it anew")
        text = text.replace(there, instead)
    return text[:begin] + HEAD + text[begin:]


def main(directory, *sources):
    for source in sources:
        name = os.path.basename(source)
        with open(source, encoding="utf-8") as file:
            text = alter(name, file.read())
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
