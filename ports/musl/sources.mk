# The sources of musl 1.2.3 for x86-64, as its own Makefile chooses them: a file under x86_64/ replaces the generic one of the same name. Replaced
# by ours (Makefile.uk): what holds a syscall instruction, that is clone, syscall_cp, __unmapself, __set_thread_area and restore. vfork is the
# generic one: the assembly one needs a stack that parent and child do not share. `|name` keeps apart objects of the same name.

MUSL_AIO := \
	aio.c aio_suspend.c lio_listio.c

MUSL_COMPLEX := \
	__cexp.c __cexpf.c cabs.c cabsf.c cabsl.c cacos.c cacosf.c cacosh.c cacoshf.c cacoshl.c cacosl.c carg.c cargf.c cargl.c casin.c casinf.c casinh.c \
	casinhf.c casinhl.c casinl.c catan.c catanf.c catanh.c catanhf.c catanhl.c catanl.c ccos.c ccosf.c ccosh.c ccoshf.c ccoshl.c ccosl.c cexp.c \
	cexpf.c cexpl.c cimag.c cimagf.c cimagl.c clog.c clogf.c clogl.c conj.c conjf.c conjl.c cpow.c cpowf.c cpowl.c cproj.c cprojf.c cprojl.c creal.c \
	crealf.c creall.c csin.c csinf.c csinh.c csinhf.c csinhl.c csinl.c csqrt.c csqrtf.c csqrtl.c ctan.c ctanf.c ctanh.c ctanhf.c ctanhl.c ctanl.c

MUSL_CONF := \
	confstr.c fpathconf.c legacy.c pathconf.c sysconf.c

MUSL_CRYPT := \
	crypt.c crypt_blowfish.c crypt_des.c crypt_md5.c crypt_r.c crypt_sha256.c crypt_sha512.c encrypt.c

MUSL_CTYPE := \
	__ctype_b_loc.c __ctype_get_mb_cur_max.c __ctype_tolower_loc.c __ctype_toupper_loc.c isalnum.c isalpha.c isascii.c isblank.c iscntrl.c isdigit.c \
	isgraph.c islower.c isprint.c ispunct.c isspace.c isupper.c iswalnum.c iswalpha.c iswblank.c iswcntrl.c iswctype.c iswdigit.c iswgraph.c \
	iswlower.c iswprint.c iswpunct.c iswspace.c iswupper.c iswxdigit.c isxdigit.c toascii.c tolower.c toupper.c towctrans.c wcswidth.c wctrans.c \
	wcwidth.c

MUSL_DIRENT := \
	alphasort.c closedir.c dirfd.c fdopendir.c opendir.c readdir.c readdir_r.c rewinddir.c scandir.c seekdir.c telldir.c versionsort.c

MUSL_ENV := \
	__environ.c __init_tls.c __libc_start_main.c __reset_tls.c __stack_chk_fail.c clearenv.c getenv.c putenv.c secure_getenv.c setenv.c unsetenv.c

MUSL_ERRNO := \
	__errno_location.c strerror.c

MUSL_EXIT := \
	_Exit.c abort.c abort_lock.c assert.c at_quick_exit.c atexit.c exit.c quick_exit.c

MUSL_FCNTL := \
	creat.c fcntl.c open.c openat.c posix_fadvise.c posix_fallocate.c

MUSL_FENV := \
	__flt_rounds.c fegetexceptflag.c feholdexcept.c x86_64/fenv.s fesetexceptflag.c fesetround.c feupdateenv.c

MUSL_INTERNAL := \
	defsysinfo.c floatscan.c intscan.c libc.c procfdname.c shgetc.c syscall_ret.c vdso.c version.c

MUSL_IPC := \
	ftok.c msgctl.c msgget.c msgrcv.c msgsnd.c semctl.c semget.c semop.c semtimedop.c shmat.c shmctl.c shmdt.c shmget.c

MUSL_LDSO := \
	__dlsym.c dl_iterate_phdr.c dladdr.c dlclose.c dlerror.c dlinfo.c dlopen.c x86_64/dlsym.s x86_64/tlsdesc.s

MUSL_LEGACY := \
	cuserid.c daemon.c err.c euidaccess.c ftw.c futimes.c getdtablesize.c getloadavg.c getpagesize.c getpass.c getusershell.c isastream.c lutimes.c \
	ulimit.c utmpx.c valloc.c

