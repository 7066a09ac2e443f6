/* main() of an image that is the shell. */
int sqlite3_main(int argc, char *argv[]);

int main(int argc, char *argv[])
{
	return sqlite3_main(argc, argv);
}
