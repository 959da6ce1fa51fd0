/* The coordinator's side of the renderer: started, told, listened to, ended; the terminal is given
 * back whatever becomes of it. */
#ifndef MOSAIC_RENDERER_H
#define MOSAIC_RENDERER_H

#include <stdbool.h>
#include <sys/types.h>

#include "mosaic/link.h"

struct mosaic;

struct renderer {
	pid_t pid;             /* 0: none, or no more */
	int link;              /* owned; -1: none */
	struct link_word word; /* the last that it said */
};

/* Forks it. Returns 0 or an errno. */
int renderer_start(struct renderer *renderer, const struct mosaic *mosaic);

/* The next key that it hands on; 0: none. */
char renderer_key(struct renderer *renderer);

void renderer_tell(struct renderer *renderer, const struct link_news *news);

/* It has ended by itself, and was waited for: gives the terminal back. Says why it ended, if it was to
 * go on. */
void renderer_ended(struct renderer *renderer, int status, bool expected);

/* Ctrl-Z: lets it give the terminal back, and stops with it until somebody lets both go on. */
void renderer_suspend(struct renderer *renderer);

/* Has it draw once more and end; returns when the terminal is as it was. */
void renderer_stop(struct renderer *renderer, const struct link_news *last);

#endif
