/* The names of users, asked for once each: the owner label where a spec has none. */
#ifndef FS_USERS_H
#define FS_USERS_H

#include <stdint.h>

/* The name of `uid`, or its number where it has none. The text stays for good. */
const char *user_name(uint32_t uid);

/* Forgets all of them. */
void users_finish(void);

#endif
