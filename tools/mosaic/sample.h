/* How the painting goes, a line a second: mosaic.stats.jsonl. */
#ifndef MOSAIC_SAMPLE_H
#define MOSAIC_SAMPLE_H

struct board;
struct crew;
struct link_word;
struct reports;

/* Appends a line to the file; an error is not worth stopping for. `word` is what the renderer said
 * last. */
void sample_write(int fd, const struct board *board, const struct reports *reports,
	const struct crew *crew, const struct link_word *word);

#endif
