/*
 * Which mutant is awake. Programs that know nothing of mutants, such as unit tests, are told by the
 * environment: MUTANT is its number, and MUTANT_REACHED names a file that takes a byte for each mutant, 1
 * where the program came to its place.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mutant_number.h"
#include "source.h"

enum { MOST = 20000 };

int mutant_number;
unsigned char mutant_reached[MOST];

__attribute__((constructor)) static void choose(void)
{
	const char *number = getenv("MUTANT");

	if (source_nmutants >= MOST)
		abort();
	mutant_number = number ? (int)strtol(number, NULL, 10) : 0;
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("MUTANT_REACHED");
	FILE *to = path ? fopen(path, "we") : NULL;

	if (!to)
		return;
	fwrite(mutant_reached, 1, (size_t)source_nmutants + 1, to);
	fclose(to);
}
