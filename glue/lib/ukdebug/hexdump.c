/* Memory as text. */
#include <uk/hexdump.h>
#include <uk/print.h>

#define MAX_GROUPS 32

/* A string that is written as far as it goes. */
struct sink {
	char *str;
	size_t size, total;
};

static void put(struct sink *out, char c)
{
	if (out->total + 1 < out->size)
		out->str[out->total] = c;
	out->total++;
}

static void hex(struct sink *out, size_t value, int digits)
{
	while (digits-- > 0)
		put(out, "0123456789abcdef"[value >> (4 * digits) & 15]);
}

static size_t group_size(int flags)
{
	return flags & UK_HXDF_GRPQWORD ? 8 : flags & UK_HXDF_GRPDWORD ? 4 : flags & UK_HXDF_GRPWORD ? 2 : 1;
}

static void line(struct sink *out, const unsigned char *data, size_t len, size_t addr, int flags, size_t group, size_t per_line)
{
	if (flags & UK_HXDF_ADDR) {
		hex(out, addr, 16);
		put(out, ' ');
	}
	for (size_t i = 0; i < per_line; i++) {
		if (i % group == 0)
			put(out, ' ');
		if (i < len) {
			hex(out, data[i], 2);
		} else if (flags & UK_HXDF_ASCIISEC) {
			put(out, ' ');
			put(out, ' ');
		}
	}
	if (flags & UK_HXDF_ASCIISEC) {
		put(out, ' ');
		put(out, ' ');
		put(out, '|');
		for (size_t i = 0; i < len; i++)
			put(out, data[i] >= ' ' && data[i] < 127 ? (char)data[i] : '.');
		put(out, '|');
	}
	put(out, '\n');
}

static int equal(const unsigned char *a, const unsigned char *b, size_t len)
{
	while (len && *a == *b) {
		a++;
		b++;
		len--;
	}
	return !len;
}

int uk_hexdumpsn(char *str, size_t size, const void *data, size_t len, size_t addr0, int flags, unsigned int grps_per_line)
{
	struct sink out = {str, size, 0};
	const unsigned char *bytes = data;
	size_t group = group_size(flags);
	size_t per_line = group * (grps_per_line < 1 ? 1 : grps_per_line > MAX_GROUPS ? MAX_GROUPS : grps_per_line);
	int starred = 0;
	for (size_t at = 0; at < len; at += per_line) {
		size_t here = len - at < per_line ? len - at : per_line;
		if ((flags & UK_HXDF_COMPRESS) && at && here == per_line && equal(bytes + at, bytes + at - per_line, per_line)) {
			if (!starred) {
				put(&out, '*');
				put(&out, '\n');
			}
			starred = 1;
			continue;
		}
		starred = 0;
		line(&out, bytes + at, here, addr0 + at, flags, group, per_line);
	}
	if (size)
		str[out.total < size ? out.total : size - 1] = '\0';
	return (int)out.total;
}

void uk_hexdumpk(int lvl, const void *data, size_t len, int flags, unsigned int grps_per_line)
{
	char text[16 + 3 + 8 * MAX_GROUPS * 4 + 8];
	size_t per_line = group_size(flags) * (grps_per_line < 1 ? 1 : grps_per_line > MAX_GROUPS ? MAX_GROUPS : grps_per_line);
	for (size_t at = 0; at < len; at += per_line) {
		size_t here = len - at < per_line ? len - at : per_line;
		uk_hexdumpsn(text, sizeof(text), (const char *)data + at, here, (size_t)data + at, flags & ~UK_HXDF_COMPRESS, grps_per_line);
		_uk_printk(lvl, __UK_PRINT_LIB, (const char *)0, 0, "%s", text);
	}
}
