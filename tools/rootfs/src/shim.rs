//! Version managers (pyenv, rbenv, nodenv) put shell scripts before the real programs in PATH. A guest with one process cannot run such
//! a script, so it is replaced by the program it would start.

use std::fs;
use std::path::{Path, PathBuf};

/// Directory of the manager, the variable that names a version, and the file in a project that does.
const MANAGERS: [(&str, &str, &str); 3] = [
    (".pyenv", "PYENV_VERSION", ".python-version"),
    (".rbenv", "RBENV_VERSION", ".ruby-version"),
    (".nodenv", "NODENV_VERSION", ".node-version"),
];

/// What a path in PATH is.
#[derive(Debug, PartialEq, Eq)]
pub enum Shim {
    /// No shim.
    No,
    /// A shim for this program.
    Program(PathBuf),
    /// A shim for a program that the chosen version does not have.
    PassOver,
}

/// Looks whether `path` is a shim, and for what. The order is the managers': variable, project file from `cwd` upwards, global file.
pub fn resolve(path: &Path, cwd: &Path, host_root: &Path) -> Shim {
    let real = |p: &Path| host_root.join(p.strip_prefix("/").unwrap_or(p));
    let (Some(name), Some(shims)) = (path.file_name(), path.parent()) else { return Shim::No };
    if !shims.ends_with("shims") {
        return Shim::No;
    }
    let Some((manager, (_, variable, file))) = shims.parent().and_then(|root| Some((root, MANAGERS.iter().find(|m| root.ends_with(m.0))?)))
    else {
        return Shim::No;
    };
    let project = || cwd.ancestors().find_map(|dir| fs::read_to_string(real(&dir.join(file))).ok());
    let global = || fs::read_to_string(real(&manager.join("version"))).ok();
    let versions = std::env::var(variable).ok().filter(|v| !v.is_empty()).or_else(project).or_else(global).unwrap_or_default();
    for version in versions.split([':', '\n', ' ']).map(str::trim).filter(|v| !v.is_empty() && !v.contains('/')) {
        let program = manager.join("versions").join(version).join("bin").join(name);
        if fs::symlink_metadata(real(&program)).is_ok() {
            return Shim::Program(program);
        }
    }
    Shim::PassOver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_chosen_version() {
        let root = std::env::temp_dir().join(format!("unox-shim-{}", std::process::id()));
        let bin = root.join("h/.pyenv/versions/3.9/bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join("python"), "").unwrap();
        fs::write(root.join("h/.pyenv/version"), "system\n").unwrap();
        fs::create_dir_all(root.join("p/q")).unwrap();
        let shim = Path::new("/h/.pyenv/shims/python");
        assert_eq!(resolve(shim, Path::new("/p/q"), &root), Shim::PassOver);
        fs::write(root.join("p/.python-version"), "3.9\n").unwrap();
        assert_eq!(resolve(shim, Path::new("/p/q"), &root), Shim::Program("/h/.pyenv/versions/3.9/bin/python".into()));
        assert_eq!(resolve(Path::new("/usr/bin/python"), Path::new("/"), &root), Shim::No);
        fs::remove_dir_all(&root).unwrap();
    }
}
