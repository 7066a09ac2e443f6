/* A use of a part: 0, or -1 with errno. */
struct part {
	const char *name;
	int (*use)(void);
};

/* Lists that end with a null name. */
extern const struct part calls[], libs[], libc[];
