/* musl's features.h, and what GCC's C++ headers ask of glibc: whether it is at least of a version. It is of the one they were configured for. */
#ifndef UK_CXX_FEATURES_H
#define UK_CXX_FEATURES_H

#include_next <features.h>

#define __GLIBC_PREREQ(major, minor) ((major) == 2 && (minor) <= 36)

#endif
