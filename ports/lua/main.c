/* main() of an image that is the interpreter. */
int lua_main(int argc, char *argv[]);

int main(int argc, char *argv[])
{
	return lua_main(argc, argv);
}
