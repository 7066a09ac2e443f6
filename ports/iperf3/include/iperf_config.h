/* What iperf3's configure finds out about musl on unox. Written by hand after its answers: without OpenSSL and SCTP. */
#ifndef IPERF_CONFIG_H
#define IPERF_CONFIG_H

#define HAVE_CLOCK_GETTIME 1
#define HAVE_CPU_AFFINITY 1
#define HAVE_DAEMON 1
#define HAVE_ENDIAN_H 1
#define HAVE_GETLINE 1
#define HAVE_INTTYPES_H 1
#define HAVE_POLL_H 1
#define HAVE_SCHED_SETAFFINITY 1
#define HAVE_SENDFILE 1
#define HAVE_STDINT_H 1
#define HAVE_STDIO_H 1
#define HAVE_STDLIB_H 1
#define HAVE_STRINGS_H 1
#define HAVE_STRING_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_TCP_CONGESTION 1
#define HAVE_UNISTD_H 1
#define STDC_HEADERS 1

#define PACKAGE "iperf"
#define PACKAGE_NAME "iperf"
#define PACKAGE_TARNAME "iperf"
#define PACKAGE_BUGREPORT "https://github.com/esnet/iperf"
#define PACKAGE_URL "https://software.es.net/iperf/"
#define PACKAGE_VERSION LIBIPERF3_VERSION
#define PACKAGE_STRING "iperf " LIBIPERF3_VERSION
#define VERSION LIBIPERF3_VERSION

#endif
