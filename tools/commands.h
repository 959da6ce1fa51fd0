/* The commands of lokt. Each takes its arguments without its own name, NULL-terminated, and
 * returns the exit code. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

int guard_main(int argc, char **argv);
int lock_main(int argc, char **argv);
int unlock_main(int argc, char **argv);
int status_main(int argc, char **argv);
int exists_main(int argc, char **argv);
int why_main(int argc, char **argv);
int audit_main(int argc, char **argv);
int freeze_main(int argc, char **argv);
int unfreeze_main(int argc, char **argv);
int top_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int prime_main(int argc, char **argv);
int demo_main(int argc, char **argv);

#endif
