/* main() of an image that is zlib's minigzip. */
int zlib_minigzip_main(int argc, char *argv[]);

int main(int argc, char *argv[])
{
	return zlib_minigzip_main(argc, argv);
}
