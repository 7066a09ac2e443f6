// crypt(3) in its five forms: known answers, for not every Linux has it in its C library.
// unox-test: only=unox why="the answers stand here"
#include "../../guest/check.h"
#include <crypt.h>

int main(void) {
	static const char *const known[][2] = {
		{ "ab", "abJnggxhB/yWI" },
		{ "$1$salt$", "$1$salt$qJH7.N4xYta3aEG/dfqo/0" },
		{ "$5$rounds=1000$saltsalt$", "$5$rounds=1000$saltsalt$azOwbpkvuuBKkE82dQPwTsQE8JyT9Fflpr9aKid3aT9" },
		{ "$6$rounds=1000$saltsalt$", "$6$rounds=1000$saltsalt$Z/J9iYO1iE9xnr8JPQL57ZWsVRtVjrUv3CiWc/wKWseqXgSqn3HFYJ/Ng7YXa8XlLj.wpdAwHOJJzuGFqBBRa0" },
		{ "$2a$04$abcdefghijklmnopqrstuu", "$2a$04$abcdefghijklmnopqrstuughE8Ev8uGFaUgY2cNEySvxngrb/Jzdm" },
	};
	int bad = 0;
	for (size_t i = 0; i < COUNT(known); i++) {
		const char *got = crypt("password", known[i][0]);
		if (!got || strcmp(got, known[i][1])) bad++, SAY("%s: %s", known[i][0], got ? got : "null");
	}
	return bad;
}
