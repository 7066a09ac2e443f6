//! The tutorial from its first command to its last, as typed; only the program that is ported is a small one of the same shape, and nothing comes from the
//! network.

mod common;

use common::kraft::Workspace;

/// iperf3, as far as the tutorial looks at it: an archive with src/, a generated header, a main() and a file that needs a patch.
fn origin(w: &Workspace) {
    w.write("iperf-3.10.1/src/iperf_config.h", "#define WHO \"iperf3\"\n");
    w.write("iperf-3.10.1/src/main.c", "#include <iperf_config.h>\nvoid put(const char *);\nconst char *iperf_path(void);\nint main(void)\n{\n\tput(WHO \" writes to \");\n\tput(iperf_path());\n\treturn 0;\n}\n");
    w.write("iperf-3.10.1/src/iperf_api.c", "const char *iperf_path(void)\n{\n\treturn \"/tmp\\n\";\n}\n");
    w.shell("", "tar czf mirror/iperf-3.10.1.tar.gz iperf-3.10.1");
    w.write("home/.gitconfig", "[user]\n\tname = Your Name\n\temail = your@email.com\n");
}

/// One shell, as the reader has it; what it says.
fn follow(w: &Workspace, script: &str) -> String {
    w.shell("home", &format!("set -e; unset UK_ROOT UK_WORKDIR\n{script}"))
}

const WORKSPACE: &str = r#"
mkdir -p ~/workspace
cd ~/workspace
export UK_WORKDIR=$(pwd)
kraft list update
kraft list pull unikraft@staging
"#;

const LIBRARY: &str = r#"
export UK_WORKDIR=~/workspace
cd ~/workspace/libs
kraft lib init \
    --no-prompt \
    --author-name "Your Name" \
    --author-email "your@email.com" \
    --version 3.10.1 \
    --origin https://github.com/esnet/iperf \
    iperf3
kraft list add ~/workspace/libs/iperf3
kraft list update
kraft list show iperf3
"#;

const APPLICATION: &str = r#"
export UK_WORKDIR=~/workspace
cd ~/workspace/apps
kraft init iperf3
cd ~/workspace/apps/iperf3
cat kraft.yaml
kraft lib add iperf3@staging
kraft configure
kraft fetch
ls -lsh build/libiperf3/origin/iperf-3.10.1/
mkdir ~/workspace/libs/iperf3/include
cp build/libiperf3/origin/iperf-3.10.1/src/iperf_config.h ~/workspace/libs/iperf3/include
cat >> ~/workspace/libs/iperf3/Makefile.uk <<'END'
LIBIPERF3_CINCLUDES-y += -I$(LIBIPERF3_BASE)/include
LIBIPERF3_CFLAGS-y += -Wno-unused-parameter
LIBIPERF3_SRCS-y += $(LIBIPERF3_SRC)/src/main.c
LIBIPERF3_SRCS-y += $(LIBIPERF3_SRC)/src/iperf_api.c
END
kraft prepare
kraft build
"#;

const GLUE: &str = r#"
export UK_WORKDIR=~/workspace
cd ~/workspace/apps/iperf3
cat >> ~/workspace/libs/iperf3/Makefile.uk <<'END'
LIBIPERF3_MAIN_FLAGS-y += -Dmain=iperf3_main
LIBIPERF3_MAIN_UNIKRAFT_FLAGS-y += -Umain
END
kraft configure -y LIBIPERF3_MAIN_FUNCTION
kraft build
"#;

const PATCH: &str = r#"
export UK_WORKDIR=~/workspace
cd ~/workspace/apps/iperf3
kraft fetch
cd build/libiperf3/origin/iperf-3.10.1
git init
git add .
git commit -m "Initial commit"
sed -i 's,"/tmp,"/,' src/iperf_api.c
git commit -a -m "There is no /tmp without a file system"
git format-patch HEAD~1
mkdir ~/workspace/libs/iperf3/patches
mv ~/workspace/apps/iperf3/build/libiperf3/origin/iperf-3.10.1/*.patch ~/workspace/libs/iperf3/patches
cd ~/workspace/apps/iperf3
kraft build
"#;

const TABLE: &str = r#"
export UK_WORKDIR=~/workspace
cd ~/workspace/apps/iperf3
kraft list
kraft list add https://github.com/unikraft/app-*
kraft list update
kraft list --apps
kraft configure -p kvm -m x86_64
kraft build
kraft run -D
kraft clean
make
make clean
make properclean
make
kraft clean -p
make distclean
cd ..
kraft init -t hello new
cd new
kraft configure
kraft build
"#;

#[test]
fn from_the_first_command_to_the_last() {
    let w = Workspace::new();
    origin(&w);
    // In place of the core that the tutorial downloads.
    follow(&w, &format!("kraft list add {}", w.path("core").display()));
    follow(&w, WORKSPACE);
    assert_eq!(follow(&w, "cd ~/workspace; ls -1"), "apps\narchs\nlibs\nplats\nunikraft\n");
    let said = follow(&w, LIBRARY);
    assert!(said.contains("Generated new library: /T/home/workspace/libs/iperf3\nSaved: /T/home/workspace/libs/iperf3\n"), "{said}");
    assert!(said.contains("Found lib/iperf3 via /T/home/workspace/libs/iperf3..."), "{said}");
    assert!(said.contains("name: iperf3\n") && said.contains("distributions: staging@3.10.1\n"), "{said}");

    let said = follow(&w, APPLICATION);
    assert!(said.contains("Configured iperf3 for kvm-x86_64 with libmusl, libiperf3\n"), "{said}");
    assert!(said.contains("Successfully built unikernels:\n\n  => build/iperf3_kvm-x86_64\n"), "{said}");
    let image = "cd ~/workspace/apps/iperf3; build/iperf3_kvm-x86_64";
    assert_eq!(follow(&w, image), "iperf3 writes to /tmp\n");

    follow(&w, GLUE);
    assert_eq!(follow(&w, image), "iperf3 writes to /tmp\n");
    assert!(follow(&w, "cd ~/workspace/apps/iperf3; nm build/iperf3_kvm-x86_64.dbg").contains(" T iperf3_main"));

    follow(&w, PATCH);
    assert_eq!(follow(&w, image), "iperf3 writes to /\n");

    let said = follow(&w, TABLE);
    assert!(said.contains("iperf3_kvm-x86_64") && said.contains("Found app/hello"), "{said}");
    assert!(!w.exists("home/workspace/apps/iperf3/build") && !w.exists("home/workspace/apps/iperf3/.config"));
    assert!(w.exists("home/workspace/apps/new/build/hello_kvm-x86_64"));
}
