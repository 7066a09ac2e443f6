//! Projects of ports, as `kraft` has them: the file that describes one (kraft.yaml, Kraftfile), the user's configuration (.kraftrc), the workspace with
//! its sources, new projects and libraries, and the way from a project to a configuration and an image.
#![forbid(unsafe_code)]

mod error;
pub mod kraftfile;
pub mod name;
pub mod words;
pub mod yaml;

pub use error::{Diagnostic, Error, Result};
pub use kraftfile::Kraftfile;
