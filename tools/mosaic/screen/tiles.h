/* What the tiles look like: as the ledger has them, or as the picture's file has them now. */
#ifndef MOSAIC_SCREEN_TILES_H
#define MOSAIC_SCREEN_TILES_H

#include <stdbool.h>
#include <stdint.h>

struct board;
struct layout;
struct mosaic;

/* Which part of a tile: two cells can show two corners of it. */
enum corner {
	CORNER_FIRST, /* the upper left pixel */
	CORNER_LAST,  /* the lower right pixel */
	CORNER_BOTH,  /* between the two */
};

struct tiles {
	const struct mosaic *mosaic;
	const struct board *board;
	int picture, claims;     /* descriptors, owned; -1: there is none */
	uint8_t (*pixels)[2][3]; /* by place: two corners of each tile; NULL: the ledger; owned */
	char *claimed;    /* by place: CLAIMS_HELD is being painted; owned; NULL: not known */
	char *marks;      /* the same by index, as in the file; owned */
	uint8_t *row;     /* room for a row of the picture; owned */
	int64_t read_ms;  /* when those were read */
	uint64_t lines;   /* of the ledger */
	bool frozen;      /* nobody paints, and it shows */
	uint64_t version; /* another one whenever a tile may look otherwise */
};

/* What several tiles look like together, or a part of one. */
struct patch {
	uint8_t rgb[3];
	bool some, all; /* of them are painted */
	uint8_t worst;  /* of them, an enum paint */
};

/* What the board shows, and with `sampled` the picture. */
void tiles_open(struct tiles *tiles, const struct mosaic *mosaic, const struct board *board);
void tiles_close(struct tiles *tiles);

/* Shows the picture in place of the ledger, or that again; nothing where that cannot be. */
void tiles_sample(struct tiles *tiles, bool sampled);

/* Takes in what changed in the files, and on the board. */
void tiles_pull(struct tiles *tiles, bool frozen);

/* The tiles at a place of the layout; nothing (false) outside of it. */
bool patch_find(struct patch *patch, const struct tiles *tiles, const struct layout *layout,
	uint64_t x, uint64_t y, enum corner corner);

#endif
