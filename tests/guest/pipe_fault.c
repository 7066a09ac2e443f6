// A write to a pipe that runs into a bad page: Linux writes whole pieces or nothing, and says EFAULT for a piece it could only half read.
#include "check.h"

int main(void) {
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), b[16];
	MUST(munmap(p + PAGE, PAGE));
	memset(p, 'a', PAGE);
	int pp[2];
	MUST(pipe(pp));
	ERR(write(pp[1], p + PAGE - 3, 3));
	ERR(write(pp[1], p + PAGE - 3, 6));
	ERR(write(pp[1], p + PAGE, 6));
	ERR(fcntl(pp[0], F_SETFL, O_NONBLOCK));
	ERR(read(pp[0], b, 16));
	return 0;
}
