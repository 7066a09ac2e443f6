//! A build directory and the verbs on it.

use crate::dotconfig::{DotConfig, write_if_changed};
use crate::ensure::Ready;
use crate::error::{Error, Result, io};
use crate::exec::{Counts, Executor, Tools};
use crate::files::{Files, Names};
use crate::lazy::{self, Lazy};
use crate::objcache::ObjectCache;
use crate::options::BuildOptions;
use crate::places::{Places, check_path};
use crate::progress::Progress;
use crate::state::State;
use crate::steps::{self, Images};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a build left behind and what it took.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The image that boots: `build/NAME_kvm-x86_64`.
    pub image: PathBuf,
    /// The same with symbols: `build/NAME_kvm-x86_64.dbg`.
    pub debug: PathBuf,
    /// The linker's map.
    pub map: PathBuf,
    /// The cpio archive made from UK_ROOTFS, if a Makefile.uk sets it.
    pub rootfs: Option<PathBuf>,
    /// Objects compiled.
    pub compiled: usize,
    /// Objects and libraries taken from the cache.
    pub cached: usize,
    /// All commands run: compiling, linking, generating.
    pub commands: usize,
    /// Wall time.
    pub elapsed: Duration,
}

/// How often the lock is tried, 60 ms apart: under load a program that is just starting takes its time.
const LOCK_ATTEMPTS: u32 = 25;

/// One build directory.
#[derive(Debug)]
pub struct Build {
    pub(crate) options: BuildOptions,
    pub(crate) places: Places,
}

impl Build {
    /// Checks the places; touches nothing yet.
    ///
    /// # Errors
    /// [`Error::Place`] when a directory is not there, or its path has what make cannot handle.
    pub fn new(mut options: BuildOptions) -> Result<Build> {
        let absolute = |p: &Path| -> Result<PathBuf> {
            let full = std::path::absolute(p).map_err(io(p))?;
            // Links stay as they are: error messages name what the user typed. `..` goes: prefixes are compared as text.
            let clean = if full.components().any(|c| c == std::path::Component::ParentDir) {
                std::fs::canonicalize(&full).unwrap_or(full)
            } else {
                full
            };
            check_path(&clean)?;
            Ok(clean)
        };
        for path in [&mut options.base, &mut options.app, &mut options.out, &mut options.config].into_iter().chain(options.libs.iter_mut())
        {
            *path = absolute(path)?;
        }
        let need = |path: &Path, file: &str, what: &str| {
            if path.join(file).exists() { Ok(()) } else { Err(Error::Place { path: path.into(), what: what.to_string() }) }
        };
        need(&options.base, "image/Makefile.uk", "this is no source tree of the core (it has no image/Makefile.uk)")?;
        need(&options.app, "", "there is no such directory")?;
        for lib in &options.libs {
            need(lib, "Makefile.uk", "this is no library (it has no Makefile.uk)")?;
        }
        let places = Places::new(&options.out);
        Ok(Build { options, places })
    }

    /// As given, with absolute paths.
    pub fn options(&self) -> &BuildOptions {
        &self.options
    }

    /// The file that [`Build::build`] makes, whether it is there or not.
    pub fn image_path(&self) -> PathBuf {
        self.options.out.join(format!("{}_{}", self.name(), crate::PLATFORM))
    }

    /// CONFIG_UK_NAME, else the name in the options.
    pub(crate) fn name(&self) -> String {
        let config = DotConfig::parse(&std::fs::read_to_string(&self.options.config).unwrap_or_default());
        self.name_in(&config)
    }

    fn name_in(&self, config: &DotConfig) -> String {
        config.text("CONFIG_UK_NAME").filter(|n| !n.is_empty()).unwrap_or_else(|| self.options.name.clone())
    }

    pub(crate) fn jobs(&self) -> usize {
        let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        if self.options.jobs == 0 { cpus } else { self.options.jobs }
    }

    pub(crate) fn cache_dir(&self) -> PathBuf {
        self.options.cache.clone().unwrap_or_else(default_cache)
    }

