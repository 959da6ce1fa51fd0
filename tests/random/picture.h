/* What there is to see, in words: once from the model and once from the mount's JSON, so that the
 * two are the same text when nothing is wrong. */
#ifndef TESTS_RANDOM_PICTURE_H
#define TESTS_RANDOM_PICTURE_H

#include <cjson/cJSON.h>

#include "model.h"

#define PICTURE_MAX 20000

/* Adds to the end of a picture; what does not fit is left out. */
__attribute__((format(printf, 2, 3))) void picture_add(char *picture, const char *format, ...);

/* ---- as the model has it: want.c ---- */

/* One name of status; nothing while nobody uses it. */
void name_want(char *picture, const struct model *model, int name);

/* What ls shows of locks/, freezes/ and leases/. */
void lists_want(char *picture, const struct model *model);

void freezes_want(char *picture, const struct model *model);

/* How many there are; those who wait are not counted, since places are kept for who does not. */
void totals_want(char *picture, const struct model *model);

/* What a descriptor's line says, and what poll(2) does. */
void line_want(char *picture, const struct model *model, const struct hold *hold);
void poll_want(char *picture, const struct model *model, const struct hold *hold);

/* ---- as the mount shows it: see.c ---- */

void name_see(char *picture, const cJSON *lock);
void freezes_see(char *picture, const cJSON *status);
void totals_see(char *picture, const cJSON *totals);
void line_see(char *picture, const cJSON *line);

/* Whether the name is there for nobody's sake: the place of one who was interrupted is kept. */
bool is_unused(const cJSON *lock);

/* A member of an object: "?" or -1 when it is not there. */
const char *json_text(const cJSON *object, const char *key);
double json_number(const cJSON *object, const char *key);

#endif
