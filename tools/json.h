/* JSON as the mount and the demo write it, read with cJSON. */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* Parses one JSON object and cleans every string in it (text_clean), so that all of it may go to
 * a terminal. The caller deletes it. NULL if `text` is anything else. */
cJSON *json_parse(const char *text);

/* Reads a whole file that holds one object. NULL with errno set; EBADMSG if it is not one. */
cJSON *json_read(const char *path);

/* Reads all of the file at `path`, NUL-terminated; the caller frees it. NULL with errno set. */
char *json_slurp(const char *path);

/* A member as text; "" if there is none. */
const char *json_text(const cJSON *object, const char *key);

/* A member as a number; `otherwise` if there is none. Exact up to 2^53. */
int64_t json_int(const cJSON *object, const char *key, int64_t otherwise);

/* A member that is an object; NULL if there is none, or it is null. */
const cJSON *json_object(const cJSON *object, const char *key);

/* Writes the member `names`, joined by '+', or else the member `name`, into `room` bytes. */
void json_names(char *out, size_t room, const cJSON *object);

/* Copies the file at `path`, one JSON object, to standard output as it is, with a newline at its
 * end. Returns 0 or an errno. */
int json_copy(const char *path);

/* The number after "key": in one line of JSON, exact to 64 bits. A string in the line cannot look
 * like the key, for its quotes would be escaped. False if there is none. */
bool json_u64(const char *line, const char *key, uint64_t *value);

#endif
