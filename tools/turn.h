/* Waiting for one's turn, as a person sees it. */
#ifndef TOOLS_TURN_H
#define TOOLS_TURN_H

struct hold;
struct mount;
struct spec;

/* Takes the hold that `spec` asks for. If that takes longer than a moment and standard error is a
 * terminal, says once who is in the way. Returns 0 or the errno of the contract. */
int turn_take(struct hold *hold, const struct mount *mount, const struct spec *spec);

#endif
