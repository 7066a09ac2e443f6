//! A user's home and workspace in a temporary directory, and `kraft` as a link to the tool, as the tutorial's reader has them. Nothing is taken from the
//! network, and the core is a small one in C whose images are programs of the host.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Removed when dropped.
pub struct Workspace {
    pub root: PathBuf,
}

/// Kconfig of the small core: what the real one has in other words.
const CONFIG: &str = "mainmenu \"test\"\n\nconfig ARCH_X86_64\n\tbool \"x86\"\n\tdefault y\n\nconfig PLAT_KVM\n\tbool \"kvm\"\n\tdefault y\n\n\
config HZ\n\tint \"Ticks\"\n\trange 1 1000\n\tdefault 100\n\nconfig NEEDS\n\tbool \"Needs\"\n\tdepends on BASE\n\nconfig BASE\n\tbool \"Base\"\n\n\
source \"$(KCONFIG_DIR)/libs.uk\"\nsource \"$(KCONFIG_DIR)/app.uk\"\n\nconfig UK_NAME\n\tstring \"Name\"\n\tdefault \"$(UK_NAME)\"\n";

/// A library with one function.
const LIBRARY: &str = "$(eval $(call addlib_s,lib@,$(CONFIG_LIB^)))\nLIB^_VERSION=1.2\nLIB^_SRCS-y += $(LIB^_BASE)/lib.c\nCINCLUDES-$(CONFIG_LIB^) += -I$(LIB^_BASE)\n";

impl Workspace {
    pub fn new() -> Workspace {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let root = std::env::temp_dir().join(format!("kraft-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let _ = std::fs::remove_dir_all(&root);
        for dir in ["home", "bin", "workspace", "mirror"] {
            std::fs::create_dir_all(root.join(dir)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_unox"), root.join("bin/kraft")).unwrap();
        let workspace = Workspace { root };
        workspace.write(
            "home/.kraftrc",
            &format!("# mine\n[fetch]\noffline = true\nmirrors = [\"file://{}\"]\n", workspace.path("mirror").display()),
        );
        workspace.core();
        // What `run` is given in place of a kernel and of QEMU: nothing is started here.
        let mut kernel = b"\x7fELF\x02\x01\x01".to_vec();
        kernel.resize(64, 0);
        kernel[18] = 62;
        std::fs::write(workspace.path("kernel"), kernel).unwrap();
        workspace
    }

    fn core(&self) {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../build/tests/data/core");
        assert!(Command::new("cp").arg("-r").arg(data).arg(self.path("core")).status().unwrap().success());
        self.write("core/image/Config.uk", CONFIG);
        self.write(
            "core/ports/app-hello/kraft.yaml",
            "specification: '0.5'\nname: hello\nunikraft: staging\ntargets:\n- architecture: x86_64\n  platform: kvm\n",
        );
        self.write("core/ports/app-hello/Makefile.uk", "$(eval $(call addlib,apphello))\nAPPHELLO_SRCS-y += $(APPHELLO_BASE)/main.c\n");
        self.write("core/ports/app-hello/main.c", "void put(const char *);\nint main(void)\n{\n\tput(\"Hello\\n\");\n\treturn 0;\n}\n");
        self.add_library("core/ports/musl", "musl");
    }

    /// A library in a directory.
    pub fn add_library(&self, dir: &str, name: &str) {
        let text = |t: &str| t.replace('@', name).replace('^', &name.to_uppercase());
        self.write(&format!("{dir}/Makefile.uk"), &text(LIBRARY));
        self.write(
            &format!("{dir}/Config.uk"),
            &text("menuconfig LIB^\n\tbool \"lib@: a library\"\n\nif LIB^\n\nconfig LIB^_DEPTH\n\tint \"Depth\"\n\tdefault 3\n\nendif\n"),
        );
        self.write(&format!("{dir}/lib.c"), &text("int @_answer(void)\n{\n\treturn 42;\n}\n"));
    }

    /// A library in a git repository with this branch and tag.
    pub fn repository(&self, dir: &str, name: &str) {
        self.add_library(dir, name);
        let git = |words: &[&str]| {
            let done = Command::new("git")
                .arg("-C")
                .arg(self.path(dir))
                .args(["-c", "user.name=t", "-c", "user.email=t@t"])
                .args(words)
                .output()
                .unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        };
        git(&["init", "-q"]);
        git(&["symbolic-ref", "HEAD", "refs/heads/staging"]);
        git(&["add", "."]);
        git(&["commit", "-q", "-m", "first"]);
        git(&["tag", "v1.2"]);
        git(&["branch", "stable"]);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    /// Any program in a directory of the workspace, with the user's environment.
    pub fn program(&self, program: &str, dir: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in
            std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("UK_") || n.to_string_lossy().starts_with("UNOX"))
        {
            command.env_remove(name);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(self.path("bin")).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(all).unwrap());
        for name in ["GIT_DIR", "MAKEFLAGS", "MAKELEVEL", "KRAFT", "TERM", "NO_COLOR", "KRAFTRC"] {
            command.env_remove(name);
        }
        command.env("HOME", self.path("home")).env("UK_WORKDIR", self.path("workspace")).env("UK_ROOT", self.path("core"));
        command
            .env("XDG_CACHE_HOME", self.path("home/.cache"))
            .env("GIT_CONFIG_GLOBAL", self.path("home/.gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("UNOX_KERNEL", self.path("kernel")).env("UNOX_QEMU", "/bin/true");
        command.current_dir(self.path(dir)).stdin(Stdio::null());
        command
    }

    /// `kraft WORDS`.
    pub fn kraft(&self, dir: &str, words: &[&str]) -> Output {
        self.program(self.path("bin/kraft").to_str().unwrap(), dir).args(words).output().unwrap()
    }

    /// What `kraft` prints, which must work.
    pub fn works(&self, dir: &str, words: &[&str]) -> String {
        let output = self.kraft(dir, words);
        assert!(output.status.success(), "kraft {words:?}: {}", said(&output));
        self.plain(&said(&output))
    }

    /// Status and what `kraft` says when it must fail.
    pub fn fails(&self, dir: &str, words: &[&str]) -> (i32, String) {
        let output = self.kraft(dir, words);
        assert!(!output.status.success(), "kraft {words:?} should have failed: {}", said(&output));
        (output.status.code().unwrap(), self.plain(&said(&output)))
    }

    /// A line of a shell, which must work.
    pub fn shell(&self, dir: &str, line: &str) -> String {
        let output = self.program("bash", dir).args(["-c", line]).output().unwrap();
        assert!(output.status.success(), "{line}: {}", said(&output));
        self.plain(&said(&output))
    }

    /// The temporary directory's name is another each time.
    fn plain(&self, text: &str) -> String {
        text.replace(self.root.to_str().unwrap(), "/T")
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("left behind: {}", self.root.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.root);
        }
    }
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
