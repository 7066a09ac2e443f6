//! Of musl only those members are compiled that an image can need, as ports/musl/members.txt tells: the image is that of the whole library.

use libtest_mimic::Trial;
use ports::{Image, project};

type Result = std::result::Result<(), libtest_mimic::Failed>;

/// Name, application, configuration, and the most members that may be compiled.
const IMAGES: &[(&str, &str, &[&str], usize)] = &[
    (
        "members-hello",
        "ports/app-helloworld",
        &["CONFIG_LIBMUSL=y", "CONFIG_LIBVFSCORE=n", "CONFIG_LIBPOSIX_TTY=n", "CONFIG_LIBMUSL_AIO=n", "CONFIG_OPTIMIZE_SIZE=y"],
        200,
    ),
    (
        "members-hello-fast",
        "ports/app-helloworld",
        &["CONFIG_LIBMUSL=y", "CONFIG_LIBUKALLOC_DEFAULT_BBUDDY=y", "CONFIG_LIBUKALLOC_MALLOC=y"],
        250,
    ),
];

fn same(name: &str, app: &str, config: &[&str], most: usize) -> Result {
    let image = Image { app, libs: &["ports/musl"], config, name };
    let build = |all: bool| -> std::result::Result<(Vec<u8>, usize), String> {
        // Nothing from before: what is compiled is counted.
        let build = project(&image, |o| o.all_members = all)?;
        build.clean().map_err(|e| e.to_string())?;
        let outcome = build.build().map_err(|e| e.to_string())?;
        let bytes = std::fs::read(&outcome.image).map_err(|e| e.to_string())?;
        Ok((bytes, outcome.compiled + outcome.cached))
    };
    let ((lazy, few), (whole, all)) = (build(false)?, build(true)?);
    if lazy != whole {
        return Err(format!("{name}: the image differs from that of the whole library").into());
    }
    if few > most || few >= all {
        let how = "`cargo run -p ports --example members` writes the table anew";
        return Err(format!("{name}: {few} of {all} steps were done; ports/musl/members.txt is out of date: {how}").into());
    }
    Ok(())
}

fn main() {
    ports::main(1, || Ok(IMAGES.iter().map(|(name, app, config, most)| Trial::test(*name, || same(name, app, config, *most))).collect()));
}