MUSL_LINUX := \
	adjtime.c adjtimex.c arch_prctl.c brk.c cache.c cap.c chroot.c clock_adjtime.c clone.c copy_file_range.c epoll.c eventfd.c fallocate.c fanotify.c \
	flock.c getdents.c getrandom.c gettid.c inotify.c ioperm.c iopl.c klogctl.c membarrier.c memfd_create.c mlock2.c module.c mount.c \
	name_to_handle_at.c open_by_handle_at.c personality.c pivot_root.c ppoll.c prctl.c prlimit.c process_vm.c ptrace.c quotactl.c readahead.c reboot.c \
	remap_file_pages.c sbrk.c sendfile.c setfsgid.c setfsuid.c setgroups.c sethostname.c setns.c settimeofday.c signalfd.c splice.c stime.c swap.c \
	sync_file_range.c syncfs.c sysinfo.c tee.c timerfd.c unshare.c utimes.c vhangup.c vmsplice.c wait3.c wait4.c xattr.c

MUSL_LOCALE_ICONV := iconv.c iconv_close.c

MUSL_LOCALE := \
	__lctrans.c __mo_lookup.c bind_textdomain_codeset.c c_locale.c catclose.c catgets.c catopen.c dcngettext.c duplocale.c freelocale.c \
	langinfo.c locale_map.c localeconv.c newlocale.c pleval.c setlocale.c strcoll.c strfmon.c strtod_l.c strxfrm.c textdomain.c \
	uselocale.c wcscoll.c wcsxfrm.c

MUSL_MALLOC := \
	calloc.c free.c libc_calloc.c lite_malloc.c memalign.c posix_memalign.c realloc.c reallocarray.c replaced.c

MUSL_MALLOC_MALLOCNG := \
	aligned_alloc.c donate.c free.c|mallocng malloc.c malloc_usable_size.c realloc.c|mallocng

MUSL_MATH := \
	__cos.c __cosdf.c __cosl.c __expo2.c __expo2f.c __fpclassify.c __fpclassifyf.c __fpclassifyl.c x86_64/__invtrigl.s __math_divzero.c \
	__math_divzerof.c __math_invalid.c __math_invalidf.c __math_invalidl.c __math_oflow.c __math_oflowf.c __math_uflow.c __math_uflowf.c \
	__math_xflow.c __math_xflowf.c __polevll.c __rem_pio2.c __rem_pio2_large.c __rem_pio2f.c __rem_pio2l.c __signbit.c __signbitf.c __signbitl.c \
	__sin.c __sindf.c __sinl.c __tan.c __tandf.c __tanl.c acos.c acosf.c acosh.c acoshf.c acoshl.c x86_64/acosl.s asin.c asinf.c asinh.c asinhf.c \
	asinhl.c x86_64/asinl.s atan.c atan2.c atan2f.c x86_64/atan2l.s atanf.c atanh.c atanhf.c atanhl.c x86_64/atanl.s cbrt.c cbrtf.c cbrtl.c ceil.c \
	ceilf.c x86_64/ceill.s copysign.c copysignf.c copysignl.c cos.c cosf.c cosh.c coshf.c coshl.c cosl.c erf.c erff.c erfl.c exp.c exp10.c exp10f.c \
	exp10l.c exp2.c exp2f.c exp2f_data.c x86_64/exp2l.s exp_data.c expf.c x86_64/expl.s expm1.c expm1f.c x86_64/expm1l.s x86_64/fabs.c x86_64/fabsf.c \
	x86_64/fabsl.c fdim.c fdimf.c fdiml.c finite.c finitef.c floor.c floorf.c x86_64/floorl.s x86_64/fma.c x86_64/fmaf.c fmal.c fmax.c fmaxf.c fmaxl.c \
	fmin.c fminf.c fminl.c fmod.c fmodf.c x86_64/fmodl.c frexp.c frexpf.c frexpl.c hypot.c hypotf.c hypotl.c ilogb.c ilogbf.c ilogbl.c j0.c j0f.c j1.c \
	j1f.c jn.c jnf.c ldexp.c ldexpf.c ldexpl.c lgamma.c lgamma_r.c lgammaf.c lgammaf_r.c lgammal.c x86_64/llrint.c x86_64/llrintf.c x86_64/llrintl.c \
	llround.c llroundf.c llroundl.c log.c log10.c log10f.c x86_64/log10l.s log1p.c log1pf.c x86_64/log1pl.s log2.c log2_data.c log2f.c log2f_data.c \
	x86_64/log2l.s log_data.c logb.c logbf.c logbl.c logf.c logf_data.c x86_64/logl.s x86_64/lrint.c x86_64/lrintf.c x86_64/lrintl.c lround.c \
	lroundf.c lroundl.c modf.c modff.c modfl.c nan.c nanf.c nanl.c nearbyint.c nearbyintf.c nearbyintl.c nextafter.c nextafterf.c nextafterl.c \
	nexttoward.c nexttowardf.c nexttowardl.c pow.c pow_data.c powf.c powf_data.c powl.c remainder.c remainderf.c x86_64/remainderl.c remquo.c \
	remquof.c x86_64/remquol.c rint.c rintf.c x86_64/rintl.c round.c roundf.c roundl.c scalb.c scalbf.c scalbln.c scalblnf.c scalblnl.c scalbn.c \
	scalbnf.c scalbnl.c signgam.c significand.c significandf.c sin.c sincos.c sincosf.c sincosl.c sinf.c sinh.c sinhf.c sinhl.c sinl.c x86_64/sqrt.c \
	sqrt_data.c x86_64/sqrtf.c x86_64/sqrtl.c tan.c tanf.c tanh.c tanhf.c tanhl.c tanl.c tgamma.c tgammaf.c tgammal.c trunc.c truncf.c x86_64/truncl.s

