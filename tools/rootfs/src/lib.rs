//! Finds what a Linux program needs on this host and builds the root image from it.
//!
//! [`plan`] lists the files (path in the guest, source, reason) without copying anything; [`image()`] turns a plan into an EROFS file in a
//! content-addressed cache. Both are fast when nothing changed: the plan of a program is cached too and only checked with one lstat(2)
//! per file.
//!
//! ```no_run
//! let request = rootfs::Request::new("grep", ["-c", "root", "/etc/passwd"]);
//! let plan = rootfs::plan(&request)?;
//! let image = rootfs::image(&plan, &rootfs::Cache::open_default()?)?;
//! println!("boot {} with root {}", plan.exec.display(), image.path.display());
//! # Ok::<(), rootfs::Error>(())
//! ```
#![forbid(unsafe_code)]

mod args;
mod base;
mod cache;
mod closure;
mod codec;
mod collect;
mod dpkg;
mod elf;
mod error;
mod host;
mod image;
mod ldcache;
mod listing;
mod paths;
mod plan;
mod plancache;
mod planner;
mod prefix;
mod request;
mod script;
mod shim;

pub use cache::Cache;
pub use error::{Error, Result};
pub use image::{ImageFile, image, write_image};
pub use plan::{Entry, Meta, Plan, Reason, What};
pub use planner::plan;
pub use request::{AddSpec, Limits, Request, find_program};
