//! What it means for a program when a system call is not there.

/// What a lack does.
pub struct Effect {
    /// In words.
    pub text: &'static str,
    /// Programs expect it and go on as well as before: said with `-v` only.
    pub harmless: bool,
}

const fn lack(text: &'static str) -> Effect {
    Effect { text, harmless: false }
}

const fn probe(text: &'static str) -> Effect {
    Effect { text, harmless: true }
}

const EFFECTS: &[(&str, Effect)] = &[
    ("io_uring_setup", probe("programs fall back to read, write and epoll (libuv: to its thread pool)")),
    ("io_setup", probe("programs fall back to plain reads and writes")),
    ("landlock_create_ruleset", probe("the program cannot lock itself in; it goes on without")),
    ("rseq", probe("the C library uses its slower per-CPU data")),
    ("mseal", probe("the C library goes on without sealed memory")),
    ("map_shadow_stack", probe("the program runs without shadow stacks")),
    ("process_madvise", probe("the program keeps its memory as it is")),
    ("cachestat", probe("the program does without figures of the page cache")),
    ("perf_event_open", lack("no performance counters: profilers will not work; measure from outside with --stats")),
    ("bpf", lack("no BPF: tracing and packet filters will not work")),
    ("userfaultfd", lack("page faults cannot be handled by the program")),
    ("ptrace", lack("debuggers and tracers cannot run inside; use --gdb or --strace from outside")),
    ("shmget", lack("no System V shared memory: programs that insist on it (older PostgreSQL) fail")),
    ("shmat", lack("no System V shared memory")),
    ("semget", lack("no System V semaphores")),
    ("msgget", lack("no System V message queues")),
    ("mq_open", lack("no POSIX message queues")),
    ("execve", lack("no other program can be started from inside; what needs a shell or a helper fails")),
    ("execveat", lack("no other program can be started from inside")),
    ("fork", lack("the program cannot have child processes")),
    ("vfork", lack("the program cannot have child processes")),
    ("setns", lack("no namespaces: container tools will not work")),
    ("unshare", lack("no namespaces: container tools will not work")),
    ("open_tree", lack("the new mount calls are missing: mount(2) works")),
    ("fsopen", lack("the new mount calls are missing: mount(2) works")),
    ("fanotify_init", lack("no fanotify: inotify works")),
    ("process_vm_readv", lack("the memory of other processes cannot be read")),
    ("keyctl", lack("no kernel keyring")),
    ("add_key", lack("no kernel keyring")),
    ("init_module", lack("no kernel modules")),
    ("kexec_load", lack("no other kernel can be started from inside")),
    ("swapon", lack("no swap")),
    ("quotactl", lack("no quotas")),
    ("modify_ldt", lack("no segments of the program's own: 16-bit code will not run")),
];

/// The effect of a call's absence, where it is known.
pub fn of(call: &str) -> Option<&'static Effect> {
    EFFECTS.iter().find(|(name, _)| *name == call).map(|(_, effect)| effect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_named_once() {
        for (i, (name, _)) in EFFECTS.iter().enumerate() {
            assert!(!EFFECTS[..i].iter().any(|(other, _)| other == name), "{name} twice");
        }
        assert!(of("io_uring_setup").unwrap().harmless && of("no_such_call").is_none());
    }
}
