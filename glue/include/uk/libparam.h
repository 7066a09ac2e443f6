/* Parameters of libraries, set on the kernel's command line before ` -- `:
 *
 *     netdev.ip=10.0.0.2/24 vfs.roots=[ a b ] -- argument of the program
 *
 * A parameter is a variable. Its name on the command line is the library's (with or without `lib`), a dot, and the variable's. They are set before the first
 * initcall. An unknown name of a known library, or a value that does not fit, is told and skipped; words with an unknown prefix are left alone. */
#ifndef __UK_LIBPARAM_H__
#define __UK_LIBPARAM_H__

#include <uk/arch/types.h>
#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Types of variables. */
enum uk_libparam_param_type {
	_UK_LIBPARAM_PARAM_TYPE_bool = 1, /* on off yes no true false 1 0 */
	_UK_LIBPARAM_PARAM_TYPE_s8,
	_UK_LIBPARAM_PARAM_TYPE_u8,
	_UK_LIBPARAM_PARAM_TYPE_s16,
	_UK_LIBPARAM_PARAM_TYPE_u16,
	_UK_LIBPARAM_PARAM_TYPE_s32,
	_UK_LIBPARAM_PARAM_TYPE_u32,
	_UK_LIBPARAM_PARAM_TYPE_s64,
	_UK_LIBPARAM_PARAM_TYPE_u64,
	_UK_LIBPARAM_PARAM_TYPE_uptr,
	_UK_LIBPARAM_PARAM_TYPE_charp, /* a string; lives as long as the program */
	/* Names of C types. */
	_UK_LIBPARAM_PARAM_TYPE_char = _UK_LIBPARAM_PARAM_TYPE_s8,
	_UK_LIBPARAM_PARAM_TYPE_int = _UK_LIBPARAM_PARAM_TYPE_s32,
	_UK_LIBPARAM_PARAM_TYPE_uint = _UK_LIBPARAM_PARAM_TYPE_u32,
	_UK_LIBPARAM_PARAM_TYPE___u8 = _UK_LIBPARAM_PARAM_TYPE_u8,
	_UK_LIBPARAM_PARAM_TYPE___u16 = _UK_LIBPARAM_PARAM_TYPE_u16,
	_UK_LIBPARAM_PARAM_TYPE___u32 = _UK_LIBPARAM_PARAM_TYPE_u32,
	_UK_LIBPARAM_PARAM_TYPE___u64 = _UK_LIBPARAM_PARAM_TYPE_u64,
	_UK_LIBPARAM_PARAM_TYPE___s8 = _UK_LIBPARAM_PARAM_TYPE_s8,
	_UK_LIBPARAM_PARAM_TYPE___s16 = _UK_LIBPARAM_PARAM_TYPE_s16,
	_UK_LIBPARAM_PARAM_TYPE___s32 = _UK_LIBPARAM_PARAM_TYPE_s32,
	_UK_LIBPARAM_PARAM_TYPE___s64 = _UK_LIBPARAM_PARAM_TYPE_s64,
	_UK_LIBPARAM_PARAM_TYPE___uptr = _UK_LIBPARAM_PARAM_TYPE_uptr,
	_UK_LIBPARAM_PARAM_TYPE__Bool = _UK_LIBPARAM_PARAM_TYPE_bool, /* `bool` after <stdbool.h> */
};

/** One parameter; gathered by the linker. */
struct uk_libparam_param {
	/** The library's name, as in its Makefile.uk or as uk_libparam_libprefix_set says. */
	const char *prefix;
	const char *name;
	/** For people. */
	const char *desc;
	/** enum uk_libparam_param_type */
	uint32_t type;
	/** How many elements the variable has: 1, or those of an array. */
	uint32_t count;
	/** The variable. */
	void *addr;
};

#ifdef UK_LIBPARAM_PREFIX
#define __UK_LIBPARAM_PREFIX STRINGIFY(UK_LIBPARAM_PREFIX)
#elif defined(__LIBNAME__)
#define __UK_LIBPARAM_PREFIX STRINGIFY(__LIBNAME__)
#else
#define __UK_LIBPARAM_PREFIX "app"
#endif

/* Aligned by hand: a compiler gives large objects more than they need, and gaps in the table. */
#define __UK_LIBPARAM_DEFINE(id, name, addr, type, count, desc)                                                                        \
	static const struct uk_libparam_param __used __align(8)                                               \
	    __section(".uk_libparam") __uk_libparam_##id = {                                                                        \
	    __UK_LIBPARAM_PREFIX, name, desc, (uint32_t)(type), (uint32_t)(count), (void *)(addr)}

/** A variable is a parameter of the same name. `type`: bool, s8 ... u64, int, uptr, charp. */
#define UK_LIBPARAM_PARAM(var, type, desc) __UK_LIBPARAM_DEFINE(var, #var, &(var), _UK_LIBPARAM_PARAM_TYPE_##type, 1, desc)
/** The same under another name; `addr` is the variable's address. */
#define UK_LIBPARAM_PARAM_ALIAS(name, addr, type, desc) __UK_LIBPARAM_DEFINE(name, #name, addr, _UK_LIBPARAM_PARAM_TYPE_##type, 1, desc)
/** An array is a parameter: `name=[ a b c ]`, or `name=a` again and again. Elements that are not given are left as they are. */
#define UK_LIBPARAM_PARAM_ARR(var, type, desc)                                                                                         \
	__UK_LIBPARAM_DEFINE(var, #var, &(var)[0], _UK_LIBPARAM_PARAM_TYPE_##type, ARRAY_SIZE(var), desc)
#define UK_LIBPARAM_PARAM_ARR_ALIAS(name, addr, type, count, desc)                                                                     \
	__UK_LIBPARAM_DEFINE(name, #name, addr, _UK_LIBPARAM_PARAM_TYPE_##type, count, desc)

/* Names of older ports. */
#define UK_LIB_PARAM(var, type) UK_LIBPARAM_PARAM(var, type, "")
#define UK_LIB_PARAM_STR(var) UK_LIBPARAM_PARAM(var, charp, "")
#define UK_LIB_PARAM_ARR(var, type) UK_LIBPARAM_PARAM_ARR(var, type, "")

/**
 * Sets parameters from a line. The line is changed, and strings point into it.
 * @return how many words were not taken because something is wrong with them
 */
int uk_libparam_parse(char *line);

#ifdef __cplusplus
}
#endif

#endif /* __UK_LIBPARAM_H__ */
