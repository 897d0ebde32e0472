/* The subcommands of sysvet. Each takes the words from its own name on and returns the exit status. */
#ifndef COMMANDS_H
#define COMMANDS_H

enum { EXIT_OK = 0, EXIT_DIFFERS = 1, EXIT_USAGE = 2, EXIT_NOTHING_RAN = 77, EXIT_BROKEN = 99 };

int command_run(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_snapshot(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_rm(int argc, char **argv);
int command_requirements(int argc, char **argv);
int command_partitions(int argc, char **argv);
int command_precedence(int argc, char **argv);
int command_matrix(int argc, char **argv);
int command_mutate(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_reproduce(int argc, char **argv);
int command_docs(int argc, char **argv);
int command_describe(int argc, char **argv);

#endif
