/* The proof: whether a mosaic is what it should be, from its files alone. */
#ifndef MOSAIC_VERIFY_H
#define MOSAIC_VERIFY_H

/* Checks the mosaic in `dir` and prints VERIFIED, or FAILED with every broken invariant and where
 * it first breaks. Returns the exit code: 0 or 1. */
int verify_print(const char *dir);

#endif
