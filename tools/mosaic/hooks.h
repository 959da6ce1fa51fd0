/* What the coordinator does to a run on its way: freeze the lock, kill its holder. By plan, or
 * because somebody pressed a key. */
#ifndef MOSAIC_HOOKS_H
#define MOSAIC_HOOKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct board;
struct crew;
struct evidence;
struct mosaic;
struct plan;

struct hooks {
	const struct mosaic *mosaic;
	const struct plan *plan;
	const struct board *board;
	const struct crew *crew;
	struct evidence *evidence; /* is told of the victim */
	bool frozen;               /* the planned freeze was begun */
	unsigned frozen_at;        /* per cent that were painted then */
	bool killing;              /* somebody is to be killed, and is not yet */
	int64_t killing_ms;        /* since when */
	pid_t killed;              /* the first that was; 0: none yet */
	unsigned killed_at;        /* per cent that were painted then */
	bool corrupt;              /* the log is to be damaged: its time has come */
	bool corrupted;            /* it was, and the lock service serves again */
	unsigned corrupted_at;     /* per cent that were painted then */
	char damage[80];           /* what was done to the log */
	char note[120];            /* the last thing that was done; "" for nothing */
	int64_t note_ms;           /* until when that is news */
};

/* Does what is due. To be called often: the holder changes often. */
void hooks_tick(struct hooks *hooks);

/* Does what a key asks for: f, u or k. */
void hooks_key(struct hooks *hooks, char key);

/* Notes what was done, for the screen. */
void hooks_note(struct hooks *hooks, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
