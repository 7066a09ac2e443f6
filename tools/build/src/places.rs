//! The files of a build directory that are ours: `build/ukbuild/...`, and what is written before make runs.

use crate::dotconfig::{DotConfig, write_if_changed};
use crate::error::{Error, Result, io};
use crate::options::BuildOptions;
use crate::words::quote;
use std::path::{Path, PathBuf};

/// Our make files, by name.
pub(crate) const MAKE_FILES: &[(&str, &str)] = &[
    ("main.mk", include_str!("../mk/main.mk")),
    ("text.mk", include_str!("../mk/text.mk")),
    ("programs.mk", include_str!("../mk/programs.mk")),
    ("libs.mk", include_str!("../mk/libs.mk")),
    ("cargo.mk", include_str!("../mk/cargo.mk")),
    ("origins.mk", include_str!("../mk/origins.mk")),
    ("phases.mk", include_str!("../mk/phases.mk")),
];

/// Paths below the build directory.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// `build/ukbuild`
    pub own: PathBuf,
    pub mk: PathBuf,
    pub raw_plan: PathBuf,
    pub plan: PathBuf,
    pub state: PathBuf,
    pub journal: PathBuf,
    pub lock: PathBuf,
    pub kconfig: PathBuf,
    pub auto_conf: PathBuf,
    pub header: PathBuf,
}

impl Places {
    pub(crate) fn new(out: &Path) -> Places {
        let own = out.join("ukbuild");
        Places {
            mk: own.join("mk"),
            raw_plan: own.join("plan.vars"),
            plan: own.join("plan.json"),
            state: own.join("state.json"),
            journal: own.join("journal"),
            lock: own.join("lock"),
            kconfig: out.join("kconfig"),
            auto_conf: out.join("kconfig/auto.conf"),
            header: out.join("include/uk/bits/config.h"),
            own,
        }
    }

    /// Writes make files, `auto.conf` and `config.h`; files that say the same already stay untouched.
    pub(crate) fn write(&self, options: &BuildOptions, name: &str, config: &DotConfig) -> Result<()> {
        std::fs::create_dir_all(&self.own).map_err(io(&self.own))?;
        for (file, text) in MAKE_FILES {
            write_if_changed(&self.mk.join(file), text)?;
        }
        write_if_changed(&self.mk.join("vars.mk"), &self.variables(options, name)?)?;
        write_if_changed(&self.auto_conf, &config.make())?;
        write_if_changed(&self.header, &config.header())?;
        write_if_changed(
            &options.out.join("include/uk/config.h"),
            "/* The configuration as macros: CONFIG_NAME. */\n#include <uk/bits/config.h>\n",
        )?;
        Ok(())
    }

    fn variables(&self, options: &BuildOptions, name: &str) -> Result<String> {
        let helper = if options.helper.is_empty() {
            let program = std::env::current_exe().map_err(io("/proc/self/exe"))?;
            vec![program.into_os_string(), crate::helper::VERB.into()]
        } else {
            options.helper.clone()
        };
        let helper: Vec<String> = helper.iter().map(|w| quote(&w.to_string_lossy()).replace('$', "$$").replace('#', "\\#")).collect();
        let libs: Vec<String> = options.libs.iter().map(|l| l.display().to_string()).collect();
        let mut text = String::from("# Made by the tool; changes are lost.\n");
        let mut set = |name: &str, value: &str| text.push_str(&format!("{name} := {value}\n"));
        set("UK_BASE", &options.base.display().to_string());
        set("UK_APP", &options.app.display().to_string());
        set("UK_CORE_DIR", &options.base.join("image").display().to_string());
        set("UK_ELIB_DIRS", &libs.join(" "));
        set("BUILD_DIR", &options.out.display().to_string());
        set("UK_CONFIG", &options.config.display().to_string());
        set("UK_AUTO_CONF", &self.auto_conf.display().to_string());
        set("UK_NAME", name);
        set("UK_VERSION", concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR")));
        set("UK_FULLVERSION", env!("CARGO_PKG_VERSION"));
        set("UK_CODENAME", "unox");
        set("UK_IMAGE", &format!("$(BUILD_DIR)/$(UK_NAME)_{}", crate::PLATFORM));
        set("UK_HELPER", &helper.join(" "));
        Ok(text)
    }
}

/// Paths go through make and shells: what these would read as syntax is refused with a word.
pub(crate) fn check_path(path: &Path) -> Result<()> {
    let wrong = |what: &str| Err(Error::Place { path: path.into(), what: what.to_string() });
    let Some(text) = path.to_str() else { return wrong("the path is not UTF-8, which make files cannot name") };
    let bad = text.chars().find(|c| c.is_whitespace() || c.is_control() || "$#%:;|*?[]\\\"'`&<>(){}=,~".contains(*c));
    match bad {
        Some(c) if c.is_whitespace() => wrong("the path has a space, which make cannot handle; move the project, or make a link to it"),
        Some(c) => wrong(&format!("the path has a `{c}`, which make cannot handle; move the project, or make a link to it")),
        None => Ok(()),
    }
}
