/* iperf3's main, when the image has no other. */
extern int iperf3_main(int argc, char *argv[]);

int main(int argc, char *argv[])
{
	return iperf3_main(argc, argv);
}
