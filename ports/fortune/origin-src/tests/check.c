#include "fortune.h"

#include <stdio.h>
#include <string.h>

static int failures;

#define CHECK(what) ((what) ? (void)0 : (failures++, (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what)))

int main(void)
{
	size_t seen = 0, count = count_fortunes();
	char drawn[256] = {0};

	CHECK(count > 1 && count <= sizeof drawn);
	CHECK(get_fortune(count) == NULL);
	for (size_t i = 0; i < count; i++) {
		fortune_t *f = get_fortune(i);
		CHECK(f && *f->quote && *f->author);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(f->quote, get_fortune(k)->quote) != 0);
	}
	for (int i = 0; i < 10000; i++) {
		fortune_t *f = rand_fortune();
		size_t number = (size_t)(f - get_fortune(0));
		CHECK(number < count);
		if (number < count && !drawn[number]++)
			seen++;
		if (number < count && drawn[number] > 1)
			drawn[number] = 1;
	}
	CHECK(seen == count);
	printf("%zu fortunes, %d failures\n", count, failures);
	return failures != 0;
}
