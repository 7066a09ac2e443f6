/* Runs the checks; an argument names something else to do. */
#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uk/assert.h>
#include <uk/init.h>
#include <uk/libparam.h>
#include <uk/plat/bootstrap.h>

int failures;

static int number = 7;
static uint8_t byte = 1;
static char *text = "unset";
static char *words[3] = {"a", "b", "c"};
static _Bool flag;

UK_LIBPARAM_PARAM(number, int, "a number");
UK_LIBPARAM_PARAM(byte, u8, "a byte");
UK_LIBPARAM_PARAM(text, charp, "a text");
UK_LIBPARAM_PARAM_ARR(words, charp, "words");
UK_LIBPARAM_PARAM_ALIAS(on, &flag, bool, "a flag");

void check_params(void)
{
	char line[] = "appuk.number=-0x10 appuk.text=\"two words\" other.thing=1 appuk.words=[ x \"y z\" ] appuk.on=yes plain";
	CHECK(uk_libparam_parse(line) == 0);
	CHECK(number == -16);
	CHECK(!strcmp(text, "two words"));
	CHECK(!strcmp(words[0], "x") && !strcmp(words[1], "y z") && !strcmp(words[2], "c"));
	CHECK(flag);
	char wrong[] = "appuk.byte=256 appuk.byte=-1 appuk.byte= appuk.byte=1x appuk.none=1 appuk.words=[ 1 2 3 4 ] appuk.on=perhaps";
	CHECK(uk_libparam_parse(wrong) == 7);
	CHECK(byte == 1);
	char octal[] = "appuk.byte=0377";
	CHECK(uk_libparam_parse(octal) == 0 && byte == 255);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "assert"))
		UK_ASSERT(argc == 1);
	if (argc > 1 && !strcmp(argv[1], "bug"))
		UK_BUGON(argc > 1);
	if (argc > 1 && !strcmp(argv[1], "crash"))
		ukplat_crash();
	if (argc > 1 && !strcmp(argv[1], "halt"))
		ukplat_halt();
	if (argc > 1 && !strcmp(argv[1], "params")) {
		printf("number %d text %s on %d\n", number, text, flag);
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "stress")) {
		stress_alloc(atoi(argv[2]));
		return 0;
	}
	check_params();
	check_messages();
	check_lists();
	check_alloc();
	check_locks();
	check_threads();
	check_calls();
	puts(failures ? "some do not hold" : "all hold");
	return failures != 0;
}
