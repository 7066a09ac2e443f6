/* `parts NAME...` uses the named parts and says of each whether it is there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "parts.h"

static int try(const struct part *list, const char *name)
{
	for (; list->name; list++) {
		if (strcmp(list->name, name))
			continue;
		errno = 0;
		int result = list->use();
		printf("%s: %s\n", name, result == 0 ? "there" : errno == ENOSYS ? "ENOSYS" : strerror(errno));
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!try(calls, argv[i]) && !try(libs, argv[i]) && !try(libc, argv[i]))
			printf("%s: not built\n", argv[i]);
	puts("end");
	return 0;
}
