// /proc and /sys of the whole machine: the names of fields and a few truths.
#include "check.h"
#include <sys/sysinfo.h>

static char text[1 << 18];
static long grab(const char *p) { int fd = open(p, O_RDONLY); if (fd < 0) { SAY("%s: %s", p, errname(errno)); text[0] = 0; return 0; } long n = 0, k; while ((k = read(fd, text + n, sizeof text - 1 - n)) > 0) n += k; close(fd); text[n] = 0; return n; }
static long value(const char *key) { char *at = strstr(text, key); return at ? atol(at + strlen(key)) : -1; }
static void has(const char *file, const char *const *keys, size_t n) { grab(file); for (size_t i = 0; i < n; i++) SAY("%s %s %d", file, keys[i], strstr(text, keys[i]) != NULL); }
static void digits(const char *p) { grab(p); int ok = text[0] >= '0' && text[0] <= '9' && text[strspn(text, "0123456789 \t\n.,-")] == 0; SAY("%s: a number %d, one line %d", p, ok, strchr(text, '\n') == strrchr(text, '\n')); }

int main(void) {
	const char *mem[] = { "MemTotal:", "MemFree:", "MemAvailable:", "Buffers:", "Cached:", "SwapTotal:", "SwapFree:", "Shmem:", "Slab:", "HugePages_Total:", "Hugepagesize:" };
	has("/proc/meminfo", mem, COUNT(mem)); SHOW(value("MemTotal:") >= value("MemAvailable:") && value("MemAvailable:") > 0);
	SHOW(value("MemFree:") <= value("MemTotal:"));
	const char *cpu[] = { "processor\t: 0", "vendor_id\t: ", "cpu family\t: ", "model\t\t: ", "model name\t: ", "cpu MHz\t\t: ", "flags\t\t: ", "bogomips\t: ", "address sizes\t: " };
	has("/proc/cpuinfo", cpu, COUNT(cpu)); SHOW(strstr(text, " sse2") != NULL); int n = 0;
	for (char *c = text; (c = strstr(c, "processor\t:")); c++) n++; SHOW(n == get_nprocs()); SHOW(sysconf(_SC_NPROCESSORS_ONLN) == n);
	const char *st[] = { "cpu  ", "cpu0 ", "intr ", "ctxt ", "btime ", "processes ", "procs_running ", "procs_blocked ", "softirq " };
	has("/proc/stat", st, COUNT(st)); SHOW(value("btime ") > 1600000000 && value("btime ") <= time(NULL) + 1);
	grab("/proc/uptime"); double up = 0, idle = 0; SHOW(sscanf(text, "%lf %lf", &up, &idle)); SHOW(up > 0 && idle >= 0);
	long long boot = now_ns(CLOCK_BOOTTIME) / 1000000000; SHOW(boot - (long)up <= 2);
	grab("/proc/loadavg"); float a, b, c; int r, t, last; SHOW(sscanf(text, "%f %f %f %d/%d %d", &a, &b, &c, &r, &t, &last));
	grab("/proc/version"); SAY("%.14s", text); grab("/proc/filesystems"); SHOW(strstr(text, "nodev\ttmpfs\n") != NULL);
	SHOW(strstr(text, "nodev\tproc\n") != NULL); grab("/proc/mounts"); SHOW(strstr(text, " / ") != NULL);
	SHOW(strstr(text, " /proc proc ") != NULL); grab("/proc/self/mountinfo"); SHOW(strstr(text, " - proc ") != NULL);
	ERR(access("/proc/cmdline", R_OK)); grab("/proc/devices"); SHOW(strstr(text, "Character devices:") != NULL);
	digits("/proc/sys/kernel/ngroups_max"); digits("/proc/sys/kernel/cap_last_cap"); digits("/proc/sys/kernel/pid_max");
	digits("/proc/sys/kernel/threads-max"); digits("/proc/sys/vm/overcommit_memory"); digits("/proc/sys/vm/max_map_count");
	digits("/proc/sys/fs/file-max"); digits("/proc/sys/fs/nr_open"); digits("/proc/sys/fs/pipe-max-size");
	digits("/proc/sys/kernel/randomize_va_space");
	grab("/proc/sys/kernel/ostype"); SAY("%s", text); grab("/proc/sys/kernel/random/boot_id"); SHOW(strlen(text));
	char first[64], second[64]; grab("/proc/sys/kernel/random/uuid"); snprintf(first, 64, "%s", text); grab("/proc/sys/kernel/random/uuid");
	snprintf(second, 64, "%s", text); SHOW(strlen(first)); SHOW(strcmp(first, second) != 0); grab("/proc/sys/kernel/hostname");
	char host[64]; gethostname(host, 64); strtok(text, "\n"); SHOW(strcmp(text, host));
	grab("/sys/devices/system/cpu/online"); SHOW(text[0] == '0'); digits("/sys/devices/system/cpu/possible");
	ERR(access("/sys/devices/system/cpu/cpu0", F_OK)); ERR(access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK));
	ERR(access("/sys/nope", F_OK)); ERR(access("/proc/nope", F_OK)); ERR(access("/proc/0", F_OK)); ERR(access("/proc/self/", F_OK));
	struct sysinfo si; ERR(sysinfo(&si)); SHOW(si.totalram * si.mem_unit > 1 << 20); SHOW(si.freeram <= si.totalram); SHOW(si.procs > 0);
	SHOW(si.uptime >= 0); ERR(sysinfo((void *)8)); grab("/proc/meminfo");
	SHOW(value("MemTotal:") == (long)(si.totalram * si.mem_unit / 1024));
	SHOW(sysconf(_SC_PHYS_PAGES) == (long)(si.totalram * si.mem_unit / PAGE));
	// Root directories that programs look into.
	const char *dirs[] = { "/", "/proc", "/sys", "/dev", "/dev/shm", "/dev/pts", "/tmp", "/etc" };
	for (size_t i = 0; i < COUNT(dirs); i++) { struct stat s; SAY("%s: %s", dirs[i], stat(dirs[i], &s) ? errname(errno) : S_ISDIR(s.st_mode) ? "directory" : "other"); }
	struct stat tmp; stat("/tmp", &tmp); SAY("/tmp %o", tmp.st_mode & 07777);
	return 0;
}
