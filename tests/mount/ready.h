/* Waiting for the events of a descriptor, in the three ways there are. */
#pragma once

/*
 * Waits until `fd` has one of `events` (POLLIN, POLLPRI, or none: errors and the end alone), at most
 * `ms` milliseconds. The names of those that came, joined by '+', "none", or NULL with errno set.
 */
const char *ready_poll(int fd, short events, int ms);

/* The same by select(2), which knows POLLIN and POLLPRI and calls an error POLLIN. */
const char *ready_select(int fd, short events, int ms);

/*
 * The same by epoll(7), edge-triggered: `fd` is registered by the first call, so that each later one
 * tells what is new.
 */
const char *ready_epoll(int fd, short events, int ms);
