//! A project opened: its file, its target, the core and the libraries, and the build that comes of them.

use crate::error::{Error, Result};
use crate::kraftfile::{Hooks, Kraftfile, Network, Target, Volume};
use crate::resolve::{Resolved, Resolver, choose, target};
use crate::workspace::Core;
use crate::{Rc, Workspace};
use std::path::{Path, PathBuf};

/// Which of a file's targets is meant; nothing: the only one, or the one that is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// By name.
    pub target: Option<String>,
    /// By platform.
    pub platform: Option<String>,
    /// By architecture.
    pub architecture: Option<String>,
}

/// A project with everything found.
#[derive(Debug)]
pub struct Project {
    /// Its directory.
    pub dir: PathBuf,
    /// Its file.
    pub file: Kraftfile,
    /// The target.
    pub target: Target,
    /// The core.
    pub core: Core,
    /// Its libraries, the C library first.
    pub libs: Vec<Resolved>,
    /// What is worth saying about all that.
    pub notes: Vec<String>,
    /// Mirrors and whether the network may be used.
    rc: RcFetch,
}

#[derive(Clone, Debug)]
struct RcFetch {
    mirrors: Vec<String>,
    offline: bool,
    prioritize_origin: bool,
}

impl Project {
    /// Opens the project of a directory.
    ///
    /// # Errors
    /// No project's file or a wrong one, no such target, no core, a library that is nowhere.
    pub fn open(dir: &Path, workspace: &Workspace, rc: &Rc, choice: &Choice) -> Result<Project> {
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf());
        let file = Kraftfile::open(&dir)?;
        let target = pick(&dir, &file, choice)?;
        let core = match own_core(&dir, &file)? {
            Some(core) => core,
            None => workspace.core(Some(&dir))?,
        };
        let resolver = Resolver { project: &dir, workspace, rc, core: &core.path };
        let (libs, notes) = resolver.libraries(&file)?;
        let rc = RcFetch { mirrors: rc.mirrors.clone(), offline: rc.offline, prioritize_origin: rc.prioritize_origin };
        Ok(Project { dir, file, target, core, libs, notes, rc })
    }

    /// The image's name: the file's `name`, else the directory's.
    pub fn name(&self) -> String {
        image_name(&self.dir, &self.file)
    }

    /// The configuration's file.
    pub fn config(&self) -> PathBuf {
        self.dir.join(".config")
    }

    /// Has it been configured?
    pub fn is_configured(&self) -> bool {
        self.config().is_file()
    }

    /// What the build system is told; change the rest (jobs, verbosity) before [`ukbuild::Build::new`].
    pub fn build_options(&self) -> ukbuild::BuildOptions {
        let mut options = ukbuild::BuildOptions::new(&self.core.path, &self.dir);
        options.name = self.name();
        options.libs = self.libs.iter().map(|l| l.dir.clone()).collect();
        options.mirrors = self.rc.mirrors.clone();
        // What `cargo xtask sources` has brought needs no network.
        let own = self.core.path.join("target/mirror");
        if own.is_dir() {
            options.mirrors.push(format!("file://{}", own.display()));
        }
        options.offline = self.rc.offline;
        options.prioritize_origin = self.rc.prioritize_origin;
        options
    }

    /// The build with the usual options: what configuring needs.
    ///
    /// # Errors
    /// From the build system.
    pub fn build(&self) -> Result<ukbuild::Build> {
        Ok(ukbuild::Build::new(self.build_options())?)
    }

    /// The directory that `Makefile.uk` of a library stands in, by any of its names.
    pub fn find_library(&self, name: &str) -> Option<&Resolved> {
        self.libs.iter().find(|l| crate::name::same(&l.name, name))
    }
}

