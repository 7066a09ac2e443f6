// The smallest program: a line on stdout, one on stderr, a status.
// unox-case: static
// unox-case: static-pie link=static-pie
// unox-case: dynamic link=dynamic
// unox-case: dynamic-nopie link=dynamic-nopie
// unox-case: musl-static cc=musl-gcc
// unox-case: musl-dynamic cc=musl-gcc link=dynamic
#include <stdio.h>
int main(void) {
	puts("Hello, world!");
	fputs("and on stderr\n", stderr);
	return 7;
}
