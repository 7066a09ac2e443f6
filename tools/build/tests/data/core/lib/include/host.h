/* What the test core offers. */
#ifndef HOST_H
#define HOST_H
#ifdef __cplusplus
extern "C" {
#endif
void put(const char *text);
#ifdef __cplusplus
}
#endif
#endif
