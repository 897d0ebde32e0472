/*
 * Records on a console that others write to as well, the kernel above all. A line goes out in frames, which
 * tell what is missing or was disturbed; reports/README.md describes them.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdint.h>
#include <stdio.h>

enum { PIECE = 160 };			/* bytes of a line in one frame, at most */

/*
 * A stream whose lines go to fd in frames, numbered from 0. Closing it leaves fd open. NULL with errno when
 * there is no memory.
 */
FILE *console_open(int fd);
/* "@sv WORD TEXT", a line that is no part of the stream and may get lost. In one write. */
void console_note(int fd, const char *word, const char *text);
/* CRC-32 of ISO 3309, as of zip files; crc is that of the bytes before, at first 0. */
uint32_t crc32_of(uint32_t crc, const void *bytes, size_t n);

#endif
