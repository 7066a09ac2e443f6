//! What is left out of packages, and what belongs to them although no list says so.

/// Needed by maintainer scripts only, never by the program; skipped unless the program is from one of them.
pub const TOOLING: &[&str] = &[
    "adduser",
    "apt",
    "cdebconf",
    "debconf",
    "debconf-i18n",
    "debianutils",
    "dictionaries-common",
    "dpkg",
    "dpkg-dev",
    "emacsen-common",
    "init-system-helpers",
    "install-info",
    "libpam-runtime",
    "lsb-base",
    "man-db",
    "passwd",
    "po-debconf",
    "sensible-utils",
    "systemd",
    "sysvinit-utils",
    "tar",
    "tex-common",
    "ucf",
    "udev",
    "update-inetd",
];

/// Packages that users of a program expect with it, when they are installed, although nothing depends on them: interpreters are split so
/// that a base system can have a part (python3.11-minimal is half of python3.11, perl-base of perl), and a compiler wants headers.
pub fn companions(package: &str) -> Vec<String> {
    if let Some(whole) = package.strip_suffix("-minimal") {
        return vec![whole.to_owned()];
    }
    if package == "perl-base" {
        return vec!["perl".to_owned()];
    }
    match package.strip_prefix("cpp-").or_else(|| package.strip_prefix("g++-")) {
        Some(version) if version.bytes().all(|b| b.is_ascii_digit()) => {
            let devel = ["libgcc", "libstdc++"].map(|lib| format!("{lib}-{version}-dev"));
            devel.into_iter().chain(["libc6-dev".to_owned(), "linux-libc-dev".to_owned()]).collect()
        }
        _ => Vec::new(),
    }
}

/// Libraries that a program outside the package manager gets alone, without the rest of their package (libc6 has 10 MB of gconv).
pub const PLAIN_LIBRARIES: &[&str] = &["libc6", "libgcc-s1", "libstdc++6", "libcrypt1", "libgomp1", "libatomic1", "zlib1g", "musl"];

/// Beginnings of paths that no program reads.
const UNWANTED: &[&str] = &[
    "/usr/share/doc/",
    "/usr/share/doc-base/",
    "/usr/share/man/",
    "/usr/share/info/",
    "/usr/share/lintian/",
    "/usr/share/bug/",
    "/usr/share/menu/",
    "/usr/share/applications/",
    "/usr/share/bash-completion/",
    "/usr/share/zsh/",
    "/usr/share/fish/",
    "/usr/share/apport/",
    "/usr/share/gtk-doc/",
    "/usr/share/help/",
    "/usr/share/i18n/",
    "/usr/share/initramfs-tools/",
    "/usr/share/pixmaps/",
    "/usr/share/zoneinfo/right/",
    "/usr/share/zoneinfo/posix/",
    "/usr/lib/systemd/",
    "/lib/systemd/",
    "/usr/lib/tmpfiles.d/",
    "/usr/lib/sysusers.d/",
    "/usr/lib/valgrind/",
    "/usr/lib/debug/",
    "/lib/udev/",
    "/etc/init.d/",
    "/etc/cron.",
    "/etc/logrotate.d/",
    "/etc/apparmor.d/",
    "/etc/apt/",
    "/etc/bash_completion.d/",
    "/etc/kernel/",
    "/etc/init/",
    "/var/lib/dpkg/",
    "/var/cache/",
];

/// Does the image want this path of a package's list?
pub fn wanted(path: &[u8]) -> bool {
    if let Some(locale) = path.strip_prefix(b"/usr/share/locale/") {
        return locale.starts_with(b"C.") || locale.starts_with(b"locale.alias");
    }
    !UNWANTED.iter().any(|u| {
        let u = u.as_bytes();
        // The directory itself is not wanted either.
        path.starts_with(u) || u.strip_suffix(b"/") == Some(path)
    })
}

/// Directories below /etc that many packages share: owning one says nothing about what is in it.
const SHARED_ETC: &[&str] = &[
    "X11",
    "alternatives",
    "ca-certificates",
    "default",
    "dpkg",
    "emacs",
    "gconf",
    "ld.so.conf.d",
    "modprobe.d",
    "network",
    "opt",
    "pam.d",
    "profile.d",
    "rc0.d",
    "rc1.d",
    "rc2.d",
    "rc3.d",
    "rc4.d",
    "rc5.d",
    "rc6.d",
    "rcS.d",
    "security",
    "skel",
    "ssl",
    "sudoers.d",
    "sysctl.d",
    "systemd",
    "terminfo",
    "udev",
    "update-motd.d",
    "vim",
    "xdg",
];

/// Is this a directory right below /etc that belongs to one package (or family of packages)?
pub fn own_etc_dir(path: &[u8]) -> bool {
    path.strip_prefix(b"/etc/").is_some_and(|rest| !rest.contains(&b'/') && !SHARED_ETC.iter().any(|s| s.as_bytes() == rest))
}

/// Files and directories that triggers, maintainer scripts or essential packages provide to users of a package.
pub fn made_for(package: &str) -> &'static [&'static str] {
    let starts = |p: &str| package.starts_with(p);
    match package {
        "libtinfo6" | "libncursesw6" | "libncurses6" => &["/lib/terminfo"],
        "libssl3" | "libssl3t64" | "libssl1.1" => {
            &["/usr/lib/ssl/openssl.cnf", "/usr/lib/ssl/certs", "/usr/lib/ssl/cert.pem", "/etc/ssl/openssl.cnf", "/etc/ssl/certs"]
        }
        "ca-certificates" => &["/etc/ssl/certs"],
        "ca-certificates-java" => &["/etc/ssl/certs/java"],
        "shared-mime-info" => &["/usr/share/mime"],
        "fontconfig" | "fontconfig-config" => &["/var/cache/fontconfig", "/etc/fonts"],
        "libpam-modules" => &["/etc/pam.d", "/etc/security"],
        _ if starts("libgdk-pixbuf") => &["/usr/lib/x86_64-linux-gnu/gdk-pixbuf-2.0/2.10.0/loaders.cache"],
        _ if starts("libglib2.0-0") => &["/usr/lib/x86_64-linux-gnu/gio/modules/giomodule.cache", "/usr/share/glib-2.0/schemas"],
        _ if starts("php") && package.ends_with("-common") => &["/etc/php", "/var/lib/php/modules"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_and_headers() {
        assert_eq!((companions("python3.11-minimal"), companions("perl-base")), (vec!["python3.11".into()], vec!["perl".into()]));
        assert!(companions("grep").is_empty() && companions("cpp-doc").is_empty());
        assert!(companions("cpp-12").contains(&"libgcc-12-dev".to_owned()));
    }

    #[test]
    fn documentation_and_locales_stay_out() {
        for p in [
            "/usr/share/doc",
            "/usr/share/doc/grep/x",
            "/usr/share/locale/de/LC_MESSAGES/grep.mo",
            "/etc/cron.daily/x",
            "/usr/share/man/man1/g.1.gz",
        ] {
            assert!(!wanted(p.as_bytes()), "{p}");
        }
        for p in ["/usr/share/docker", "/usr/bin/grep", "/usr/share/locale/C.UTF-8/x", "/etc/grep.conf"] {
            assert!(wanted(p.as_bytes()), "{p}");
        }
        assert!(own_etc_dir(b"/etc/php") && !own_etc_dir(b"/etc/ssl") && !own_etc_dir(b"/etc/php/8.2") && !own_etc_dir(b"/usr/php"));
    }
}
