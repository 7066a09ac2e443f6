//! From the plan to commands: one step per file made, in an order in which what is needed comes first.

use crate::plan::{Library, Object, Plan};
use crate::source::Lang;
use crate::words::quote;
use std::collections::HashMap;
use std::path::Path;

/// What runs a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The commands of the step.
    Commands,
    /// cargo, and its dependency information.
    Cargo,
    /// The archive of a directory, made by this program.
    Rootfs,
}

/// One file to make.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub kind: Kind,
    /// `CC`
    pub verb: &'static str,
    /// `libx/file.o`
    pub label: String,
    /// Index of the library it belongs to.
    pub made_for: Option<usize>,
    pub commands: Vec<String>,
    /// A file written before: path and contents.
    pub response: Option<(String, String)>,
    /// Files named on the command line.
    pub inputs: Vec<String>,
    pub out: String,
    /// Programs besides the first word of each command; they count by their files' times.
    pub programs: Vec<String>,
    /// Where the compiler tells what else it read.
    pub depfile: Option<String>,
    /// The result may come from and go into the cache of all projects.
    pub shared: bool,
    /// The source, for compile_commands.json.
    pub source: Option<String>,
    /// Steps that come before.
    pub after: Vec<usize>,
}

/// Names and places of the final link.
pub(crate) struct Images<'a> {
    pub out: &'a str,
    /// Options that make objects independent of where the project is.
    pub maps: &'a str,
    pub name: &'a str,
    /// Flags that choose the linker.
    pub linker: &'a str,
    /// Files of that linker.
    pub linker_files: &'a [String],
}

impl Images<'_> {
    pub(crate) fn image(&self, plan: &Plan) -> String {
        format!("{}/{}_{}", self.out, self.name, plan.suffix)
    }
}

/// All steps of a plan.
pub(crate) fn steps(plan: &Plan, images: &Images<'_>) -> Vec<Step> {
    let tool = |name: &str| plan.tools.get(name).cloned().unwrap_or_default();
    let mut all = Vec::new();
    let objects = |wanted: fn(Lang) -> bool, all: &mut Vec<Step>| {
        for (index, library) in plan.libraries.iter().enumerate() {
            let chosen = library.objects.iter().filter(|o| wanted(o.lang));
            all.extend(chosen.map(|object| compile(plan, library, index, object, images)));
        }
    };
    // cargo takes longest: it starts first.
    if let Some(kernel) = &plan.kernel {
        all.push(Step { verb: "CARGO", label: kernel.package.clone(), kind: Kind::Cargo, shared: true, ..step(cargo_out(images)) });
    }
    let texts_from = all.len();
    objects(|l| l.is_text(), &mut all);
    let texts_to = all.len();
    objects(|l| !l.is_text(), &mut all);
    for s in &mut all[texts_to..] {
        // Any compilation may include a generated header.
        s.after = (texts_from..texts_to).collect();
    }
    let mut linked = Vec::new();
    if plan.kernel.is_some() {
        all.push(kernel_object(plan, images));
        linked.push(kernel_out(images));
    }
    for (index, library) in plan.libraries.iter().enumerate() {
        if let Some(s) = link_library(plan, library, index, images) {
            linked.push(s.out.clone());
            all.push(s);
        }
    }
    all.push(link_image(plan, images, &linked));
    let (image, debug) = (images.image(plan), format!("{}.dbg", images.image(plan)));
    all.push(Step {
        verb: "STRIP",
        label: file_name(&image),
        commands: vec![format!("{} -s {} -o {}", tool("STRIP"), quote(&debug), quote(&image))],
        inputs: vec![debug],
        ..step(image)
    });
    if !plan.rootfs.is_empty() && !Path::new(&plan.rootfs).is_file() {
        let out = format!("{}/{}.cpio", images.out, images.name);
        all.push(Step { verb: "CPIO", label: file_name(&out), kind: Kind::Rootfs, ..step(out) });
    }
    for s in all.iter_mut().filter(|s| matches!(s.verb, "LD" | "CARGO")) {
        s.programs = images.linker_files.to_vec();
    }
    connect(&mut all);
    all
}

