//! The file that makes a directory a project: kraft.yaml of specification 0.4 and 0.5, and Kraftfile 0.6, read into one model.

pub mod edit;
mod fields;
mod interpolate;
mod read;

use crate::error::{Diagnostic, Error, Result, read};
use std::path::{Path, PathBuf};

/// Names under which the file is looked for, in this order.
pub const NAMES: [&str; 7] = ["kraft.yaml", "kraft.yml", "Kraftfile", "kraftfile", "Kraftfile.yaml", "Kraftfile.yml", "kraftfile.yaml"];

/// The file's specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// kraft.yaml 0.4: `architectures:` and `platforms:` instead of `targets:`.
    V04,
    /// kraft.yaml 0.5.
    V05,
    /// Kraftfile 0.6.
    V06,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Format::V04 => "0.4",
            Format::V05 => "0.5",
            Format::V06 => "0.6",
        })
    }
}

/// A component as a project asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// Branch, tag or number; `None`: any.
    pub version: Option<String>,
    /// Where it comes from, if the file says so.
    pub source: Option<String>,
    /// Options: name without `CONFIG_`, value as `.config` has it.
    pub kconfig: Vec<(String, String)>,
}

/// What an image is built for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Architecture, as the file has it.
    pub architecture: String,
    /// Platform, as the file has it.
    pub platform: String,
    /// Options that hold for this target.
    pub kconfig: Vec<(String, String)>,
    /// Commands of its architecture and platform.
    pub hooks: Hooks,
    /// Memory of a run, as `kraft run -M` takes it.
    pub memory: Option<String>,
    /// CPUs of a run.
    pub cpus: Option<u32>,
    /// Place in the file: line and column, from 1.
    pub place: (usize, usize),
}

impl Target {
    /// The target's own name, or `kvm-x86_64`.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{}-{}", self.platform, self.architecture))
    }
}

/// Commands of the host around a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Before the machine starts, in order.
    pub pre_up: Vec<String>,
    /// After its end.
    pub post_down: Vec<String>,
}

impl Hooks {
    /// No command at all.
    pub fn is_empty(&self) -> bool {
        self.pre_up.is_empty() && self.post_down.is_empty()
    }
}

/// A network that a run asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// The host's commands for it.
    pub hooks: Hooks,
}

/// A library that a project asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// Its name as written.
    pub name: String,
    /// Version, source, options.
    pub component: Component,
    /// Place in the file: line and column, from 1.
    pub place: (usize, usize),
}

/// A file system or disk that a run gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Its name: the directory (0.5), or where it is mounted (0.6).
    pub name: String,
    /// 9pfs, initrd, raw, qcow2.
    pub driver: String,
    /// Directory, archive or image on the host.
    pub source: Option<String>,
}

/// A project's file.
#[derive(Clone, Debug)]
pub struct Kraftfile {
    /// The file.
    pub path: PathBuf,
    /// Its specification.
    pub format: Format,
    /// The image's name, if given.
    pub name: Option<String>,
    /// Arguments of main, without the program's name.
    pub arguments: Vec<String>,
    /// Variables of the program's environment.
    pub env: Vec<(String, String)>,
    /// The core.
    pub unikraft: Component,
    /// What is built; never empty after reading.
    pub targets: Vec<Target>,
    /// Libraries, in order.
    pub libraries: Vec<Library>,
    /// Volumes of a run.
    pub volumes: Vec<Volume>,
    /// Networks of a run.
    pub networks: Vec<Network>,
    /// Commands around a run.
    pub hooks: Hooks,
    /// Root file system: a directory, a cpio archive (0.6).
    pub rootfs: Option<String>,
    /// What is worth saying: unknown keys, variables that are not set.
    pub warnings: Vec<Diagnostic>,
}

impl Kraftfile {
    /// The file of a project directory.
    ///
    /// # Errors
    /// [`Error::NoProject`] when there is none.
    pub fn find(dir: &Path) -> Result<PathBuf> {
        NAMES.iter().map(|n| dir.join(n)).find(|p| p.is_file()).ok_or_else(|| Error::NoProject(dir.to_path_buf()))
    }

    /// Reads a project directory's file; `${VAR}` are variables of the process.
    ///
    /// # Errors
    /// [`Error::NoProject`], or what is wrong in the file.
    pub fn open(dir: &Path) -> Result<Kraftfile> {
        let path = short(Self::find(dir)?);
        let text = read(&path)?;
        Self::parse(&path, &text, &|name| std::env::var(name).ok())
    }

    /// Reads a file's text; `variable` answers `${VAR}`.
    ///
    /// # Errors
    /// [`Error::File`] with line and column: not YAML, a wrong type, a missing key.
    pub fn parse(path: &Path, text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Kraftfile> {
        let mut root = crate::yaml::parse(path, text)?;
        let mut warnings = Vec::new();
        interpolate::tree(path, &mut root, variable, &mut warnings)?;
        read::file(path, &root, warnings)
    }

    /// A library by its name, with or without `lib`.
    pub fn find_library(&self, name: &str) -> Option<&Library> {
        self.libraries.iter().find(|l| crate::name::same(&l.name, name))
    }
}

/// As a user would write it: a file below the current directory without the directory's name.
fn short(path: PathBuf) -> PathBuf {
    let plain = path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path);
    let cwd = std::env::current_dir().unwrap_or_default();
    plain.strip_prefix(&cwd).map(Path::to_path_buf).unwrap_or(plain)
}

#[cfg(test)]
mod tests;