    /// Writes `$(out)/kconfig/libs.uk` and `app.uk`, which the root Config.uk sources, and returns the environment that Kconfig is loaded
    /// with: UK_BASE UK_APP UK_NAME KCONFIG_DIR and the like.
    ///
    /// # Errors
    /// When the build directory cannot be written.
    pub fn kconfig_env(&self) -> Result<BTreeMap<String, String>> {
        let o = &self.options;
        let source = |dir: &Path| {
            let file = dir.join("Config.uk");
            if file.exists() { format!("source \"{}\"\n", file.display()) } else { String::new() }
        };
        let libs: String = o.libs.iter().map(|l| source(l)).collect();
        write_if_changed(&self.places.kconfig.join("libs.uk"), &format!("# Made by the tool: the external libraries.\n{libs}"))?;
        write_if_changed(&self.places.kconfig.join("app.uk"), &format!("# Made by the tool: the application.\n{}", source(&o.app)))?;
        let text = |p: &Path| p.display().to_string();
        let version = env!("CARGO_PKG_VERSION").to_string();
        let pairs = [
            ("UK_BASE", text(&o.base)),
            ("UK_APP", text(&o.app)),
            ("UK_NAME", o.name.clone()),
            ("KCONFIG_DIR", text(&self.places.kconfig)),
            ("BUILD_DIR", text(&o.out)),
            ("UK_CONFIG", text(&o.config)),
            ("UK_FULLVERSION", version),
            ("UK_CODENAME", "unox".to_string()),
            ("UK_ARCH", "x86_64".to_string()),
            ("CC", "gcc".to_string()),
        ];
        Ok(pairs.into_iter().map(|(k, v)| (k.to_string(), v)).collect())
    }

