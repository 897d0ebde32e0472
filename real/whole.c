#include <errno.h>
#include <unistd.h>

#include "internal.h"

bool write_whole(int fd, const void *from, size_t n)
{
	const char *at = from;

	while (n) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}
