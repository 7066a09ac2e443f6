/* printf's formats without a C library and without floating point. */
#include "format.h"

enum length { LEN_INT, LEN_CHAR, LEN_SHORT, LEN_LONG };

struct spec {
	int left, plus, space, alternate, zero;
	int width, precision; /* precision -1: none */
	enum length length;
	char conversion;
};

static void put(struct uk_format *out, char c)
{
	if (out->used == out->size && out->flush)
		out->flush(out);
	if (out->used < out->size)
		out->buf[out->used++] = c;
	out->total++;
}

static void pad(struct uk_format *out, char c, int count)
{
	while (count-- > 0)
		put(out, c);
}

static void field(struct uk_format *out, const struct spec *s, const char *prefix, const char *text, int len, int zeros)
{
	int prefix_len = 0;
	while (prefix[prefix_len])
		prefix_len++;
	int spaces = s->width - prefix_len - zeros - len;
	if (!s->left)
		pad(out, ' ', spaces);
	for (int i = 0; i < prefix_len; i++)
		put(out, prefix[i]);
	pad(out, '0', zeros);
	for (int i = 0; i < len; i++)
		put(out, text[i]);
	if (s->left)
		pad(out, ' ', spaces);
}

static void number(struct uk_format *out, const struct spec *s, uint64_t value, const char *sign)
{
	char digits[24];
	int at = sizeof(digits);
	unsigned int base = s->conversion == 'x' || s->conversion == 'X' || s->conversion == 'p' ? 16 : s->conversion == 'o' ? 8 : 10;
	const char *set = s->conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	const char *prefix = sign;
	if (base == 16 && ((s->alternate && value) || s->conversion == 'p'))
		prefix = s->conversion == 'X' ? "0X" : "0x";
	while (value) {
		digits[--at] = set[value % base];
		value /= base;
	}
	int len = (int)sizeof(digits) - at;
	int zeros = (s->precision < 0 ? 1 : s->precision) - len;
	if (s->alternate && base == 8 && zeros <= 0)
		zeros = 1;
	if (s->zero && !s->left && s->precision < 0) {
		int all = s->width - len;
		for (const char *p = prefix; *p; p++)
			all--;
		zeros = all > zeros ? all : zeros;
	}
	field(out, s, prefix, digits + at, len, zeros > 0 ? zeros : 0);
}

static const char *flags(const char *fmt, struct spec *s)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			s->left = 1;
			break;
		case '+':
			s->plus = 1;
			break;
		case ' ':
			s->space = 1;
			break;
		case '#':
			s->alternate = 1;
			break;
		case '0':
			s->zero = 1;
			break;
		default:
			return fmt;
		}
	}
}

static const char *digits(const char *fmt, int *value)
{
	for (*value = 0; *fmt >= '0' && *fmt <= '9'; fmt++)
		*value = *value < 10000 ? *value * 10 + (*fmt - '0') : *value;
	return fmt;
}

static const char *length(const char *fmt, struct spec *s)
{
	for (;; fmt++) {
		if (*fmt == 'h')
			s->length = s->length == LEN_SHORT ? LEN_CHAR : LEN_SHORT;
		else if (*fmt == 'l' || *fmt == 'z' || *fmt == 'j' || *fmt == 't' || *fmt == 'q')
			s->length = LEN_LONG;
		else
			return fmt;
	}
}

static void string(struct uk_format *out, const struct spec *s, const char *text)
{
	int len = 0;
	if (!text)
		text = "(null)";
	while ((s->precision < 0 || len < s->precision) && text[len])
		len++;
	field(out, s, "", text, len, 0);
}

void uk_format(struct uk_format *out, const char *fmt, va_list ap)
{
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(out, *fmt);
			continue;
		}
		struct spec s = {.precision = -1};
		fmt = flags(fmt + 1, &s);
		if (*fmt == '*') {
			s.width = va_arg(ap, int);
			if (s.width < 0) {
				s.left = 1;
				s.width = -s.width;
			}
			fmt++;
		} else {
			fmt = digits(fmt, &s.width);
		}
		if (*fmt == '.') {
			if (fmt[1] == '*') {
				s.precision = va_arg(ap, int);
				fmt += 2;
			} else {
				fmt = digits(fmt + 1, &s.precision);
			}
		}
		fmt = length(fmt, &s);
		s.conversion = *fmt;
		switch (*fmt) {
		case 'd':
		case 'i': {
			int64_t v = s.length == LEN_LONG ? va_arg(ap, long) : va_arg(ap, int);
			v = s.length == LEN_CHAR ? (signed char)v : s.length == LEN_SHORT ? (short)v : v;
			number(out, &s, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0 ? "-" : s.plus ? "+" : s.space ? " " : "");
			break;
		}
		case 'u':
		case 'x':
		case 'X':
		case 'o': {
			uint64_t v = s.length == LEN_LONG ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int);
			v = s.length == LEN_CHAR ? (unsigned char)v : s.length == LEN_SHORT ? (unsigned short)v : v;
			number(out, &s, v, "");
			break;
		}
		case 'p':
			number(out, &s, (uint64_t)(uintptr_t)va_arg(ap, void *), "");
			break;
		case 'c': {
			char c = (char)va_arg(ap, int);
			field(out, &s, "", &c, 1, 0);
			break;
		}
		case 's':
			string(out, &s, va_arg(ap, const char *));
			break;
		case '%':
			put(out, '%');
			break;
		case '\0':
			return;
		default: /* what is not known is shown as it stands; its argument is not taken */
			put(out, '%');
			put(out, *fmt);
		}
	}
}

int uk_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct uk_format out = {.buf = buf, .size = size ? size - 1 : 0};
	uk_format(&out, fmt, ap);
	if (size)
		buf[out.used] = '\0';
	return (int)out.total;
}

int uk_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int len = uk_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}
