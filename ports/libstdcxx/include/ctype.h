/* musl's ctype.h, and the bits of the table that __ctype_b_loc() gives, as GCC's C++ headers name them (LSB, "Interfaces for libc"). */
#ifndef UK_CXX_CTYPE_H
#define UK_CXX_CTYPE_H

#include_next <ctype.h>

enum {
	_ISupper = 0x100,
	_ISlower = 0x200,
	_ISalpha = 0x400,
	_ISdigit = 0x800,
	_ISxdigit = 0x1000,
	_ISspace = 0x2000,
	_ISprint = 0x4000,
	_ISgraph = 0x8000,
	_ISblank = 0x1,
	_IScntrl = 0x2,
	_ISpunct = 0x4,
	_ISalnum = 0x8,
};

#endif
