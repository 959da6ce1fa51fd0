/* What each act does to the model: the rules of the contract. Each do_ is one act; rules.c has
 * those of locks/. */
#ifndef TESTS_RANDOM_RULES_H
#define TESTS_RANDOM_RULES_H

#include "model.h"

#define DEFAULT_MS (15 * 60000) /* of a lease and of a freeze, where none is written */

/* ---- rules.c ---- */

/* Whether the worker is of the mount's owner, or an admin. */
bool model_privileged(const struct model *model, int worker);

/* The names of a group as they are logged. */
void names_of(const struct model *model, unsigned names, char text[TEXT_MAX]);

/* Renews, with a new TTL unless `ms` is 0. */
void hold_renew(struct hold *hold, uint64_t ms);

/* The lease on this name, to be changed, or NULL. */
struct hold *lease_of(struct model *model, int name);

/* ---- rules_freezes.c ---- */

void do_freeze(struct model *model, const struct act *act);
void do_unfreeze(struct model *model, const struct act *act);

/* ---- rules_leases.c ---- */

void do_take(struct model *model, const struct act *act);
void do_extend(struct model *model, const struct act *act); /* `>>` and touch */
void do_drop(struct model *model, const struct act *act);
void do_show(struct model *model, const struct act *act);

/* ---- rules_crew.c ---- */

void do_spawn(struct model *model, const struct act *act);
void do_fork(struct model *model, const struct act *act);
void do_die(struct model *model, const struct act *act);

/* A name that nobody uses and where a place may still be kept is left alone from now on. */
void ghosts_leave(struct model *model);

#endif