/// One target of several is chosen by what was configured, if nothing was said.
fn pick(dir: &Path, file: &Kraftfile, choice: &Choice) -> Result<Target> {
    let remembered =
        (*choice == Choice::default() && file.targets.len() > 1).then(|| std::fs::read_to_string(remembered(dir)).ok()).flatten();
    let name = choice.target.as_deref().or(remembered.as_deref().map(str::trim));
    let found = choose(file, name, choice.platform.as_deref(), choice.architecture.as_deref());
    let found = match found {
        Err(_) if remembered.is_some() => choose(file, None, None, None),
        // What the file does not list can be asked for all the same: a platform and an architecture are a target.
        Err(error) if choice.target.is_none() && (choice.platform.is_some() || choice.architecture.is_some()) => {
            let platform = choice.platform.clone().unwrap_or_else(|| "kvm".into());
            let architecture = choice.architecture.clone().unwrap_or_else(|| "x86_64".into());
            if file.targets.iter().any(|t| t.platform == platform && t.architecture == architecture) {
                return Err(error);
            }
            target(&platform, &architecture).map_err(Error::Usage)?;
            return Ok(Target { platform, architecture, ..Target::default() });
        }
        found => found,
    }?;
    target(&found.platform, &found.architecture).map_err(|why| {
        let (line, column) = found.place;
        let place = if line > 0 { format!("{}:{line}:{column}", file.path.display()) } else { file.path.display().to_string() };
        Error::Usage(format!("{place}: {why}"))
    })?;
    Ok(found.clone())
}

/// The core that the file names as a directory (`unikraft: {source: ../unox}`); an address names none, since the core is unox.
fn own_core(dir: &Path, file: &Kraftfile) -> Result<Option<Core>> {
    let Some(source) = file.unikraft.source.as_deref() else { return Ok(None) };
    let path = source.strip_prefix("file://").unwrap_or(source);
    if path.contains("://") || path.starts_with("git@") || crate::sources::github(path).is_some() {
        return Ok(None);
    }
    let path = dir.join(crate::workspace::expand(Path::new(path), &|n| std::env::var_os(n).map(PathBuf::from)));
    if !crate::workspace::is_core(&path) {
        let what = "is not the source of unox (there is no image/Makefile.uk)";
        return Err(Error::NoCore(format!("{}: `unikraft`: its source {} {what}", file.path.display(), path.display())));
    }
    Ok(Some(Core { path: std::fs::canonicalize(&path).unwrap_or(path), how: "project's file" }))
}

/// Where the configured target's name is kept, for files with several.
pub(crate) fn remembered(dir: &Path) -> PathBuf {
    dir.join("build/kconfig/target")
}

fn image_name(dir: &Path, file: &Kraftfile) -> String {
    file.name.clone().unwrap_or_else(|| {
        let name = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|| "app".into());
        name.strip_prefix("app-").filter(|n| !n.is_empty()).unwrap_or(&name).to_owned()
    })
}

/// A built unikernel and how its project's file says it is run.
#[derive(Clone, Debug)]
pub struct Image {
    /// The image that boots.
    pub path: PathBuf,
    /// The same with symbols, if it is there.
    pub debug: Option<PathBuf>,
    /// The program's name: argv[0].
    pub name: String,
    /// Arguments of main that the file gives, when the command line gives none.
    pub arguments: Vec<String>,
    /// Variables of the environment.
    pub env: Vec<(String, String)>,
    /// Root file system that the file names (Kraftfile 0.6), as an absolute path.
    pub rootfs: Option<PathBuf>,
    /// Directories (9pfs), archives (initrd) and disks; sources are absolute paths.
    pub volumes: Vec<Volume>,
    /// Networks that the file asks for.
    pub networks: Vec<Network>,
    /// Commands of the host around a run: the file's, then the target's.
    pub hooks: Hooks,
    /// Memory that the file gives the target.
    pub memory: Option<String>,
    /// CPUs that the file gives the target.
    pub cpus: Option<u32>,
    /// The project's directory, in which commands run.
    pub dir: PathBuf,
}

