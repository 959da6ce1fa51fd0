/* The last things that happened, to be read after a failure. */
#ifndef TESTS_RANDOM_STORY_H
#define TESTS_RANDOM_STORY_H

#define STORY_LINES 60
#define STORY_LINE 400

struct story {
	char lines[STORY_LINES][STORY_LINE];
	unsigned long count;
};

/* One line more; the oldest is forgotten. */
__attribute__((format(printf, 2, 3))) void story_add(struct story *story, const char *format, ...);

/* Prints them, the oldest first. */
void story_print(const struct story *story);

#endif
