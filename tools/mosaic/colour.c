/* See colour.h. */
#include "mosaic/colour.h"

#define VALUE 230 /* 0.9 of 255 */

uint64_t splitmix64(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* HSV to RGB with saturation 4/5: the three levels between which a hue moves, and which channel
 * has which of them in each sixth of the circle. */
void colour_of(uint8_t rgb[3], uint64_t i, uint64_t seed)
{
	static const uint8_t level_of[6][3] = {
		{0, 2, 1}, {3, 0, 1}, {1, 0, 2}, {1, 3, 0}, {2, 1, 0}, {0, 1, 3}};
	unsigned hue = (unsigned)(splitmix64(seed ^ i) % 360), part = hue % 60;
	const unsigned levels[4] = {
		VALUE, VALUE / 5, VALUE * (60 + 4 * part) / 300, VALUE * (300 - 4 * part) / 300};

	for (int channel = 0; channel < 3; channel++)
		rgb[channel] = (uint8_t)levels[level_of[hue / 60][channel]];
}
