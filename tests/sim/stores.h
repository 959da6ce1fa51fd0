/* Death between two stores of the server's to what it leaves to the next one (fs/carry.h): no system call parts them. */
#ifndef TESTS_SIM_STORES_H
#define TESTS_SIM_STORES_H

/* Dies, if the store before was to be the last, and is to be there by half. */
void stores_settle(void);

#endif
