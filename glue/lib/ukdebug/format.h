/* Formatting into a buffer that is flushed when full. */
#ifndef UKDEBUG_FORMAT_H
#define UKDEBUG_FORMAT_H

#include <uk/print.h>

struct uk_format {
	char *buf;
	size_t size, used;
	/** All characters so far, also those that found no place. */
	size_t total;
	/** Makes room; NULL to drop what does not fit. */
	void (*flush)(struct uk_format *out);
};

void uk_format(struct uk_format *out, const char *fmt, va_list ap);

#endif
