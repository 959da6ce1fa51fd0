/* See json.h. */
#include "json.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

static void tree_clean(cJSON *item)
{
	for (; item; item = item->next) {
		if (item->string)
			text_clean(item->string);
		if (cJSON_IsString(item))
			text_clean(item->valuestring);
		tree_clean(item->child);
	}
}

cJSON *json_parse(const char *text)
{
	cJSON *object = cJSON_ParseWithOpts(text, NULL, true);

	if (object && !cJSON_IsObject(object)) {
		cJSON_Delete(object);
		return NULL;
	}
	tree_clean(object);
	return object;
}

/* Reads `fd` to its end. NULL with errno set. */
static char *fd_slurp(int fd)
{
	size_t len = 0, room = 16384;
	char *text = malloc(room), *more;

	while (text) {
		ssize_t n = read(fd, text + len, room - len - 1);

		if (n == 0) {
			text[len] = '\0';
			return text;
		}
		if (n < 0 && errno != EINTR)
			break;
		len += n > 0 ? (size_t)n : 0;
		if (room - len > 4096)
			continue;
		more = realloc(text, room * 2);
		if (!more)
			break;
		text = more;
		room *= 2;
	}
	free(text);
	return NULL;
}

char *json_slurp(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	char *text;

	if (fd < 0)
		return NULL;
	text = fd_slurp(fd);
	err = errno;
	close(fd);
	errno = err;
	return text;
}

cJSON *json_read(const char *path)
{
	char *text = json_slurp(path);
	cJSON *object;

	if (!text)
		return NULL;
	object = json_parse(text);
	free(text);
	if (!object)
		errno = EBADMSG;
	return object;
}

const char *json_text(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) ? item->valuestring : "";
}

int64_t json_int(const cJSON *object, const char *key, int64_t otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	if (!cJSON_IsNumber(item) || item->valuedouble < -9e18 || item->valuedouble > 9e18)
		return otherwise;
	return (int64_t)item->valuedouble;
}

const cJSON *json_object(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsObject(item) ? item : NULL;
}

void json_names(char *out, size_t room, const cJSON *object)
{
	const cJSON *item;

	snprintf(out, room, "%s", json_text(object, "name"));
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "names"))
	{
		if (cJSON_IsString(item))
			text_add(out, room, "%s%s", *out ? "+" : "", item->valuestring);
	}
}

int json_copy(const char *path)
{
	char *text = json_slurp(path);
	size_t len = text ? strlen(text) : 0;

	if (!text)
		return errno;
	fputs(text, stdout);
	if (len == 0 || text[len - 1] != '\n')
		putchar('\n');
	free(text);
	return 0;
}

bool json_u64(const char *line, const char *key, uint64_t *value)
{
	char needle[64], *end;
	const char *at;

	snprintf(needle, sizeof(needle), "\"%s\":", key);
	at = strstr(line, needle);
	if (!at || !isdigit((unsigned char)at[strlen(needle)]))
		return false;
	errno = 0;
	*value = strtoull(at + strlen(needle), &end, 10);
	return errno == 0;
}
