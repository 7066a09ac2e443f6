#include "fortune.h"

#include <stdint.h>
#include <time.h>
#include <unistd.h>

static fortune_t fortunes[] = {
	{"It always seems impossible until it is done.", "Nelson Mandela"},
	{"Simplicity is prerequisite for reliability.", "Edsger W. Dijkstra"},
	{"Controlling complexity is the essence of computer programming.", "Brian W. Kernighan"},
	{"Talk is cheap. Show me the code.", "Linus Torvalds"},
	{"The most effective debugging tool is still careful thought, coupled with judiciously placed print statements.",
	 "Brian W. Kernighan"},
	{"Beware of bugs in the above code; I have only proved it correct, not tried it.", "Donald E. Knuth"},
	{"You can't trust code that you did not totally create yourself.", "Ken Thompson"},
	{"A ship in port is safe, but that is not what ships are for.", "Grace Hopper"},
};

size_t count_fortunes(void)
{
	return sizeof fortunes / sizeof *fortunes;
}

fortune_t *get_fortune(size_t number)
{
	return number < count_fortunes() ? &fortunes[number] : NULL;
}

fortune_t *rand_fortune(void)
{
	uint64_t chance;

	if (getentropy(&chance, sizeof chance) != 0) {
		struct timespec now = {0};
		clock_gettime(CLOCK_REALTIME, &now);
		chance = (uint64_t)now.tv_nsec * 2654435761u ^ (uint64_t)now.tv_sec;
	}
	return &fortunes[chance % count_fortunes()];
}
