/* What Rust's std was compiled to find in glibc. */
/* glibc's name of res_init(3); musl's resolver reads its configuration each time, so there is nothing to do. */
int __res_init(void);
int __res_init(void)
{
	return 0;
}

/* Rust's std names these weakly too, and would otherwise make its calls by number, which brings every call into the image. */
void getrandom(void), gettid(void);
static void (*const calls[])(void) __attribute__((used)) = {getrandom, gettid};
