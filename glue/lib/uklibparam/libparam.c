/* Parameters of libraries from the command line. */
#include <string.h>
#include <uk/init.h>
#include <uk/libparam.h>
#include <uk/print.h>

extern const struct uk_libparam_param __uk_libparam_start[], __uk_libparam_end[];

/* The kernel's command line up to ` -- `, from the kernel: how many bytes at `*text`. */
extern size_t uk_boot_params(const char **text);

/* A line of this length is as much as anybody types. */
#define LINE 4096

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The next word of the line, its quotes taken away; brackets hold words together. NULL at the end. */
static char *next_word(char **line)
{
	char *p = *line, quote = 0;
	int depth = 0;
	while (is_space(*p))
		p++;
	if (!*p)
		return NULL;
	char *word = p, *to = p;
	for (; *p && (quote || depth || !is_space(*p)); p++) {
		if (quote && *p == quote) {
			quote = 0;
		} else if (!quote && (*p == '"' || *p == '\'')) {
			quote = *p;
		} else {
			depth += !quote && *p == '[';
			depth -= !quote && *p == ']' && depth > 0;
			/* A space inside quotes is no end of an element of an array. */
			*to++ = quote && depth && *p == ' ' ? '\1' : *p;
		}
	}
	*line = *p ? p + 1 : p;
	*to = '\0';
	return word;
}

/* A whole number within [min, max] (as signed, or as unsigned when min is 0). 0 if it is none. */
static int number(const char *text, int64_t min, uint64_t max, uint64_t *value)
{
	unsigned int base = 10;
	int negative = *text == '-';
	text += negative || *text == '+';
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	} else if (text[0] == '0' && text[1]) {
		base = 8;
		text++;
	}
	if (!*text)
		return 0;
	uint64_t v = 0;
	for (; *text; text++) {
		unsigned int digit = *text >= '0' && *text <= '9' ? (unsigned int)(*text - '0') : (unsigned int)((*text | 32) - 'a') + 10;
		if (digit >= base || __builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v))
			return 0;
	}
	if (negative ? v > 0 - (uint64_t)min || !min : v > max)
		return 0;
	*value = negative ? 0 - v : v;
	return 1;
}

static int boolean(const char *text, uint64_t *value)
{
	static const char *const on[] = {"1", "on", "yes", "true", "y"}, *const off[] = {"0", "off", "no", "false", "n"};
	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		if (!strcmp(text, on[i]) || !strcmp(text, off[i])) {
			*value = !strcmp(text, on[i]);
			return 1;
		}
	}
	return 0;
}

/* Sets element `index` of a parameter. 0 if the value does not fit. */
static int set(const struct uk_libparam_param *p, unsigned int index, char *text)
{
	static const struct {
		uint8_t size;
		int64_t min;
		uint64_t max;
	} kinds[] = {
	    [_UK_LIBPARAM_PARAM_TYPE_bool] = {1, 0, 1},
	    [_UK_LIBPARAM_PARAM_TYPE_s8] = {1, INT8_MIN, INT8_MAX},
	    [_UK_LIBPARAM_PARAM_TYPE_u8] = {1, 0, UINT8_MAX},
	    [_UK_LIBPARAM_PARAM_TYPE_s16] = {2, INT16_MIN, INT16_MAX},
	    [_UK_LIBPARAM_PARAM_TYPE_u16] = {2, 0, UINT16_MAX},
	    [_UK_LIBPARAM_PARAM_TYPE_s32] = {4, INT32_MIN, INT32_MAX},
	    [_UK_LIBPARAM_PARAM_TYPE_u32] = {4, 0, UINT32_MAX},
	    [_UK_LIBPARAM_PARAM_TYPE_s64] = {8, INT64_MIN, INT64_MAX},
	    [_UK_LIBPARAM_PARAM_TYPE_u64] = {8, 0, UINT64_MAX},
	    [_UK_LIBPARAM_PARAM_TYPE_uptr] = {8, 0, UINT64_MAX},
	};
	uint64_t value = 0;
	if (index >= p->count)
		return 0;
	if (p->type == _UK_LIBPARAM_PARAM_TYPE_charp) {
		((char **)p->addr)[index] = text;
		return 1;
	}
	if (p->type >= ARRAY_SIZE(kinds) || !kinds[p->type].size)
		return 0;
	int fits = p->type == _UK_LIBPARAM_PARAM_TYPE_bool ? boolean(text, &value)
							    : number(text, kinds[p->type].min, kinds[p->type].max, &value);
	if (fits) /* little endian: the low bytes */
		memcpy((char *)p->addr + index * kinds[p->type].size, &value, kinds[p->type].size);
	return fits;
}

/* `[ a b c ]` into an array. 0 if there are too many or one does not fit. */
static int set_all(const struct uk_libparam_param *p, char *text)
{
	unsigned int index = 0;
	char *end = text + strlen(text);
	if (end[-1] == ']')
		*--end = '\0';
	for (text++; *text;) {
		while (is_space(*text))
			text++;
		if (!*text)
			break;
		char *element = text;
		for (; *text && !is_space(*text); text++)
			*text = *text == '\1' ? ' ' : *text;
		if (*text)
			*text++ = '\0';
		if (!set(p, index++, element))
			return 0;
	}
	return 1;
}

static int same_prefix(const char *prefix, const char *word, size_t len)
{
	const char *without = !strncmp(prefix, "lib", 3) ? prefix + 3 : prefix;
	return (strlen(prefix) == len && !strncmp(prefix, word, len)) || (strlen(without) == len && !strncmp(without, word, len));
}

/* 0 taken or nobody's, 1 wrong. */
static int assign(char *word)
{
	size_t name_len = strcspn(word, "=");
	char *dot = memchr(word, '.', name_len);
	if (!dot || !word[name_len])
		return 0;
	char *name = dot + 1, *value = word + name_len + 1;
	size_t prefix_len = (size_t)(dot - word);
	word[name_len] = '\0';
	int known = 0;
	for (const struct uk_libparam_param *p = __uk_libparam_start; p < __uk_libparam_end; p++) {
		if (!same_prefix(p->prefix, word, prefix_len))
			continue;
		known = 1;
		if (strcmp(p->name, name))
			continue;
		if (*value == '[' && p->count > 1 ? set_all(p, value) : set(p, 0, value))
			return 0;
		uk_pr_err("%s: \"%s\" is no value for it\n", word, value);
		return 1;
	}
	if (known)
		uk_pr_err("%s: there is no such parameter\n", word);
	return known;
}

int uk_libparam_parse(char *line)
{
	int wrong = 0;
	char *word;
	while ((word = next_word(&line)))
		wrong += assign(word);
	return wrong;
}

static int parse_command_line(struct uk_init_ctx *ctx)
{
	static char copy[LINE];
	const char *text;
	(void)ctx;
	size_t len = uk_boot_params(&text);
	if (len >= sizeof(copy)) {
		uk_pr_err("the command line is longer than %u bytes: no parameter of it is set\n", (unsigned int)sizeof(copy) - 1);
		return 0;
	}
	memcpy(copy, text, len);
	uk_libparam_parse(copy);
	return 0;
}

uk_early_initcall_prio(parse_command_line, 0);