fn step(out: String) -> Step {
    Step {
        kind: Kind::Commands,
        verb: "",
        label: String::new(),
        made_for: None,
        commands: Vec::new(),
        response: None,
        inputs: Vec::new(),
        programs: Vec::new(),
        out,
        depfile: None,
        shared: false,
        source: None,
        after: Vec::new(),
    }
}

/// A step comes after the steps that make its inputs.
fn connect(all: &mut [Step]) {
    let makers: HashMap<String, usize> = all.iter().enumerate().map(|(i, s)| (s.out.clone(), i)).collect();
    for (i, s) in all.iter_mut().enumerate() {
        let more: Vec<usize> = s.inputs.iter().filter_map(|f| makers.get(f).copied()).filter(|m| *m != i).collect();
        s.after.extend(more);
        s.after.sort_unstable();
        s.after.dedup();
    }
}

pub(crate) fn cargo_out(images: &Images<'_>) -> String {
    format!("{}/ukbuild/kernel.a", images.out)
}

fn kernel_out(images: &Images<'_>) -> String {
    format!("{}/kernel.o", images.out)
}

fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_string()
}

fn words<const N: usize>(parts: [&str; N]) -> String {
    parts.into_iter().map(str::trim).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The step of one source.
fn compile(plan: &Plan, library: &Library, index: usize, object: &Object, images: &Images<'_>) -> Step {
    let tool = |name: &str| plan.tools.get(name).map_or("", String::as_str);
    let flags = library.flags.get(&object.lang).cloned().unwrap_or_default();
    let middle = if object.variant == "isr" { &flags.middle_isr } else { &flags.middle };
    let (source, out) = (quote(&object.source), quote(&object.out));
    let depfile = format!("{}.d", object.out);
    let mut defines = format!("-D__LIBNAME__={} -D__BASENAME__={}", library.name, quote(&file_name(&object.source)));
    if !object.variant.is_empty() {
        defines.push_str(&format!(" -D__VARIANT__={}", quote(&object.variant)));
    }
    let gcc = |cc: &str, mode: &str| {
        let all = [
            cc,
            &flags.before,
            &object.includes,
            middle,
            &object.flags,
            &flags.after,
            &defines,
            images.maps,
            "-MD -MF",
            &depfile,
            mode,
            &source,
            "-o",
            &out,
        ];
        words(all)
    };
    let plain = words([&flags.before, &object.flags]);
    let mut inputs = vec![object.source.clone()];
    inputs.extend(object.deps.iter().cloned());
    let command = match object.lang {
        Lang::C | Lang::Asm | Lang::PlainAsm => gcc(tool("CC"), "-c"),
        Lang::Cxx => gcc(tool("CXX"), "-c"),
        Lang::Script => gcc(tool("CC"), "-E -P -D__ASSEMBLY__ -D__LINKER__"),
        Lang::Rust => {
            let fixed = "--edition=2021 --crate-type=lib -Cpanic=abort -Crelocation-model=static -Ccode-model=kernel";
            let emit = format!("--emit=obj={out},dep-info={depfile}");
            words([tool("RUSTC"), fixed, &emit, &plain, &source])
        }
        Lang::M4 => format!("{} {plain} {source} > {out}", tool("M4")),
        Lang::Awk => format!("{} {plain} -f {source} {} > {out}", tool("AWK"), object.deps.join(" ")),
        // dtc reads no #include; what the preprocessor prints of a source that fails is nothing dtc takes.
        Lang::DeviceTree => format!(
            "{} -E -nostdinc -undef -D__DTS__ -x assembler-with-cpp {} -MD -MF {depfile} -MT {out} {source} | {} {plain} -I dts -O dtb -o {out}",
            tool("CC"),
            object.includes,
            tool("DTC"),
        ),
        Lang::PlainScript | Lang::Copy | Lang::Nothing => format!("cp {source} {out}"),
    };
    let compiled = matches!(object.lang, Lang::C | Lang::Cxx | Lang::Asm | Lang::PlainAsm);
    let dep = compiled || matches!(object.lang, Lang::Rust | Lang::Script | Lang::DeviceTree);
    Step {
        verb: object.lang.verb(),
        label: object.out.strip_prefix(images.out).unwrap_or(&object.out).trim_start_matches('/').to_string(),
        made_for: Some(index),
        commands: vec![command],
        inputs,
        depfile: dep.then_some(depfile),
        shared: compiled,
        source: compiled.then(|| object.source.clone()),
        ..step(object.out.clone())
    }
}

/// The kernel's archive as one object in which only its interface is global.
fn kernel_object(plan: &Plan, images: &Images<'_>) -> Step {
    let tool = |name: &str| plan.tools.get(name).map_or("", String::as_str);
    let (archive, out) = (cargo_out(images), kernel_out(images));
    let whole = format!("{}/ukbuild/kernel.ld.o", images.out);
    let exports = plan.kernel.as_ref().map(|k| k.exports.clone()).unwrap_or_default();
    let weak: Vec<String> = plan.kernel.iter().flat_map(|k| &k.weak).map(|pattern| format!("'--weaken-symbol={pattern}'")).collect();
    let target = if exports.is_empty() { &out } else { &whole };
    let link = words([
        tool("LD"),
        images.linker,
        "-nostdlib -r -Wl,--whole-archive",
        &archive,
        "-Wl,--no-whole-archive -Wl,--build-id=none -o",
        target,
    ]);
    let mut commands = vec![link];
    let mut inputs = vec![archive];
    if !exports.is_empty() {
        commands.push(words([
            tool("OBJCOPY"),
            "--remove-section=.eh_frame --remove-section=.gcc_except_table --remove-section=.llvmbc --remove-section=.llvmcmd",
            &weak.join(" "),
            "--wildcard --keep-global-symbols",
            &exports,
            &whole,
            &out,
        ]));
        inputs.push(exports);
    }
    Step { verb: "LD", label: file_name(&out), commands, inputs, shared: true, ..step(out) }
}

/// A library's objects as one, with its private symbols local; `None` when it has none.
fn link_library(plan: &Plan, library: &Library, index: usize, images: &Images<'_>) -> Option<Step> {
    let tool = |name: &str| plan.tools.get(name).map_or("", String::as_str);
    let mut objects: Vec<String> = library.objects.iter().filter(|o| o.lang.is_object()).map(|o| o.out.clone()).collect();
    objects.extend(library.prebuilt.iter().cloned());
    if objects.is_empty() && library.archives.is_empty() {
        return None;
    }
    if library.archive {
        return Some(archive_library(plan, library, index, images, objects));
    }
    let out = format!("{}/{}.o", images.out, library.name);
    let whole = format!("{}/{}.ld.o", images.out, library.name);
    let hides = !library.exports.is_empty() || !library.locals.is_empty() || !library.objcflags.is_empty();
    let mut list: String = objects.iter().map(|o| format!("{o}\n")).collect();
    if !library.archives.is_empty() {
        list.push_str(&format!("-Wl,--start-group\n{}\n-Wl,--end-group\n", library.archives.join("\n")));
    }
    let response = format!("{}/ukbuild/{}.objects", images.out, library.name);
    let target = if hides { &whole } else { &out };
    let at = format!("@{response}");
    let link = words([tool("LD"), images.linker, "-nostdlib -r -Wl,--unique -Wl,--build-id=none", &library.ldflags, &at, "-o", target]);
    let mut commands = vec![link];
    if hides {
        let option = |name: &str, files: &[String]| files.iter().map(|f| format!("{name}={f}")).collect::<Vec<_>>().join(" ");
        let (keep, local) = (option("--keep-global-symbols", &library.exports), option("--localize-symbols", &library.locals));
        commands.push(words([tool("OBJCOPY"), &library.objcflags, &keep, &local, &whole, &out]));
    }
    let mut inputs = objects;
    for more in [&library.archives, &library.exports, &library.locals, &library.link_deps] {
        inputs.extend(more.iter().cloned());
    }
    Some(Step {
        verb: "LD",
        label: format!("{}.o", library.name),
        made_for: Some(index),
        commands,
        response: Some((response, list)),
        inputs,
        shared: true,
        ..step(out)
    })
}

/// The file that lists what goes into an archive.
pub(crate) fn member_list(objects: &[String]) -> String {
    objects.iter().map(|o| format!("{o}\n")).collect()
}

/// A library that stays an archive (LIBX_AS_ARCHIVE).
fn archive_library(plan: &Plan, library: &Library, index: usize, images: &Images<'_>, objects: Vec<String>) -> Step {
    let out = format!("{}/{}.a", images.out, library.name);
    let response = format!("{}/ukbuild/{}.objects", images.out, library.name);
    let archiver = plan.tools.get("AR").map_or("ar", String::as_str);
    let list = member_list(&objects);
    Step {
        verb: "AR",
        label: file_name(&out),
        made_for: Some(index),
        commands: vec![format!("rm -f {out}"), words([archiver, "rcsD", &out, &format!("@{response}")])],
        response: Some((response, list)),
        inputs: objects,
        shared: true,
        ..step(out)
    }
}

fn link_image(plan: &Plan, images: &Images<'_>, linked: &[String]) -> Step {
    let tool = |name: &str| plan.tools.get(name).map_or("", String::as_str);
    let image = images.image(plan);
    let out = format!("{image}.dbg");
    let mut scripts = String::new();
    let mut inputs: Vec<String> = linked.to_vec();
    for script in plan.extra_scripts.iter().filter(|s| !s.is_empty()) {
        scripts.push_str(&format!(" -Wl,-T,{script}"));
        inputs.push(script.clone());
    }
    if !plan.linker_script.is_empty() {
        // Scripts with INSERT add to a default script only.
        let option = if scripts.is_empty() { "-T," } else { "--default-script=" };
        scripts = format!("-Wl,{option}{}{scripts}", plan.linker_script);
        inputs.push(plan.linker_script.clone());
    }
    let fixed = format!("-nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-Map={image}.map");
    let (archives, objects): (Vec<&str>, Vec<&str>) =
        linked.iter().chain(&plan.link_objects).map(String::as_str).partition(|file| file.ends_with(".a"));
    let group = format!("-Wl,--start-group {} {} -lgcc -Wl,--end-group", archives.join(" "), plan.link_archives.join(" "));
    // lld finds functions with the same code; bfd cannot.
    let fold = if images.linker.is_empty() { "" } else { "-Wl,--icf=all" };
    let command = words([tool("LD"), images.linker, fold, &fixed, &scripts, &plan.link_flags, &objects.join(" "), &group, "-o", &out]);
    for more in [&plan.link_objects, &plan.link_archives, &plan.link_deps] {
        inputs.extend(more.iter().cloned());
    }
    Step { verb: "LD", label: file_name(&out), commands: vec![command], inputs, ..step(out) }
}

/// compile_commands.json, which clangd and other tools read.
pub(crate) fn compile_commands(all: &[Step], directory: &str) -> String {
    let entry = |s: &Step| {
        let source = s.source.as_ref()?;
        Some(serde_json::json!({ "directory": directory, "file": source, "command": s.commands.first()?, "output": s.out }))
    };
    let entries: Vec<_> = all.iter().filter_map(entry).collect();
    serde_json::to_string_pretty(&entries).unwrap_or_default() + "\n"
}
