//! Projects of ports, as `kraft` has them: the file that describes one (kraft.yaml, Kraftfile), the user's configuration (.kraftrc), the workspace with
//! its sources, new projects and libraries, and the way from a project to a configuration and an image.
#![forbid(unsafe_code)]

pub mod catalog;
pub mod configure;
mod error;
pub mod git;
pub mod init;
pub mod kraftfile;
pub mod libinit;
pub mod name;
mod project;
pub mod pull;
pub mod rc;
pub mod resolve;
pub mod sources;
pub mod words;
pub mod workspace;
pub mod yaml;

pub use catalog::Catalog;
pub use error::{Diagnostic, Error, Result};
pub use kraftfile::Kraftfile;
pub use project::{Choice, Image, Project, current_image, is_project};
pub use rc::Rc;
pub use workspace::Workspace;
