// What a program needs to run as the only program of a Linux guest (as /init): a device, and a way to stop the machine. Elsewhere nothing is done.
#pragma once
#define _GNU_SOURCE
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static inline int is_init(char **argv) { return argv[0] && !strcmp(argv[0], "/init"); }

static inline void machine_begin(char **argv)
{
	if (is_init(argv)) {
		mkdir("/dev", 0755);
		mknod("/dev/zero", S_IFCHR | 0666, makedev(1, 5));
	}
}

static inline int machine_end(char **argv, int status)
{
	if (is_init(argv))
		reboot(RB_AUTOBOOT); // QEMU runs with -no-reboot: it ends
	return status;
}
