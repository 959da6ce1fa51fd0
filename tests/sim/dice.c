/* Random numbers that depend on their seed alone. See world.h. */
#include "world.h"

uint64_t dice_throw(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint32_t dice_below(struct dice *dice, uint32_t n)
{
	return (uint32_t)((dice_throw(dice) >> 32) * n >> 32);
}

struct dice dice_of(uint64_t seed, uint64_t a, uint64_t b)
{
	struct dice dice = {seed * 0x9e3779b97f4a7c15 + 1};

	dice.state = dice_throw(&dice) ^ a;
	dice.state = dice_throw(&dice) ^ b;
	dice_throw(&dice);
	return dice;
}
