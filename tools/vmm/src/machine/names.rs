//! How machines, accelerators and ways to the root image are written on a command line.

use super::{Accel, Machine, RootVia};
use std::fmt;
use std::str::FromStr;

impl FromStr for Machine {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "microvm" => Ok(Machine::Microvm),
            "q35" => Ok(Machine::Q35),
            "pc" => Ok(Machine::Pc),
            _ => Err(format!("no machine is called {name}: microvm, q35 or pc")),
        }
    }
}

impl RootVia {
    /// The kernel's word (docs/boot-protocol.md, `root`).
    pub fn key(self) -> &'static str {
        match self {
            RootVia::Mapped => "ivshmem",
            RootVia::Disk => "disk",
            RootVia::Initrd => "module",
        }
    }
}

impl FromStr for RootVia {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "mapped" => Ok(RootVia::Mapped),
            "disk" => Ok(RootVia::Disk),
            "initrd" => Ok(RootVia::Initrd),
            _ => Err(format!("no way is called {name}: mapped, disk or initrd")),
        }
    }
}

impl fmt::Display for RootVia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RootVia::Mapped => "mapped",
            RootVia::Disk => "disk",
            RootVia::Initrd => "initrd",
        })
    }
}

impl FromStr for Accel {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "kvm" => Ok(Accel::Kvm),
            "tcg" => Ok(Accel::Tcg),
            _ => Err(format!("no accelerator is called {name}: kvm, tcg or auto")),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Machine::Microvm => "microvm",
            Machine::Q35 => "q35",
            Machine::Pc => "pc",
        })
    }
}

impl fmt::Display for Accel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Accel::Kvm => "kvm",
            Accel::Tcg => "tcg",
        })
    }
}
