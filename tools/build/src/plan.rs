//! The plan: libraries, objects and flags, as the evaluated make variables say. [`crate::steps`] turns it into commands.

use crate::error::{Error, Result};
use crate::source::{Entry, Lang};
use crate::vars::Vars;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// One selected library.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Library {
    /// `libx`.
    pub name: String,
    /// Its Makefile.uk, for messages.
    pub makefile: String,
    /// Directory of its objects.
    pub build: String,
    /// What is compiled or generated.
    pub objects: Vec<Object>,
    /// Flags by language; see [`Flags`].
    pub flags: BTreeMap<Lang, Flags>,
    /// Objects and archives that are there or that the port's rules make.
    pub prebuilt: Vec<String>,
    /// Archives searched for what the library's objects lack.
    pub archives: Vec<String>,
    /// Files with the symbols that stay global.
    pub exports: Vec<String>,
    /// Files with symbols that become local.
    pub locals: Vec<String>,
    /// Flags of the library's link and of objcopy.
    pub ldflags: String,
    /// See above.
    pub objcflags: String,
    /// Other files that the link depends on.
    pub link_deps: Vec<String>,
    /// What `clean` removes as well.
    pub clean: Vec<String>,
    /// LIBX_AS_ARCHIVE: linked as an archive, from which the image takes the members that something names. For a C library, whose weak symbols stand for
    /// members that nobody asked for.
    pub archive: bool,
    /// LIBX_MEMBERS: the file that says what each member of the archive defines; may be empty.
    pub members: String,
}

/// The parts of a command line that all sources of a library and language share, around the parts of one source:
/// `CC before <source's includes> middle <source's flags> after`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flags {
    pub before: String,
    pub middle: String,
    /// The middle of a source with the variant `isr`, whose code runs in interrupts.
    pub middle_isr: String,
    pub after: String,
}

/// One source in one variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Object {
    pub source: String,
    pub variant: String,
    pub lang: Lang,
    /// The file made.
    pub out: String,
    pub includes: String,
    pub flags: String,
    /// Files that it depends on beyond what the compiler reports.
    pub deps: Vec<String>,
}

/// Everything that the make files say.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub tools: BTreeMap<String, String>,
    pub libraries: Vec<Library>,
    /// Flags, objects and archives of the final link.
    pub link_flags: String,
    pub link_objects: Vec<String>,
    pub link_archives: Vec<String>,
    pub link_deps: Vec<String>,
    pub linker_script: String,
    /// Scripts given besides the main one.
    pub extra_scripts: Vec<String>,
    pub kernel: Option<Kernel>,
    pub rootfs: String,
    /// Targets of make per phase.
    pub to_fetch: Vec<String>,
    pub to_prepare: Vec<String>,
    pub to_preprocess: Vec<String>,
    pub to_finish: Vec<String>,
    /// Sources and other files that make may have rules for.
    pub sources: Vec<String>,
    pub makefiles: Vec<String>,
    /// Directories of the libraries.
    pub bases: Vec<String>,
    /// Directories with patches.
    pub patch_dirs: Vec<String>,
    /// The image's name without platform, and what follows it.
    pub suffix: String,
}

/// How cargo makes the kernel.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Kernel {
    pub package: String,
    pub features: Vec<String>,
    pub profile: String,
    /// File of the symbols that stay global; may be empty.
    pub exports: String,
    /// Patterns of those of them that others may define instead.
    pub weak: Vec<String>,
}

const TOOLS: &[&str] = &["CC", "CXX", "LD", "AR", "OBJCOPY", "STRIP", "M4", "AWK", "DTC", "RUSTC", "CARGO"];

