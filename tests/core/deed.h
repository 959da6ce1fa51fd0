/* What all deeds begin with; for the files of them alone. */
#ifndef TESTS_CORE_DEED_H
#define TESTS_CORE_DEED_H

#include "core/spec.h"
#include "story.h"

/* Who `who` is: alice is user and process 1001, bob 1002, u0 1021, u1 1121, in every world. `root`,
 * and `ops`, an admin, are privileged. */
struct actor actor_of(const char *who, char owner[OWNER_MAX + 1]);

/* Notes who asks for what; the event's request is the number of it, and the result. */
uint64_t request_add(struct world *world, struct event *event, const char *who, const char *name);

/* Reads a spec as the daemon would; it must be one. Returns `spec`. */
const struct spec *spec_of(const char *text, struct spec *spec);

/* A TTL as somebody wrote it; NULL: none. */
uint64_t ttl_of(const char *text);

#endif
