// <math.h>, <complex.h> and <fenv.h>: values bit by bit, special arguments, rounding modes and exceptions, which belong to a thread.
// Long doubles are shown as doubles: processors and emulators differ in the last bit of what the x87 computes.
// unox-test: flags="-frounding-math -fno-builtin -lm"
#include "../../guest/check.h"
#include <complex.h>
#include <fenv.h>
#include <float.h>
#include <math.h>

static const double args[] = { 0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, 3.0, 10.0, -10.25, 0.1, 1e-10, 1e10, 100.0, 700.0, 710.0, -746.0, 1e300, 5e-324, INFINITY, -INFINITY, NAN };
static volatile double sink;

static const char *raised(void) {
	static char text[8];
	int e = fetestexcept(FE_ALL_EXCEPT), n = 0;
	if (e & FE_INVALID) text[n++] = 'V';
	if (e & FE_DIVBYZERO) text[n++] = 'Z';
	if (e & FE_OVERFLOW) text[n++] = 'O';
	if (e & FE_UNDERFLOW) text[n++] = 'U';
	text[n] = 0;
	return text;
}

#define ONE(name) do { printf(#name); for (size_t i = 0; i < COUNT(args); i++) { volatile double x = args[i]; feclearexcept(FE_ALL_EXCEPT); double y = name(x); \
	printf(" %a%s %a %a", isnan(y) ? NAN : y, raised(), (double)(isnan(name##f((float)x)) ? NAN : name##f((float)x)), isnan(name##l(x)) ? NAN : (double)name##l(x)); } putchar('\n'); } while (0)
#define TWO(f) do { printf(#f); for (size_t i = 0; i < COUNT(args); i++) for (size_t j = i & 1; j < COUNT(args); j += 2) { volatile double x = args[i], z = args[j]; \
	feclearexcept(FE_ALL_EXCEPT); double y = f(x, z); printf(" %a%s", isnan(y) ? NAN : y, raised()); } putchar('\n'); } while (0)

static void functions(void) {
	ONE(sin); ONE(cos); ONE(tan); ONE(asin); ONE(acos); ONE(atan); ONE(sinh); ONE(cosh); ONE(tanh); ONE(asinh); ONE(acosh); ONE(atanh);
	ONE(exp); ONE(exp2); ONE(expm1); ONE(log); ONE(log2); ONE(log10); ONE(log1p); ONE(logb); ONE(sqrt); ONE(cbrt);
	ONE(erf); ONE(erfc); ONE(lgamma); ONE(tgamma); ONE(floor); ONE(ceil); ONE(trunc); ONE(round); ONE(rint); ONE(nearbyint); ONE(fabs);
	TWO(pow); TWO(atan2); TWO(fmod); TWO(remainder); TWO(hypot); TWO(fdim); TWO(fmax); TWO(fmin); TWO(nextafter); TWO(copysign);
	printf("bessel");
	for (size_t i = 0; i < COUNT(args); i++) if (args[i] > 0) printf(" %a %a %a %a", j0(args[i]), j1(args[i]), y0(args[i]), jn(3, args[i]));
	putchar('\n');
	int e, q;
	double ip;
	for (size_t i = 0; i < COUNT(args); i++) {
		double x = args[i];
		if (isfinite(x)) { double m = frexp(x, &e), r = modf(x, &ip); printf("%a %d %a %a %a %d %d ", m, e, r, ip, remquo(x, 0.7, &q), q & 7, ilogb(x)); }
		printf("%d %d %d %ld %lld %a %a %a;", fpclassify(x), !!signbit(x), !!isnormal(x), isfinite(x) && fabs(x) < 1e18 ? lrint(x) : 0, isfinite(x) && fabs(x) < 1e18 ? llround(x) : 0, scalbn(x, 3), ldexp(x, -1070), fma(x, 3, 1));
	}
	putchar('\n');
	SAY("%a %a", nan("3") != nan("3") ? 1.0 : 0.0, fma(0x1.0000000000001p0, 0x1.0000000000001p0, -1.0));
	SAY("%d %d %d %d", islessgreater(1.0, 2.0), isunordered(1.0, NAN), isgreaterequal(2.0, 2.0), isless(NAN, 1.0));
}

static void complexes(void) {
	double complex z = 1.5 - 2.25 * I;
#define C(f) do { double complex r = f(z); printf(#f " %a %a\n", creal(r), cimag(r)); } while (0)
	C(csin); C(ccos); C(ctan); C(casin); C(cacos); C(catan); C(csinh); C(ctanh); C(cacosh); C(cexp); C(clog); C(csqrt); C(conj); C(cproj);
	double complex p = cpow(z, 2 + I);
	SAY("%a %a %a %a", creal(p), cimag(p), cabs(z), carg(z));
	double complex m = z * (2 - 3 * I) / (0.5 + I);
	SAY("%a %a", creal(m), cimag(m));
}

static void environment(void) {
	static const int modes[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };
	for (size_t i = 0; i < COUNT(modes); i++) {
		SHOW(fesetround(modes[i]));
		volatile double one = 1, three = 3, half = 2.5;
		volatile float f1 = 1, f3 = 3;
		volatile long double l1 = 1, l3 = 3;
		SAY("%d: %a %a %La %a %a %ld %.2f %a", fegetround() == modes[i], one / three, (double)(f1 / f3), l1 / l3, rint(half), rint(-half), lrint(half), 0.125, strtod("0.1", NULL));
	}
	fesetround(FE_TONEAREST);
	feclearexcept(FE_ALL_EXCEPT);
	volatile double zero = 0, big = DBL_MAX, small = DBL_MIN;
	sink = 1 / zero, SAY("1/0 %s", raised()), sink = zero / zero, SAY("0/0 %s", raised()), sink = big * 2, SAY("max*2 %s", raised()), sink = small / 3, SAY("min/3 %s", raised());
	fenv_t kept;
	SHOW(feholdexcept(&kept)), STR(raised()), sink = 1 / zero, SHOW(feupdateenv(&kept)), STR(raised());
	SHOW(feclearexcept(FE_INVALID)), STR(raised()), SHOW(feraiseexcept(FE_INVALID)), STR(raised());
	SHOW(fesetenv(FE_DFL_ENV)), STR(raised());
}

static void *thread(void *p) {
	int bad = 0, mode = (int)(intptr_t)p;
	// A new thread has its creator's mode.
	bad += fegetround() != FE_UPWARD;
	fesetround(mode);
	double want = mode == FE_UPWARD ? 0x1.5555555555556p-2 : 0x1.5555555555555p-2;
	for (int i = 0; i < 300000; i++) { volatile double one = 1, three = 3; bad += one / three != want || fegetround() != mode; }
	return (void *)(intptr_t)bad;
}

int main(void) {
	functions();
	complexes();
	environment();
	fesetround(FE_UPWARD);
	pthread_t t[3];
	int modes[] = { FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
	for (int i = 0; i < 3; i++) pthread_create(&t[i], NULL, thread, (void *)(intptr_t)modes[i]);
	for (int i = 0; i < 3; i++) { void *r; pthread_join(t[i], &r); SHOW((intptr_t)r); }
	fesetround(FE_TONEAREST);
	return 0;
}