MUSL_MISC := \
	a64l.c basename.c dirname.c ffs.c ffsl.c ffsll.c fmtmsg.c forkpty.c get_current_dir_name.c getauxval.c getdomainname.c getentropy.c gethostid.c \
	getopt.c getopt_long.c getpriority.c getresgid.c getresuid.c getrlimit.c getrusage.c getsubopt.c initgroups.c ioctl.c issetugid.c lockf.c \
	login_tty.c mntent.c nftw.c openpty.c ptsname.c pty.c realpath.c setdomainname.c setpriority.c setrlimit.c syscall.c syslog.c uname.c wordexp.c

MUSL_MMAN := \
	madvise.c mincore.c mlock.c mlockall.c mmap.c mprotect.c mremap.c msync.c munlock.c munlockall.c munmap.c posix_madvise.c shm_open.c

MUSL_MQ := \
	mq_close.c mq_getattr.c mq_notify.c mq_open.c mq_receive.c mq_send.c mq_setattr.c mq_timedreceive.c mq_timedsend.c mq_unlink.c

MUSL_MULTIBYTE := \
	btowc.c c16rtomb.c c32rtomb.c internal.c mblen.c mbrlen.c mbrtoc16.c mbrtoc32.c mbrtowc.c mbsinit.c mbsnrtowcs.c mbsrtowcs.c mbstowcs.c mbtowc.c \
	wcrtomb.c wcsnrtombs.c wcsrtombs.c wcstombs.c wctob.c wctomb.c

MUSL_NETWORK := \
	accept.c accept4.c bind.c connect.c dn_comp.c dn_expand.c dn_skipname.c dns_parse.c ent.c ether.c freeaddrinfo.c gai_strerror.c getaddrinfo.c \
	gethostbyaddr.c gethostbyaddr_r.c gethostbyname.c gethostbyname2.c gethostbyname2_r.c gethostbyname_r.c getifaddrs.c getnameinfo.c getpeername.c \
	getservbyname.c getservbyname_r.c getservbyport.c getservbyport_r.c getsockname.c getsockopt.c h_errno.c herror.c hstrerror.c htonl.c htons.c \
	if_freenameindex.c if_indextoname.c if_nameindex.c if_nametoindex.c in6addr_any.c in6addr_loopback.c inet_addr.c inet_aton.c inet_legacy.c \
	inet_ntoa.c inet_ntop.c inet_pton.c listen.c lookup_ipliteral.c lookup_name.c lookup_serv.c netlink.c netname.c ns_parse.c ntohl.c ntohs.c proto.c \
	recv.c recvfrom.c recvmmsg.c recvmsg.c res_init.c res_mkquery.c res_msend.c res_query.c res_querydomain.c res_send.c res_state.c resolvconf.c \
	send.c sendmmsg.c sendmsg.c sendto.c serv.c setsockopt.c shutdown.c sockatmark.c socket.c socketpair.c

