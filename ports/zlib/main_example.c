/* main() of an image that is zlib's example. */
int zlib_example_main(int argc, char *argv[]);

int main(int argc, char *argv[])
{
	return zlib_example_main(argc, argv);
}
