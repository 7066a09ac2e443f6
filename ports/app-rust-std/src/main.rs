//! The same application for Linux.

fn main() {
    std::process::exit(rust_std::run())
}
