/* The interpreter as the image's main. */
#include "Python.h"

int main(int argc, char *argv[])
{
	return Py_BytesMain(argc, argv);
}