MUSL_PASSWD := \
	fgetgrent.c fgetpwent.c fgetspent.c getgr_a.c getgr_r.c getgrent.c getgrent_a.c getgrouplist.c getpw_a.c getpw_r.c getpwent.c getpwent_a.c \
	getspent.c getspnam.c getspnam_r.c lckpwdf.c nscd_query.c putgrent.c putpwent.c putspent.c

MUSL_PRNG := \
	__rand48_step.c __seed48.c drand48.c lcong48.c lrand48.c mrand48.c rand.c rand_r.c random.c seed48.c srand48.c

MUSL_PROCESS := \
	_Fork.c execl.c execle.c execlp.c execv.c execve.c execvp.c fexecve.c fork.c posix_spawn.c posix_spawn_file_actions_addchdir.c \
	posix_spawn_file_actions_addclose.c posix_spawn_file_actions_adddup2.c posix_spawn_file_actions_addfchdir.c posix_spawn_file_actions_addopen.c \
	posix_spawn_file_actions_destroy.c posix_spawn_file_actions_init.c posix_spawnattr_destroy.c posix_spawnattr_getflags.c \
	posix_spawnattr_getpgroup.c posix_spawnattr_getsigdefault.c posix_spawnattr_getsigmask.c posix_spawnattr_init.c posix_spawnattr_sched.c \
	posix_spawnattr_setflags.c posix_spawnattr_setpgroup.c posix_spawnattr_setsigdefault.c posix_spawnattr_setsigmask.c posix_spawnp.c system.c \
	vfork.c wait.c waitid.c waitpid.c

MUSL_REGEX := \
	fnmatch.c glob.c regcomp.c regerror.c regexec.c tre-mem.c

MUSL_SCHED := \
	affinity.c sched_cpucount.c sched_get_priority_max.c sched_getcpu.c sched_getparam.c sched_getscheduler.c sched_rr_get_interval.c sched_setparam.c \
	sched_setscheduler.c sched_yield.c

MUSL_SEARCH := \
	hsearch.c insque.c lsearch.c tdelete.c tdestroy.c tfind.c tsearch.c twalk.c

MUSL_SELECT := \
	poll.c pselect.c select.c

MUSL_SETJMP := \
	x86_64/longjmp.s x86_64/setjmp.s

MUSL_SIGNAL := \
	block.c getitimer.c kill.c killpg.c psiginfo.c psignal.c raise.c setitimer.c sigaction.c sigaddset.c sigaltstack.c sigandset.c sigdelset.c \
	sigemptyset.c sigfillset.c sighold.c sigignore.c siginterrupt.c sigisemptyset.c sigismember.c siglongjmp.c signal.c sigorset.c sigpause.c \
	sigpending.c sigprocmask.c sigqueue.c sigrelse.c sigrtmax.c sigrtmin.c sigset.c x86_64/sigsetjmp.s sigsetjmp_tail.c sigsuspend.c sigtimedwait.c \
	sigwait.c sigwaitinfo.c

MUSL_STAT := \
	__xstat.c chmod.c fchmod.c fchmodat.c fstat.c fstatat.c futimens.c futimesat.c lchmod.c lstat.c mkdir.c mkdirat.c mkfifo.c mkfifoat.c mknod.c \
	mknodat.c stat.c statvfs.c umask.c utimensat.c

