// What needs a second process says so: ENOSYS, from every function of the C library that makes one, and nothing else is disturbed.
// unox-test: only=unox why="Linux has processes"
#include "../../guest/check.h"
#include <spawn.h>
#include <wordexp.h>
#include <sys/wait.h>

static int failures;
#define IS(e, want) do { errno = 0; long long r_ = (long long)(e); int e_ = errno; if (r_ != -1 || e_ != (want)) { failures++; SAY("%s = %lld %s, not -1 %s", #e, r_, errname(e_), errname(want)); } } while (0)
#define GIVES(e, want) do { long long r_ = (long long)(e); if (r_ != (want)) { failures++; SAY("%s = %lld, not %lld", #e, r_, (long long)(want)); } } while (0)

static int prepared, parent;
static void prepare(void) { prepared++; }
static void after(void) { parent++; }

int main(void) {
	pid_t pid;
	char *const args[] = { "sh", "-c", "true", NULL };
	pthread_atfork(prepare, after, NULL);
	IS(fork(), ENOSYS);
	GIVES(prepared, 1);
	GIVES(parent, 1);
	IS(vfork(), ENOSYS);
	IS(popen("true", "r") ? 0 : -1, ENOSYS);
	IS(popen("true", "x") ? 0 : -1, EINVAL);
	GIVES(posix_spawn(&pid, "/bin/true", NULL, NULL, args, NULL), ENOSYS);
	GIVES(posix_spawnp(&pid, "true", NULL, NULL, args, NULL), ENOSYS);
	IS(system("true"), ENOSYS);
	IS(daemon(1, 1), ENOSYS);
	IS(wait(NULL), ECHILD);
	IS(waitpid(1234, NULL, 0), ECHILD);
	wordexp_t w;
	GIVES(wordexp("plain words", &w, 0), WRDE_NOSPACE);
	// The signals that these functions block meanwhile are let through again.
	sigset_t set;
	sigprocmask(SIG_SETMASK, NULL, &set);
	for (int s = 1; s < 65; s++) if (sigismember(&set, s) == 1) failures++, SAY("%s is still blocked", signame(s));
	SAY("failures %d", failures);
	return failures != 0;
}
