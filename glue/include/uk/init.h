/* Initcalls: the six levels of the boot sequence after the constructors, each with priorities 0 to 9. They run on the first thread, in order; one that
 * returns a negative number stops the start. What was started is ended by the terminators, backwards, when main has returned. */
#ifndef __UK_INIT_H__
#define __UK_INIT_H__

#include <uk/ctors.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What an initcall is given: the arguments that main will get; it may change them. */
struct uk_init_ctx {
	int argc;
	char **argv;
};

/** What a terminator is given. */
struct uk_term_ctx {
	int reserved;
};

/** An initcall; one that takes no argument, as in older ports, is fine too. */
typedef int (*uk_init_func_t)(struct uk_init_ctx *ctx);
/** A terminator. */
typedef void (*uk_term_func_t)(const struct uk_term_ctx *ctx);

struct uk_inittab_entry {
	uk_init_func_t init;
	uk_term_func_t term;
};

#define UK_INIT_CLASS_EARLY 1
#define UK_INIT_CLASS_PLAT 2
#define UK_INIT_CLASS_LIB 3
#define UK_INIT_CLASS_ROOTFS 4
#define UK_INIT_CLASS_SYS 5
#define UK_INIT_CLASS_LATE 6

#define __UK_INITTAB(init_fn, term_fn, class, prio)                                                                                    \
	static const struct uk_inittab_entry __used __section(".uk_inittab" #class #prio)                                               \
	    __uk_inittab_##class##prio##_##init_fn = {(uk_init_func_t)(init_fn), (uk_term_func_t)(term_fn)}

/**
 * Registers an initcall with its terminator.
 * @param init_fn  int init_fn(struct uk_init_ctx *), or int init_fn(void)
 * @param term_fn  void term_fn(const struct uk_term_ctx *), or 0
 * @param class    a level, one of UK_INIT_CLASS_*
 * @param prio     0 (first) to 9 (last), a literal digit
 */
#define uk_initcall_class_prio(init_fn, term_fn, class, prio) __uk_initcall_class_prio(init_fn, term_fn, class, prio)
#define __uk_initcall_class_prio(init_fn, term_fn, class, prio) __UK_INITTAB(init_fn, term_fn, class, prio)

/* Each level takes (fn, prio), as in the tutorial, or (fn, term, prio). */
#define __UK_INIT_PICK(a, b, c, name, ...) name
#define __UK_INIT2(class, fn, prio) uk_initcall_class_prio(fn, 0, class, prio)
#define __UK_INIT3(class, fn, term, prio) uk_initcall_class_prio(fn, term, class, prio)
#define __UK_INIT_2(class, ...) __UK_INIT2(class, __VA_ARGS__)
#define __UK_INIT_3(class, ...) __UK_INIT3(class, __VA_ARGS__)
#define __UK_INIT(class, ...) __UK_INIT_PICK(__VA_ARGS__, __UK_INIT_3, __UK_INIT_2, 0)(class, __VA_ARGS__)

#define uk_early_initcall_prio(...) __UK_INIT(UK_INIT_CLASS_EARLY, __VA_ARGS__)
#define uk_plat_initcall_prio(...) __UK_INIT(UK_INIT_CLASS_PLAT, __VA_ARGS__)
#define uk_lib_initcall_prio(...) __UK_INIT(UK_INIT_CLASS_LIB, __VA_ARGS__)
#define uk_rootfs_initcall_prio(...) __UK_INIT(UK_INIT_CLASS_ROOTFS, __VA_ARGS__)
#define uk_sys_initcall_prio(...) __UK_INIT(UK_INIT_CLASS_SYS, __VA_ARGS__)
#define uk_late_initcall_prio(...) __UK_INIT(UK_INIT_CLASS_LATE, __VA_ARGS__)

#define uk_early_initcall(fn) uk_early_initcall_prio(fn, 9)
#define uk_plat_initcall(fn) uk_plat_initcall_prio(fn, 9)
#define uk_lib_initcall(fn) uk_lib_initcall_prio(fn, 9)
#define uk_rootfs_initcall(fn) uk_rootfs_initcall_prio(fn, 9)
#define uk_sys_initcall(fn) uk_sys_initcall_prio(fn, 9)
#define uk_late_initcall(fn) uk_late_initcall_prio(fn, 9)

#ifdef __cplusplus
}
#endif

#endif /* __UK_INIT_H__ */
