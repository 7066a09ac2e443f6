// Calendar: time zones by rule, conversions there and back, strftime and strptime in all their letters.
#include "../../guest/check.h"

static const time_t moments[] = { 0, 1, -1, 86399, 951782400, 1000000000, 1234567890, 1396141199, 1396141200, 1414285199, 1414285200, 1709164800, 2147483647, 2147483648, 4102444800,
	-2147483648LL, 253402300799LL, 253402300800LL, -62135596800LL, -62167219200LL };
static const char *const zones[] = { "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "<+0530>-5:30", "NZST-12NZDT,M9.5.0,M4.1.0/3", "AAA+3BBB+1:30,J60/0,300/25:30", "XYZ", "", "bad,", ":", "IST-2IDT,M3.4.4/26,M10.5.0" };

static void show(const char *what, const struct tm *t) {
	printf("%s %d-%02d-%02d %02d:%02d:%02d wday %d yday %d dst %d off %ld %s", what, t->tm_year + 1900, t->tm_mon + 1, t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec, t->tm_wday, t->tm_yday, t->tm_isdst, t->tm_gmtoff, t->tm_zone ? t->tm_zone : "?");
}

int main(void) {
	struct tm t;
	for (size_t z = 0; z < COUNT(zones); z++) {
		setenv("TZ", zones[z], 1);
		tzset();
		SAY("TZ=%s: %s %s %ld %d", zones[z], tzname[0], tzname[1], timezone, daylight);
		for (size_t i = 0; i < COUNT(moments); i++) {
			if (!localtime_r(&moments[i], &t)) { SAY("%lld: %s", (long long)moments[i], errname(errno)); continue; }
			show("", &t);
			struct tm back = t;
			SAY(" -> %lld", (long long)mktime(&back));
		}
	}
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	static const int odd[][7] = { { 124, 1, 30, 0, 0, 0, -1 }, { 124, 2, 31, 2, 30, 0, -1 }, { 124, 9, 27, 2, 30, 0, 0 }, { 124, 9, 27, 2, 30, 0, 1 }, { 100, -13, 0, -1, -1, -1, -1 }, { 70, 0, 1, 0, 0, 100000, 0 }, { 2147483000, 5, 1, 0, 0, 0, 0 } };
	for (size_t i = 0; i < COUNT(odd); i++) {
		t = (struct tm){ .tm_year = odd[i][0], .tm_mon = odd[i][1], .tm_mday = odd[i][2], .tm_hour = odd[i][3], .tm_min = odd[i][4], .tm_sec = odd[i][5], .tm_isdst = odd[i][6] };
		struct tm u = t;
		long long local = (long long)mktime(&t), gm = (long long)timegm(&u);
		show("", &t), SAY(" %lld; %lld", local, gm);
	}
	setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
	tzset();
	char buf[256], format[8];
	for (size_t i = 0; i < COUNT(moments); i++) {
		localtime_r(&moments[i], &t);
		for (const char *c = "aAbBcCdDeFgGhHIjklmMnprRsStTuUVwWxXyYzZ%"; *c; c++) {
			snprintf(format, sizeof format, "%%%c", *c);
			size_t n = strftime(buf, sizeof buf, format, &t);
			printf("%zu %s|", n, n ? buf : "");
		}
		strftime(buf, sizeof buf, "%Ey %Od %+5Y %_5d %-d %010s", &t);
		SAY("%s", buf);
	}
	SHOW(strftime(buf, 4, "%Y", &t)), SHOW(strftime(buf, 5, "%H:%M", &t)), SHOW(strftime(buf, 6, "%H:%M", &t));
	static const char *const parse[][2] = { { "2024-02-29 23:59:60", "%Y-%m-%d %H:%M:%S" }, { "Thu, 01 Jan 1970", "%a, %d %b %Y" }, { "12/31/99", "%D" }, { "07:08 PM", "%I:%M %p" }, { "366 2024", "%j %Y" }, { "99", "%y" }, { "68", "%y" },
		{ "x", "%d" }, { "32", "%d" }, { "  7", "%n%e" }, { "100%", "%C%%" }, { "Mon", "%A" }, { "1 2", "%H%t%M" } };
	for (size_t i = 0; i < COUNT(parse); i++) {
		t = (struct tm){0};
		const char *end = strptime(parse[i][0], parse[i][1], &t);
		printf("%s %s: %d ", parse[i][0], parse[i][1], end ? (int)(end - parse[i][0]) : -1), show("", &t), putchar('\n');
	}
	t = (struct tm){ .tm_year = 124, .tm_mon = 1, .tm_mday = 29, .tm_wday = 4 };
	printf("%s", asctime(&t)), printf("%s", ctime(&moments[6]));
	SAY("%.1f %ld", difftime(moments[6], moments[5]), CLOCKS_PER_SEC);
	setenv("TZ", "/no/such/file", 1), tzset(), STR(tzname[0]);
	setenv("TZ", "Nowhere/City", 1), tzset(), STR(tzname[0]);
	struct timespec res;
	SHOW(timespec_get(&res, TIME_UTC)), SHOW(clock() >= 0), SHOW(llabs((long long)time(NULL) - res.tv_sec) < 3);
	return 0;
}