    /// Our make files and the configuration for make and C.
    pub(crate) fn write_places(&self) -> Result<DotConfig> {
        let path = &self.options.config;
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(Error::NotConfigured(path.clone())),
            Err(e) => return Err(io(path)(e)),
        };
        let config = DotConfig::parse(&text);
        let name = self.name_in(&config);
        check_path(Path::new(&name))?;
        self.places.write(&self.options, &name, &config)?;
        Ok(config)
    }

    /// Keeps other builds out of the directory as long as the file is open.
    fn lock(&self) -> Result<File> {
        std::fs::create_dir_all(&self.places.own).map_err(io(&self.places.own))?;
        let file = File::create(&self.places.lock).map_err(io(&self.places.lock))?;
        // A program that another thread is just starting holds a copy for a moment.
        for attempt in 0..=LOCK_ATTEMPTS {
            let last = attempt == LOCK_ATTEMPTS;
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(std::fs::TryLockError::WouldBlock) if last => break,
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(60)),
                Err(std::fs::TryLockError::Error(e)) => return Err(io(&self.places.lock)(e)),
            }
        }
        Err(Error::Locked(self.options.out.clone()))
    }

    /// Downloads and unpacks the origins of all selected libraries.
    ///
    /// # Errors
    /// What could not be fetched or did not have its checksum.
    pub fn fetch(&self) -> Result<()> {
        self.phase("uk-fetch")
    }

    /// `fetch`, then applies patches and runs the targets of UK_PREPARE.
    ///
    /// # Errors
    /// As `fetch`, a patch that does not apply, a rule that fails.
    pub fn prepare(&self) -> Result<()> {
        self.phase("uk-prepare")
    }

    fn phase(&self, goal: &str) -> Result<()> {
        let _lock = self.lock()?;
        self.write_places()?;
        self.evaluate()?;
        let cache = self.cache_dir();
        self.make(&cache).run(&[goal])
    }

    /// Everything up to the image.
    ///
    /// # Errors
    /// The first step that failed; its output has been shown.
    pub fn build(&self) -> Result<Outcome> {
        let start = Instant::now();
        let _lock = self.lock()?;
        let config = self.write_places()?;
        let ready = self.ready()?;
        let (mut outcome, _) = self.execute(&ready, config, false)?;
        if !ready.plan.to_finish.is_empty() && (ready.fresh || outcome.commands + outcome.cached > 0) {
            let cache = self.cache_dir();
            let finished = self.make(&cache).run(&["uk-images"]);
            self.refresh(finished.is_ok())?;
            finished?;
        }
        outcome.elapsed = start.elapsed();
        Ok(outcome)
    }

    /// Builds with all members of all archives, and writes down for each library that names a file for it (LIBX_MEMBERS) what they define.
    /// The files written, and how many members are in each.
    ///
    /// # Errors
    /// As `build`, or when a file cannot be written.
    pub fn record_members(&self) -> Result<Vec<(String, usize)>> {
        let _lock = self.lock()?;
        let config = self.write_places()?;
        let ready = self.ready()?;
        Ok(self.execute(&ready, config, true)?.1)
    }

    fn execute(&self, ready: &Ready, config: DotConfig, record: bool) -> Result<(Outcome, Vec<(String, usize)>)> {
        let o = &self.options;
        let plan = &ready.plan;
        let (out, app, name) = (o.out.display().to_string(), o.app.display().to_string(), self.name_in(&config));
        let (linker, linker_files) = ready.linker.as_ref().map_or(("", &[][..]), |(flags, files)| (flags.as_str(), files.as_slice()));
        let libs: Vec<String> = o.libs.iter().map(|l| l.display().to_string()).collect();
        let names = Names::new(&out, &app, &o.base.display().to_string(), &libs);
        let maps = names.prefix_maps();
        let images = Images { out: &out, maps: &maps, name: &name, linker, linker_files };
        let steps = steps::steps(plan, &images);
        if ready.fresh {
            write_if_changed(&o.out.join("compile_commands.json"), &steps::compile_commands(&steps, &app))?;
            // gdb loads it with the image, if its safe path allows; `source` does in any case.
            write_if_changed(Path::new(&format!("{}.dbg-gdb.gdb", images.image(plan))), &names.gdb())?;
        }
        let (state, known) = State::load(&self.places);
        let files = Files::new(known, config, self.places.header.display().to_string(), names);
        let cache = self.cache_dir();
        let objects = o.use_object_cache.then(|| ObjectCache::new(&cache));
        let progress = Progress::new(o.show, o.verbose);
        let mut executor = Executor {
            options: o,
            places: &self.places,
            plan,
            steps,
            state: &state,
            files: &files,
            objects: objects.as_ref(),
            cache: &cache,
            progress: &progress,
            jobs: self.jobs(),
            tools: Tools::default(),
            image: images.image(plan),
        };
        let mut lazy = if record { None } else { Lazy::new(&executor) };
        let counts: Result<Counts> = match &mut lazy {
            Some(lazy) => lazy.run(&mut executor),
            None => executor.run(&vec![true; executor.steps.len()]),
        };
        let wanted: BTreeSet<&str> = executor.steps.iter().map(|s| s.out.as_str()).collect();
        if counts.is_ok() {
            state.save(&self.places, &files, &wanted, lazy.as_ref().map_or(&[], |l| &l.looked_at))?;
        }
        let recorded = if record && counts.is_ok() { lazy::record(&executor)? } else { Vec::new() };
        if let Some(objects) = &objects {
            objects.sweep();
        }
        let counts = counts?;
        let image = PathBuf::from(images.image(plan));
        let with = |suffix: &str| PathBuf::from(format!("{}{suffix}", image.display()));
        let rootfs = (!plan.rootfs.is_empty()).then(|| {
            let given = PathBuf::from(&plan.rootfs);
            if given.is_file() { given } else { o.out.join(format!("{name}.cpio")) }
        });
        let outcome = Outcome {
            debug: with(".dbg"),
            map: with(".map"),
            image,
            rootfs,
            compiled: counts.compiled,
            cached: counts.cached,
            commands: counts.commands,
            elapsed: Duration::ZERO,
        };
        Ok((outcome, recorded))
    }
}

/// `$XDG_CACHE_HOME/unox`, else `~/.cache/unox`.
pub(crate) fn default_cache() -> PathBuf {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let dir = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|h| h.join(".cache"))).unwrap_or_else(std::env::temp_dir);
    dir.join("unox")
}