impl Plan {
    /// Reads the plan out of the variables. `cwd` is where make ran: relative paths are looked for there, then beside the Makefile.uk.
    pub(crate) fn new(vars: &Vars, cwd: &Path) -> Result<Plan> {
        let kernel = vars.get("UK_CARGO_PACKAGE");
        let mut plan = Plan {
            tools: TOOLS.iter().map(|t| (t.to_string(), vars.get(t).to_string())).collect(),
            link_flags: join(["LDFLAGS", "UK_LDFLAGS", "EXTRALDFLAGS"].map(|v| vars.both(v))),
            link_objects: vars.list("UK_OLIBS"),
            link_archives: vars.list("UK_ALIBS"),
            link_deps: vars.list("UK_LDEPS"),
            linker_script: vars.get("UK_LDS").to_string(),
            extra_scripts: vars.list("EXTRA_LD_SCRIPT"),
            kernel: (!kernel.is_empty()).then(|| Kernel {
                package: kernel.to_string(),
                features: unique(vars.list("UK_CARGO_FEATURES")),
                profile: Some(vars.get("UK_CARGO_PROFILE")).filter(|p| !p.is_empty()).unwrap_or("release").to_string(),
                exports: vars.get("UK_KERNEL_EXPORTS").to_string(),
                weak: vars.list("UK_KERNEL_WEAK"),
            }),
            rootfs: vars.get("UK_ROOTFS").to_string(),
            to_fetch: vars.list("uk_to_fetch"),
            to_prepare: vars.list("uk_to_prepare"),
            to_preprocess: vars.list("uk_to_preprocess"),
            to_finish: vars.list("uk_to_finish"),
            sources: vars.list("uk_all_sources"),
            makefiles: unique(vars.list("MAKEFILE_LIST")),
            suffix: Some(vars.get("UK_IMAGE_SUFFIX")).filter(|s| !s.is_empty()).unwrap_or("kvm-x86_64").to_string(),
            ..Plan::default()
        };
        for name in unique(vars.list("UK_LIBS")) {
            let library = library(vars, &name, cwd)?;
            plan.bases.push(vars.get(&format!("{}_BASE", name.to_ascii_uppercase())).to_string());
            plan.patch_dirs.extend(vars.list(&format!("uk_patchdirs_{name}")));
            plan.patch_dirs.extend(vars.list(&format!("{}_PATCHDIR", name.to_ascii_uppercase())));
            plan.extra_scripts.extend(library.objects.iter().filter(|o| o.lang.is_linker_script()).map(|o| o.out.clone()));
            plan.libraries.push(library);
        }
        Ok(plan)
    }
}

fn library(vars: &Vars, name: &str, cwd: &Path) -> Result<Library> {
    let upper = name.to_ascii_uppercase();
    let var = |suffix: &str| format!("{upper}_{suffix}");
    let with_each = |suffix: &str| {
        let mut all = vars.list(&var(suffix));
        all.extend(vars.list(&format!("EACHOLIB_{suffix}")));
        unique(all)
    };
    let mut library = Library {
        name: name.to_string(),
        makefile: vars.get(&var("MAKEFILE")).to_string(),
        build: vars.get(&var("BUILD")).to_string(),
        prebuilt: with_each("OBJS"),
        archives: with_each("ALIBS"),
        exports: with_each("EXPORTS"),
        locals: with_each("LOCALS"),
        ldflags: vars.both(&var("LDFLAGS")),
        objcflags: join([vars.both("OBJCFLAGS"), vars.both(&var("OBJCFLAGS"))]),
        link_deps: vars.list(&var("LDEPS")),
        clean: vars.list(&var("CLEAN")),
        archive: vars.get(&var("AS_ARCHIVE")) == "y",
        members: vars.get(&var("MEMBERS")).to_string(),
        ..Library::default()
    };
    let place = Place { vars, name, upper: &upper, cwd, build: &library.build };
    let mut made: HashMap<String, (String, String)> = HashMap::new();
    let mut objects = Vec::new();
    for word in with_each("SRCS") {
        let entries = Entry::parse(&word).map_err(|why| at(&library, &why))?;
        for entry in entries {
            place.objects(entry, &mut objects).map_err(|why| at(&library, &why))?;
        }
    }
    for object in objects {
        let this = (object.source.clone(), object.variant.clone());
        match made.get(&object.out) {
            Some(other) if *other == this => continue,
            Some((other, _)) => {
                let file = object.out.rsplit('/').next().unwrap_or_default();
                return Err(at(
                    &library,
                    &format!("{other} and {} would both become {file}; give one a variant (`{}|two`), or use addlib_tree", this.0, this.0),
                ));
            }
            None => made.insert(object.out.clone(), this),
        };
        library.flags.entry(object.lang).or_insert_with(|| shared_flags(vars, &upper, object.lang));
        library.objects.push(object);
    }
    Ok(library)
}

fn at(library: &Library, why: &str) -> Error {
    Error::Plan(format!("{} ({}): {why}", library.name, library.makefile))
}

/// Where a library's files are.
struct Place<'a> {
    vars: &'a Vars,
    name: &'a str,
    upper: &'a str,
    cwd: &'a Path,
    build: &'a str,
}

