/* A server goes on where the one before it died: the mount stays, and nobody who holds or waits notices.
 *
 * The log says who holds; carry.h, what the kernel alone knows besides; and the kernel sends every request
 * again that was read and not answered (fact 8). A server may die between any two of its instructions. What
 * that leaves is settled by these rules:
 *
 * 1. A request that was not answered comes again, and is done as if it had come now, in order of arrival. Who
 *    waited goes on waiting: in the order and with the time of his first arrival. Deadlines fire when what came
 *    again is done, as after any stall: a close that arrived in time counts.
 * 2. A grant whose line is in the log and which was not answered is answered with that same grant; if it was
 *    lost meanwhile, with a hold that is lost. A lock or a lease that was denied by a line of the log is denied, even
 *    if it is free by now. Removing, thawing and renewing that are in the log are answered that they are done.
 * 3. What is not in the log did not happen. Half a line at the end of the log is none: it is set aside.
 * 4. A close that was read and not answered comes again. If its line is in the log, it is answered and no more.
 * 5. A grant that was neither answered nor comes again is nobody's: its process was killed before it was told.
 *    It is pruned. Where the reply may have arrived, whether anybody has the descriptor decides.
 * 6. Who may not freeze, renew or remove may be denied twice. A freeze that begins by closing, and a renewal
 *    by touching, may be done twice. The count of denials of the last second may be missing.
 * 7. Who reads on in a text that was made at the open (status, metrics, a directory) after its server died gets
 *    ESTALE, unless he had read all of it or begins again. Readers of the log go on where they were.
 * 8. Before Linux 6.9 nothing is sent again: what was read is answered with EINTR, so waiters have to come again;
 *    closes are done. A request that was read in the very instant of the death, before it was noted, stays unanswered.
 * 9. A hold whose line is lost with a damaged log is lost, though it is open: another line that is lost may have ended it
 *    and given its name to somebody else, and a lost hold never comes back. Tokens go on above its own. */
#ifndef FS_REVIVAL_H
#define FS_REVIVAL_H

struct daemon;

/* Learns what the server before left: files, holds and requests. The log was read. */
void revival_begin(struct daemon *daemon);

/* Does what was left to do; what the restart means for the log is said. */
void revival_finish(struct daemon *daemon);

/* Something cannot be had for now, says errno: memory, a descriptor. It is never taken for gone. This server ends,
 * and the next one tries again. */
_Noreturn void revival_fail(void);

/* A while after: who may have got a descriptor, or not, has it by now or nobody does. */
void doubts_settle(struct daemon *daemon);

#endif
