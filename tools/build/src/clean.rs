//! clean, clean of one library, properclean, distclean.

use crate::Build;
use crate::error::{Error, Result, io};
use crate::plan::Library;
use std::path::Path;

impl Build {
    /// Removes objects, libraries and images; origins, and what was prepared in them, stay.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn clean(&self) -> Result<()> {
        let out = &self.options.out;
        if !out.exists() {
            return Ok(());
        }
        let plan = self.plan_for_cleaning();
        if let Some(plan) = &plan {
            for library in &plan.libraries {
                self.clean_library(library)?;
            }
        }
        for entry in std::fs::read_dir(out).map_err(io(out))?.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let of_image = name.starts_with(&format!("{}_", self.name())) || name == format!("{}.cpio", self.name());
            if path.is_file() && (name.ends_with(".o") || name.ends_with(".a") || of_image || name == "compile_commands.json") {
                remove(&path)?;
            }
        }
        for file in [
            &self.places.state,
            &self.places.journal,
            &self.places.plan,
            &self.places.own.join("kernel.a"),
            &self.places.own.join("kernel.ld.o"),
        ] {
            remove(file)?;
        }
        Ok(())
    }

    /// `clean` for one library; `name` with or without `lib`.
    ///
    /// # Errors
    /// When there is no such library in this build.
    pub fn clean_lib(&self, name: &str) -> Result<()> {
        let Some(plan) = self.plan_for_cleaning() else { return Ok(()) };
        let full = format!("lib{name}");
        let Some(library) = plan.libraries.iter().find(|l| l.name == name || l.name == full) else {
            let known: Vec<&str> = plan.libraries.iter().map(|l| l.name.as_str()).collect();
            return Err(Error::Plan(format!("{name}: no library of this build; there are: {}", known.join(", "))));
        };
        self.clean_library(library)
    }

    /// Removes the build directory.
    ///
    /// # Errors
    /// When it is no build directory, or cannot be removed.
    pub fn properclean(&self) -> Result<()> {
        let out = &self.options.out;
        if !out.exists() {
            return Ok(());
        }
        let ours = ["ukbuild", "kconfig", "include"].iter().any(|d| out.join(d).is_dir());
        let empty = std::fs::read_dir(out).map_err(io(out))?.next().is_none();
        let holds = |inner: &Path| inner.starts_with(out);
        if !(ours || empty) || holds(&self.options.app) || holds(&self.options.base) || self.options.libs.iter().any(|l| holds(l)) {
            return Err(Error::Place { path: out.clone(), what: "this does not look like a build directory; it is not removed".into() });
        }
        std::fs::remove_dir_all(out).map_err(io(out))
    }

    /// `properclean` and the configuration.
    ///
    /// # Errors
    /// As `properclean`.
    pub fn distclean(&self) -> Result<()> {
        self.properclean()?;
        let config = &self.options.config;
        remove(config)?;
        remove(Path::new(&format!("{}.old", config.display())))
    }

    /// The last plan is good enough to know what was made; without one, a new one if that is possible.
    fn plan_for_cleaning(&self) -> Option<crate::plan::Plan> {
        #[derive(serde::Deserialize)]
        struct Kept {
            plan: crate::plan::Plan,
        }
        let kept = std::fs::read(&self.places.plan).ok().and_then(|text| serde_json::from_slice::<Kept>(&text).ok());
        kept.map(|k| k.plan).or_else(|| {
            self.write_places().ok()?;
            self.evaluate().ok().map(|(plan, _)| plan)
        })
    }

    fn clean_library(&self, library: &Library) -> Result<()> {
        let out = self.options.out.display().to_string();
        for object in &library.objects {
            remove(Path::new(&object.out))?;
            remove(Path::new(&format!("{}.d", object.out)))?;
        }
        for suffix in ["o", "ld.o", "a"] {
            remove(Path::new(&format!("{out}/{}.{suffix}", library.name)))?;
        }
        for file in &library.clean {
            let path = Path::new(file);
            // A Makefile.uk names what it made; what lies elsewhere is the user's.
            if path.starts_with(&self.options.out) && !file.contains("/../") {
                if path.is_dir() { std::fs::remove_dir_all(path).map_err(io(path))? } else { remove(path)? }
            }
        }
        Ok(())
    }
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io(path)(e)),
        _ => Ok(()),
    }
}
