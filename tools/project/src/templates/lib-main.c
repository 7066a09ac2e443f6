/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Glue: main() of the image, when {{SYM}}_MAIN_FUNCTION is chosen. The main() of {{name}} is compiled as {{fn}}_main()
 * (Makefile.uk: {{SYM}}_..._FLAGS-y += -Dmain={{fn}}_main).
 */

int {{fn}}_main(int argc, char *argv[]);

int main(int argc, char *argv[])
{
	return {{fn}}_main(argc, argv);
}
