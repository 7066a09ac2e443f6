#include <stdio.h>
#include <fortune.h>

int main(int argc, char *argv[])
{
	fortune_t *fortune = rand_fortune();

	(void)argc;
	(void)argv;
	printf("\"%s\"\n  -- %s\n", fortune->quote, fortune->author);
	return 0;
}
