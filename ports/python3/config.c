/* The modules that are in the image, in the place of the table that CPython's build writes from Modules/Setup. */
#include "Python.h"

#define MODULES(m)                                                                                                                     \
	m(_abc) m(_asyncio) m(_bisect) m(_blake2) m(_codecs) m(_codecs_cn) m(_codecs_hk) m(_codecs_iso2022) m(_codecs_jp) m(_codecs_kr)         \
	m(_codecs_tw) m(_collections) m(_contextvars) m(_crypt) m(_csv) m(_datetime) m(_elementtree) m(_functools) m(_heapq) m(_io) m(_json)    \
	m(_locale) m(_lsprof) m(_md5) m(_multibytecodec) m(_opcode) m(_operator) m(_pickle) m(_posixsubprocess) m(_queue) m(_random) m(_sha1)  \
	m(_sha256) m(_sha3) m(_sha512) m(_signal) m(_socket) m(_sre) m(_stat) m(_statistics) m(_struct) m(_symtable) m(_thread)                \
	m(_tracemalloc) m(_typing) m(_weakref) m(_zoneinfo) m(array) m(atexit) m(audioop) m(binascii) m(cmath) m(errno) m(faulthandler)        \
	m(fcntl) m(grp) m(itertools) m(math) m(mmap) m(posix) m(pwd) m(pyexpat) m(resource) m(select) m(syslog) m(termios) m(time)             \
	m(unicodedata) m(zlib)

#define DECLARE(name) extern PyObject *PyInit_##name(void);
MODULES(DECLARE)
extern PyObject *PyMarshal_Init(void);
extern PyObject *PyInit__imp(void);
extern PyObject *PyInit_gc(void);
extern PyObject *PyInit__ast(void);
extern PyObject *PyInit__tokenize(void);
extern PyObject *_PyWarnings_Init(void);
extern PyObject *PyInit__string(void);

#define ENTRY(name) {#name, PyInit_##name},
struct _inittab _PyImport_Inittab[] = {
	MODULES(ENTRY)
	/* Parts of the interpreter itself; those without a function are there before the import system is. */
	{"marshal", PyMarshal_Init},
	{"_imp", PyInit__imp},
	{"_ast", PyInit__ast},
	{"_tokenize", PyInit__tokenize},
	{"builtins", NULL},
	{"sys", NULL},
	{"gc", PyInit_gc},
	{"_warnings", _PyWarnings_Init},
	{"_string", PyInit__string},
	{NULL, NULL},
};
