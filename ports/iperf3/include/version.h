/* iperf3's configure writes this file. */
#define IPERF_VERSION LIBIPERF3_VERSION
#define IPERF_VERSION_DATE ""
