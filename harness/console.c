#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "console.h"
#include "real.h"

enum { NUMBERS = 1000000 };		/* after the last comes 0 again */

struct console {
	int fd;
	unsigned number;		/* of the next frame */
	char piece[PIECE];
	size_t len;
};

uint32_t crc32_of(uint32_t crc, const void *bytes, size_t n)
{
	static const uint32_t table[] = {	/* by four bits */
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	const unsigned char *p = bytes;

	crc = ~crc;
	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		crc = table[crc & 15] ^ crc >> 4;
		crc = table[crc & 15] ^ crc >> 4;
	}
	return ~crc;
}

/* What is sealed is everything but the seal: number, mark and piece. */
static bool send_frame(struct console *c, char mark)
{
	char sealed[16 + PIECE], frame[32 + PIECE];
	int n = snprintf(sealed, sizeof(sealed), "%06u %c ", c->number++ % NUMBERS, mark), len;

	memcpy(sealed + n, c->piece, c->len);
	n += (int)c->len;
	c->len = 0;
	len = snprintf(frame, sizeof(frame), "@sv %.6s %08" PRIx32 "%.*s\n", sealed,
		       crc32_of(0, sealed, (size_t)n), n - 6, sealed + 6);
	return write_whole(c->fd, frame, (size_t)len);
}

static ssize_t take(void *cookie, const char *text, size_t n)
{
	struct console *c = cookie;

	for (size_t i = 0; i < n; i++) {
		bool sent = true;

		if (text[i] == '\n') {
			sent = send_frame(c, '.');
		} else {
			if (c->len == PIECE)
				sent = send_frame(c, '+');
			c->piece[c->len++] = text[i];
		}
		if (!sent)
			return 0;
	}
	return (ssize_t)n;
}

static int forget(void *cookie)
{
	free(cookie);
	return 0;
}

FILE *console_open(int fd)
{
	struct console *c = calloc(1, sizeof(*c));
	FILE *f = c ? fopencookie(c, "w", (cookie_io_functions_t){ .write = take, .close = forget }) : NULL;

	if (c)
		c->fd = fd;
	if (!f)
		free(c);
	return f;
}

void console_note(int fd, const char *word, const char *text)
{
	char line[600];
	int n = snprintf(line, sizeof(line), "@sv %s %s\n", word, text);

	if (n < (int)sizeof(line))
		write_whole(fd, line, (size_t)n);
}