impl Place<'_> {
    /// The object of an entry; two when it is first generated (`x.m4>.c`).
    fn objects(&self, entry: Entry, out: &mut Vec<Object>) -> std::result::Result<(), String> {
        let source = self.resolve(&entry.path);
        let Some(lang) = Lang::of(&source, entry.suffix.as_deref()) else {
            return Err(format!("{source}: no rule for a source of this kind"));
        };
        if lang == Lang::Nothing {
            return Ok(());
        }
        let mut stem = entry.stem.clone().unwrap_or_else(|| crate::source::stem(&source).to_string());
        if let Some(suffix) = entry.suffix.as_deref().filter(|_| lang == Lang::Copy) {
            // `config.h.in>.h` becomes config.h.
            stem.truncate(stem.strip_suffix(suffix).map_or(stem.len(), str::len));
        }
        let file = self.file_prefix(&stem, &entry.variant);
        let name = self.out_name(&source, &stem, &entry, lang);
        let made = Object {
            includes: join([self.of_file(&file, "INCLUDES"), self.of_file(&file, lang.includes_word())]),
            flags: join([self.of_file(&file, "FLAGS"), self.of_file(&file, lang.flags_word())]),
            deps: [self.of_file(&file, "CDEPS"), self.of_file(&file, "DEPS")].join(" ").split_whitespace().map(str::to_string).collect(),
            source,
            variant: entry.variant.clone(),
            lang,
            out: name.clone(),
        };
        out.push(made);
        if lang.generates() {
            // What was generated is a source in its own right, unless nothing is made of it.
            let next = Entry { path: name, suffix: None, variant: entry.variant, stem: Some(stem) };
            return self.objects(next, out);
        }
        Ok(())
    }

    fn resolve(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_string();
        }
        let beside = Path::new(self.vars.get(&format!("{}_BASE", self.upper))).join(path);
        let here = self.cwd.join(path);
        (if here.exists() || !beside.exists() { here } else { beside }).display().to_string()
    }

    /// `LIBX_FILE`, or `LIBX_FILE_VARIANT`: the variant has flags of its own, and not those of the file.
    fn file_prefix(&self, stem: &str, variant: &str) -> String {
        let stem = stem.to_ascii_uppercase();
        if variant.is_empty() {
            format!("{}_{stem}", self.upper)
        } else {
            format!("{}_{stem}_{}", self.upper, variant.to_ascii_uppercase())
        }
    }

    /// A variable of one source; names may be spelt with `_` for what is no letter or digit.
    fn of_file(&self, file: &str, word: &str) -> String {
        let exact = self.vars.both(&format!("{file}_{word}"));
        let plain: String = file.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if plain == file { exact } else { join([exact, self.vars.both(&format!("{plain}_{word}"))]) }
    }

    /// `build/libx/[sub/]stem[.variant].o`
    fn out_name(&self, source: &str, stem: &str, entry: &Entry, lang: Lang) -> String {
        let variant = if entry.variant.is_empty() { String::new() } else { format!(".{}", entry.variant) };
        let suffix = lang.out_suffix(entry.suffix.as_deref());
        let mut dir = self.build.to_string();
        let sub =
            [self.of_file(&self.file_prefix(stem, &entry.variant), "SUBBUILD"), self.vars.get(&format!("{}_SUBBUILD", self.upper)).into()];
        if let Some(sub) = sub.iter().find(|s| !s.is_empty()) {
            dir = format!("{dir}/{}", sub.trim_matches('/'));
        }
        if self.vars.get(&format!("uk_tree_{}", self.name)) == "y" {
            let roots = ["SRC", "ORIGIN", "BASE", "BUILD"].map(|r| self.vars.get(&format!("{}_{r}", self.upper)));
            let inside = roots.iter().filter(|r| !r.is_empty()).find_map(|r| Path::new(source).strip_prefix(r).ok());
            if let Some(parent) = inside.and_then(Path::parent).filter(|p| !p.as_os_str().is_empty()) {
                dir = format!("{dir}/{}", parent.display());
            }
        }
        format!("{dir}/{stem}{variant}{suffix}")
    }
}

/// The order is Unikraft's: general flags, includes (source, library, all), architecture, language, library's language, source, debugging.
fn shared_flags(vars: &Vars, upper: &str, lang: Lang) -> Flags {
    let of = |word: &str| vars.both(word);
    let own = |word: &str| vars.both(&format!("{upper}_{word}"));
    if lang.is_text() || lang == Lang::Rust {
        let word = lang.flags_word();
        return Flags { before: join([of(word), own(word)]), ..Flags::default() };
    }
    let (includes, flags) = (lang.includes_word(), lang.flags_word());
    let isr = Some(of("ISR_ARCHFLAGS")).filter(|f| !f.is_empty()).unwrap_or_else(|| of("ARCHFLAGS"));
    // Directories of others would only tell one application's objects from another's.
    let all = if own("OWN_INCLUDES") == "y" { String::new() } else { of(includes) };
    let middle = |arch: String| join([own(includes), all.clone(), arch, of(flags), own(flags)]);
    Flags {
        before: join([of("COMPFLAGS"), own("COMPFLAGS")]),
        middle: middle(of("ARCHFLAGS")),
        middle_isr: middle(isr),
        after: of("DBGFLAGS"),
    }
}

fn join<const N: usize>(parts: [String; N]) -> String {
    parts.into_iter().filter(|p| !p.trim().is_empty()).collect::<Vec<_>>().join(" ")
}

fn unique(words: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    words.into_iter().filter(|w| seen.insert(w.clone())).collect()
}
