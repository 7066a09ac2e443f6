/* What Rust's std was compiled to find in glibc. */
/* glibc's name of res_init(3); musl's resolver reads its configuration each time, so there is nothing to do. */
int __res_init(void);
int __res_init(void)
{
	return 0;
}