MUSL_STDIO := \
	__fclose_ca.c __fdopen.c __fmodeflags.c __fopen_rb_ca.c __lockfile.c __overflow.c __stdio_close.c __stdio_exit.c __stdio_read.c __stdio_seek.c \
	__stdio_write.c __stdout_write.c __toread.c __towrite.c __uflow.c asprintf.c clearerr.c dprintf.c ext.c ext2.c fclose.c feof.c ferror.c fflush.c \
	fgetc.c fgetln.c fgetpos.c fgets.c fgetwc.c fgetws.c fileno.c flockfile.c fmemopen.c fopen.c fopencookie.c fprintf.c fputc.c fputs.c fputwc.c \
	fputws.c fread.c freopen.c fscanf.c fseek.c fsetpos.c ftell.c ftrylockfile.c funlockfile.c fwide.c fwprintf.c fwrite.c fwscanf.c getc.c \
	getc_unlocked.c getchar.c getchar_unlocked.c getdelim.c getline.c gets.c getw.c getwc.c getwchar.c ofl.c ofl_add.c open_memstream.c \
	open_wmemstream.c pclose.c perror.c popen.c printf.c putc.c putc_unlocked.c putchar.c putchar_unlocked.c puts.c putw.c putwc.c putwchar.c remove.c \
	rename.c rewind.c scanf.c setbuf.c setbuffer.c setlinebuf.c setvbuf.c snprintf.c sprintf.c sscanf.c stderr.c stdin.c stdout.c swprintf.c swscanf.c \
	tempnam.c tmpfile.c tmpnam.c ungetc.c ungetwc.c vasprintf.c vdprintf.c vfprintf.c vfscanf.c vfwprintf.c vfwscanf.c vprintf.c vscanf.c vsnprintf.c \
	vsprintf.c vsscanf.c vswprintf.c vswscanf.c vwprintf.c vwscanf.c wprintf.c wscanf.c

MUSL_STDLIB := \
	abs.c atof.c atoi.c atol.c atoll.c bsearch.c div.c ecvt.c fcvt.c gcvt.c imaxabs.c imaxdiv.c labs.c ldiv.c llabs.c lldiv.c qsort.c qsort_nr.c \
	strtod.c strtol.c wcstod.c wcstol.c

MUSL_STRING := \
	bcmp.c bcopy.c bzero.c explicit_bzero.c index.c memccpy.c memchr.c memcmp.c x86_64/memcpy.s memmem.c x86_64/memmove.s mempcpy.c memrchr.c \
	x86_64/memset.s rindex.c stpcpy.c stpncpy.c strcasecmp.c strcasestr.c strcat.c strchr.c strchrnul.c strcmp.c strcpy.c strcspn.c strdup.c \
	strerror_r.c strlcat.c strlcpy.c strlen.c strncasecmp.c strncat.c strncmp.c strncpy.c strndup.c strnlen.c strpbrk.c strrchr.c strsep.c strsignal.c \
	strspn.c strstr.c strtok.c strtok_r.c strverscmp.c swab.c wcpcpy.c wcpncpy.c wcscasecmp.c wcscasecmp_l.c wcscat.c wcschr.c wcscmp.c wcscpy.c \
	wcscspn.c wcsdup.c wcslen.c wcsncasecmp.c wcsncasecmp_l.c wcsncat.c wcsncmp.c wcsncpy.c wcsnlen.c wcspbrk.c wcsrchr.c wcsspn.c wcsstr.c wcstok.c \
	wcswcs.c wmemchr.c wmemcmp.c wmemcpy.c wmemmove.c wmemset.c

MUSL_TEMP := \
	__randname.c mkdtemp.c mkostemp.c mkostemps.c mkstemp.c mkstemps.c mktemp.c

MUSL_TERMIOS := \
	cfgetospeed.c cfmakeraw.c cfsetospeed.c tcdrain.c tcflow.c tcflush.c tcgetattr.c tcgetsid.c tcgetwinsize.c tcsendbreak.c tcsetattr.c \
	tcsetwinsize.c

