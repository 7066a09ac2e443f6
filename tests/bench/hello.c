// The smallest program: what a machine's whole life costs around it.
#include "machine.h"

int main(int argc, char **argv)
{
	(void)argc;
	machine_begin(argv);
	if (write(1, "hello\n", 6) != 6)
		return 1;
	return machine_end(argv, 0);
}
