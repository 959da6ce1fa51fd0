/* One life of the server: from its start to its end or its death. */
#ifndef TESTS_SIM_LIFE_H
#define TESTS_SIM_LIFE_H

#include "world.h"

/* Remembers how the program's memory looks before any life. */
void life_prepare(void);

/* The program's variables; how they are copied. */
struct span life_variables(void);
void life_copy(char *to, const char *from, size_t len);

/* Lets the server live; how it ended. Its exit code goes to `code`. */
enum end life_run(const char *options, int *code);

/* A place where the server may die: it does if this is the run's. `what` says which. */
void point(const char *what);

/* Whether it dies at the next place, for what is then only half done; in a branch, after which it is not done. */
bool point_is_next(void);

/* The server dies, as the world has it: world::ending. */
void life_die(const char *what) __attribute__((noreturn));

/* Ends the life at once. */
void life_end(enum end how) __attribute__((noreturn));

#endif
