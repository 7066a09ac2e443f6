/* Memory as text: address, bytes in groups, characters. */
#ifndef __UK_HEXDUMP_H__
#define __UK_HEXDUMP_H__

#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UK_HXDF_ADDR (1 << 0)   /* each line begins with the address */
#define UK_HXDF_ASCIISEC (1 << 1) /* and ends with the characters */
#define UK_HXDF_GRPBYTE (1 << 2)  /* bytes by one (the default) */
#define UK_HXDF_GRPWORD (1 << 3)  /* by two */
#define UK_HXDF_GRPDWORD (1 << 4) /* by four */
#define UK_HXDF_GRPQWORD (1 << 5) /* by eight */
#define UK_HXDF_COMPRESS (1 << 6) /* equal lines are shown once, then `*` */

/**
 * Writes the dump into a string.
 * @param str            where to
 * @param size           its size, the final NUL included
 * @param flags          UK_HXDF_*
 * @param grps_per_line  groups in a line, 1 to 32
 * @return the characters that the whole dump takes, which may be more than fit
 */
int uk_hexdumpsn(char *str, size_t size, const void *data, size_t len, size_t addr0, int flags, unsigned int grps_per_line);

/** Prints the dump as a message of level `lvl` (uk/print.h). */
void uk_hexdumpk(int lvl, const void *data, size_t len, int flags, unsigned int grps_per_line);

#ifdef __cplusplus
}
#endif

#endif /* __UK_HEXDUMP_H__ */