MUSL_THREAD := \
	__lock.c __syscall_cp.c __timedwait.c __tls_get_addr.c __wait.c call_once.c cnd_broadcast.c cnd_destroy.c cnd_init.c cnd_signal.c cnd_timedwait.c \
	cnd_wait.c default_attr.c lock_ptc.c mtx_destroy.c mtx_init.c mtx_lock.c mtx_timedlock.c mtx_trylock.c mtx_unlock.c pthread_atfork.c \
	pthread_attr_destroy.c pthread_attr_get.c pthread_attr_init.c pthread_attr_setdetachstate.c pthread_attr_setguardsize.c \
	pthread_attr_setinheritsched.c pthread_attr_setschedparam.c pthread_attr_setschedpolicy.c pthread_attr_setscope.c pthread_attr_setstack.c \
	pthread_attr_setstacksize.c pthread_barrier_destroy.c pthread_barrier_init.c pthread_barrier_wait.c pthread_barrierattr_destroy.c \
	pthread_barrierattr_init.c pthread_barrierattr_setpshared.c pthread_cancel.c pthread_cleanup_push.c pthread_cond_broadcast.c \
	pthread_cond_destroy.c pthread_cond_init.c pthread_cond_signal.c pthread_cond_timedwait.c pthread_cond_wait.c pthread_condattr_destroy.c \
	pthread_condattr_init.c pthread_condattr_setclock.c pthread_condattr_setpshared.c pthread_create.c pthread_detach.c pthread_equal.c \
	pthread_getattr_np.c pthread_getconcurrency.c pthread_getcpuclockid.c pthread_getname_np.c pthread_getschedparam.c pthread_getspecific.c \
	pthread_join.c pthread_key_create.c pthread_kill.c pthread_mutex_consistent.c pthread_mutex_destroy.c pthread_mutex_getprioceiling.c \
	pthread_mutex_init.c pthread_mutex_lock.c pthread_mutex_setprioceiling.c pthread_mutex_timedlock.c pthread_mutex_trylock.c pthread_mutex_unlock.c \
	pthread_mutexattr_destroy.c pthread_mutexattr_init.c pthread_mutexattr_setprotocol.c pthread_mutexattr_setpshared.c pthread_mutexattr_setrobust.c \
	pthread_mutexattr_settype.c pthread_once.c pthread_rwlock_destroy.c pthread_rwlock_init.c pthread_rwlock_rdlock.c pthread_rwlock_timedrdlock.c \
	pthread_rwlock_timedwrlock.c pthread_rwlock_tryrdlock.c pthread_rwlock_trywrlock.c pthread_rwlock_unlock.c pthread_rwlock_wrlock.c \
	pthread_rwlockattr_destroy.c pthread_rwlockattr_init.c pthread_rwlockattr_setpshared.c pthread_self.c pthread_setattr_default_np.c \
	pthread_setcancelstate.c pthread_setcanceltype.c pthread_setconcurrency.c pthread_setname_np.c pthread_setschedparam.c pthread_setschedprio.c \
	pthread_setspecific.c pthread_sigmask.c pthread_spin_destroy.c pthread_spin_init.c pthread_spin_lock.c pthread_spin_trylock.c \
	pthread_spin_unlock.c pthread_testcancel.c sem_destroy.c sem_getvalue.c sem_init.c sem_open.c sem_post.c sem_timedwait.c sem_trywait.c \
	sem_unlink.c sem_wait.c synccall.c thrd_create.c thrd_exit.c thrd_join.c thrd_sleep.c thrd_yield.c tls.c tss_create.c tss_delete.c tss_set.c \
	vmlock.c

MUSL_TIME := \
	__map_file.c __month_to_secs.c __secs_to_tm.c __tm_to_secs.c __tz.c __year_to_secs.c asctime.c asctime_r.c clock.c clock_getcpuclockid.c \
	clock_getres.c clock_gettime.c clock_nanosleep.c clock_settime.c ctime.c ctime_r.c difftime.c ftime.c getdate.c gettimeofday.c gmtime.c gmtime_r.c \
	localtime.c localtime_r.c mktime.c nanosleep.c strftime.c strptime.c time.c timegm.c timer_create.c timer_delete.c timer_getoverrun.c \
	timer_gettime.c timer_settime.c times.c timespec_get.c utime.c wcsftime.c

MUSL_UNISTD := \
	_exit.c access.c acct.c alarm.c chdir.c chown.c close.c ctermid.c dup.c dup2.c dup3.c faccessat.c fchdir.c fchown.c fchownat.c fdatasync.c fsync.c \
	ftruncate.c getcwd.c getegid.c geteuid.c getgid.c getgroups.c gethostname.c getlogin.c getlogin_r.c getpgid.c getpgrp.c getpid.c getppid.c \
	getsid.c getuid.c isatty.c lchown.c link.c linkat.c lseek.c nice.c pause.c pipe.c pipe2.c posix_close.c pread.c preadv.c pwrite.c pwritev.c read.c \
	readlink.c readlinkat.c readv.c renameat.c rmdir.c setegid.c seteuid.c setgid.c setpgid.c setpgrp.c setregid.c setresgid.c setresuid.c setreuid.c \
	setsid.c setuid.c setxid.c sleep.c symlink.c symlinkat.c sync.c tcgetpgrp.c tcsetpgrp.c truncate.c ttyname.c ttyname_r.c ualarm.c unlink.c \
	unlinkat.c usleep.c write.c writev.c
