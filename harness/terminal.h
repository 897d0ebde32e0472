/* What a person sees. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "json.h"
#include "trial.h"

/*
 * Appends the findings of an instance as text, nothing when there are none. Colours are added later, by
 * terminal_print.
 */
void terminal_trial(const struct trial *t, const struct instance *in, struct json *text);
/* Prints text to stdout; verdict words at the start of a line are coloured when stdout is a terminal. */
void terminal_print(const char *text);
/* "\r 120 of 930" on stderr, if that is a terminal; erase ends it. */
void terminal_progress(size_t done, size_t total);
void terminal_erase(void);

#endif
