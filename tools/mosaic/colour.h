/* The colour of a tile: a function of its index and the seed, by integers alone. */
#ifndef MOSAIC_COLOUR_H
#define MOSAIC_COLOUR_H

#include <stdint.h>

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014). */
uint64_t splitmix64(uint64_t x);

/* Hue splitmix64(seed ^ i) % 360, saturation 0.8, value 0.9, as red, green, blue. */
void colour_of(uint8_t rgb[3], uint64_t i, uint64_t seed);

#endif