/// Is this a project's directory?
pub fn is_project(dir: &Path) -> bool {
    Kraftfile::find(dir).is_ok()
}

/// The built unikernel of a project's directory.
///
/// # Errors
/// No project, a wrong file, or nothing built yet: the message says what to type.
pub fn current_image(dir: &Path) -> Result<Image> {
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf());
    let file = Kraftfile::open(&dir)?;
    let name = configured_name(&dir).unwrap_or_else(|| image_name(&dir, &file));
    let path = dir.join("build").join(format!("{name}_kvm-x86_64"));
    if !path.is_file() {
        let what = if dir.join(".config").is_file() { "kraft build" } else { "kraft configure && kraft build" };
        return Err(Error::NotFound(format!("{}: there is no image yet; make it with\n  {what}", path.display())));
    }
    let debug = Some(PathBuf::from(format!("{}.dbg", path.display()))).filter(|p| p.is_file());
    let absolute = |s: &String| dir.join(s.strip_prefix("file://").unwrap_or(s));
    let volumes = file.volumes.iter().map(|v| Volume { source: v.source.as_ref().map(|s| absolute(s).display().to_string()), ..v.clone() });
    let target = pick(&dir, &file, &Choice::default()).unwrap_or_default();
    let mut hooks = file.hooks.clone();
    hooks.pre_up.extend(target.hooks.pre_up);
    hooks.post_down.extend(target.hooks.post_down);
    Ok(Image {
        networks: file.networks.clone(),
        hooks,
        memory: target.memory,
        cpus: target.cpus,
        debug,
        name,
        arguments: file.arguments.clone(),
        env: file.env.clone(),
        rootfs: file.rootfs.as_ref().map(absolute),
        volumes: volumes.collect(),
        path,
        dir,
    })
}

/// CONFIG_UK_NAME of the configuration.
fn configured_name(dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(dir.join(".config")).ok()?;
    let name = text.lines().find_map(|l| l.strip_prefix("CONFIG_UK_NAME=\"")?.strip_suffix('"'))?;
    (!name.is_empty() && !name.contains(['/', '\\'])).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir(name: &str, file: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("project-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("build")).unwrap();
        std::fs::write(dir.join("kraft.yaml"), file).unwrap();
        dir
    }

    #[test]
    fn the_image_is_found_by_its_configured_name() {
        let d = dir("image", "specification: '0.5'\nunikraft: staging\narguments: a b\nvolumes:\n  fs0: {driver: 9pfs, source: data}\n");
        assert!(current_image(&d).unwrap_err().to_string().contains("kraft configure"));
        std::fs::write(d.join(".config"), "CONFIG_UK_NAME=\"hello\"\n").unwrap();
        assert!(current_image(&d).unwrap_err().to_string().contains("hello_kvm-x86_64: there is no image yet"));
        std::fs::write(d.join("build/hello_kvm-x86_64"), "").unwrap();
        let image = current_image(&d).unwrap();
        assert_eq!((image.name.as_str(), image.arguments, image.debug), ("hello", vec!["a".to_owned(), "b".into()], None));
        assert_eq!(image.volumes[0].source.as_deref(), Some(d.join("data").to_str().unwrap()));
        std::fs::remove_dir_all(d).unwrap();
    }

    #[test]
    fn a_target_that_cannot_be_has_its_place() {
        let d = dir("target", "specification: '0.5'\nunikraft: staging\ntargets:\n  - architecture: x86_84\n    platform: kvm\n");
        let file = Kraftfile::open(&d).unwrap();
        let said = pick(&d, &file, &Choice::default()).unwrap_err().to_string();
        assert!(said.contains("kraft.yaml:4:5: architecture `x86_84` is not there; did you mean x86_64?"), "{said}");
        assert!(pick(&d, &file, &Choice { architecture: Some("x86_64".into()), ..Choice::default() }).is_ok());
        std::fs::remove_dir_all(d).unwrap();
    }
}
