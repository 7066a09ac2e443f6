//! The QEMU command line of a machine (docs/boot-protocol.md, section 1), as data: building it starts nothing.

use std::ffi::OsString;
use std::fmt;
use std::os::fd::RawFd;
use std::path::PathBuf;
use std::str::FromStr;

/// QEMU machine types that the kernel boots on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Machine {
    /// virtio-mmio and a PCIe bus for the root image; the least firmware.
    #[default]
    Microvm,
    /// PCI Express and ACPI, as on a modern PC.
    Q35,
    /// The i440FX PC.
    Pc,
}

/// Who executes the guest's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accel {
    /// The host's processor.
    Kvm,
    /// QEMU's translator.
    Tcg,
}

/// The root image as QEMU maps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootImage {
    /// The EROFS file.
    pub path: PathBuf,
    /// Size of the mapping in bytes: a power of two, at most the file's size.
    pub size: u64,
}

/// File descriptors of our ends' peers, which QEMU inherits. `None`: the device is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Channels {
    /// Guest to host control lines (isa-debugcon).
    pub lines: Option<RawFd>,
    /// Host to guest control lines (port 4).
    pub control: Option<RawFd>,
    /// Port 1.
    pub stdin: Option<RawFd>,
    /// Port 2.
    pub stdout: Option<RawFd>,
    /// Port 3.
    pub stderr: Option<RawFd>,
    /// Port 5.
    pub tty: Option<RawFd>,
    /// The QEMU monitor.
    pub qmp: Option<RawFd>,
}

/// A machine to start.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The emulator.
    pub qemu: PathBuf,
    /// Machine type.
    pub machine: Machine,
    /// Accelerator.
    pub accel: Accel,
    /// Guest memory in MiB.
    pub memory_mib: u64,
    /// The kernel's ELF file.
    pub kernel: PathBuf,
    /// The configuration module.
    pub module: Option<PathBuf>,
    /// The kernel's command line.
    pub append: Option<OsString>,
    /// The root file system.
    pub root: Option<RootImage>,
    /// Path of a Unix socket on which QEMU waits, stopped, for a debugger.
    pub gdb: Option<PathBuf>,
    /// What the user adds, last.
    pub extra: Vec<OsString>,
    /// Our descriptors behind paths under /dev/fd that the fields above name: QEMU inherits them.
    pub inherit: Vec<RawFd>,
}

/// Queue pairs of the virtio-serial device: ports 0 to 5 of the protocol, no more.
const PORTS: u32 = 6;

impl Spec {
    /// The arguments, without the program's name.
    pub fn arguments(&self, channels: &Channels) -> Vec<OsString> {
        let mut args = Arguments::default();
        args.pair("-M", self.machine.options());
        args.pair("-accel", self.accel.to_string()).pair("-cpu", "max").pair("-m", format!("{}M", self.memory_mib));
        args.one("-nodefaults").one("-no-user-config").one("-no-reboot").pair("-display", "none");
        if self.machine == Machine::Microvm {
            args.pair("-global", "virtio-mmio.force-legacy=false");
        }
        args.pair("-kernel", &self.kernel);
        if let Some(module) = &self.module {
            args.pair("-initrd", module);
        }
        if let Some(append) = &self.append {
            args.pair("-append", append);
        }
        if let Some(root) = &self.root {
            let mut object = OsString::from("memory-backend-file,id=root,mem-path=");
            object.push(escape_commas(&root.path));
            object.push(format!(",size={},readonly=on,share=on", root.size));
            args.pair("-object", object).pair("-device", "ivshmem-plain,memdev=root");
        }
        args.pair("-device", "isa-debug-exit,iobase=0xf4,iosize=4");
        self.channels(channels, &mut args);
        if let Some(path) = &self.gdb {
            let mut gdb = OsString::from("unix:");
            gdb.push(escape_commas(path));
            gdb.push(",server=on,wait=off");
            args.pair("-gdb", gdb).one("-S");
        }
        args.0.extend(self.extra.iter().cloned());
        args.0
    }

    fn channels(&self, channels: &Channels, args: &mut Arguments) {
        let ports = [
            (channels.stdin, "stdin", 1),
            (channels.stdout, "stdout", 2),
            (channels.stderr, "stderr", 3),
            (channels.control, "control", 4),
            (channels.tty, "tty", 5),
        ];
        if let Some(fd) = channels.lines {
            args.pair("-chardev", format!("socket,id=ctl,fd={fd}")).pair("-device", "isa-debugcon,iobase=0xe9,chardev=ctl");
        }
        if ports.iter().any(|(fd, ..)| fd.is_some()) {
            let bus = if self.machine == Machine::Microvm { "virtio-serial-device" } else { "virtio-serial-pci" };
            args.pair("-device", format!("{bus},max_ports={PORTS}"));
        }
        for (fd, name, nr) in ports {
            if let Some(fd) = fd {
                args.pair("-chardev", format!("socket,id={name},fd={fd}"));
                args.pair("-device", format!("virtserialport,chardev={name},id={name},nr={nr},name=unox.{name}"));
            }
        }
        if let Some(fd) = channels.qmp {
            args.pair("-chardev", format!("socket,id=qmp,fd={fd}")).pair("-mon", "chardev=qmp,mode=control");
        }
    }
}

/// QEMU's option syntax doubles a comma that belongs to a value.
fn escape_commas(path: &std::path::Path) -> OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let bytes = path.as_os_str().as_bytes();
    OsString::from_vec(bytes.iter().flat_map(|&b| if b == b',' { vec![b, b] } else { vec![b] }).collect())
}

#[derive(Default)]
struct Arguments(Vec<OsString>);

impl Arguments {
    fn one(&mut self, argument: impl Into<OsString>) -> &mut Self {
        self.0.push(argument.into());
        self
    }

    fn pair(&mut self, option: &str, value: impl Into<OsString>) -> &mut Self {
        self.one(option).one(value)
    }
}

impl Machine {
    /// The machine's physical address of the PCIe configuration window, where it is fixed without firmware.
    pub fn ecam(self) -> Option<u64> {
        (self == Machine::Microvm).then_some(0xe000_0000)
    }

    fn options(self) -> &'static str {
        match self {
            Machine::Microvm => "microvm,acpi=on,pcie=on,pit=off,pic=off,rtc=on,isa-serial=off,usb=off",
            Machine::Q35 => "q35,usb=off,vmport=off",
            Machine::Pc => "pc,usb=off,vmport=off",
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(machine: Machine) -> Spec {
        Spec {
            qemu: "qemu".into(),
            machine,
            accel: Accel::Tcg,
            memory_mib: 64,
            kernel: "/k".into(),
            module: Some("/dev/fd/5".into()),
            append: None,
            root: Some(RootImage { path: "/a,b".into(), size: 4096 }),
            gdb: None,
            extra: vec!["-name".into(), "x".into()],
            inherit: Vec::new(),
        }
    }

    fn line(spec: &Spec, channels: &Channels) -> String {
        spec.arguments(channels).iter().map(|a| a.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn microvm_has_mmio_devices_and_pc_has_pci_ones() {
        let channels = Channels { lines: Some(3), stdout: Some(4), ..Channels::default() };
        let text = line(&spec(Machine::Microvm), &channels);
        assert!(
            text.starts_with("-M microvm,acpi=on,pcie=on,pit=off,pic=off,rtc=on,isa-serial=off,usb=off -accel tcg -cpu max -m 64M"),
            "{text}"
        );
        assert!(text.contains("-device virtio-serial-device,max_ports=6"), "{text}");
        assert!(text.contains("-global virtio-mmio.force-legacy=false"), "{text}");
        assert!(text.contains("virtserialport,chardev=stdout,id=stdout,nr=2,name=unox.stdout"), "{text}");
        assert!(text.contains("isa-debugcon,iobase=0xe9,chardev=ctl"), "{text}");
        assert!(!text.contains("stdin"), "{text}");
        let text = line(&spec(Machine::Q35), &channels);
        assert!(text.contains("virtio-serial-pci") && !text.contains("virtio-mmio"), "{text}");
    }

    #[test]
    fn what_the_user_adds_comes_last_and_commas_are_doubled() {
        let text = line(&spec(Machine::Pc), &Channels::default());
        assert!(text.ends_with("-name x"), "{text}");
        assert!(text.contains("mem-path=/a,,b,size=4096,readonly=on,share=on"), "{text}");
        assert!(!text.contains("virtio-serial"), "{text}");
    }

    #[test]
    fn names_parse_back() {
        for machine in [Machine::Microvm, Machine::Q35, Machine::Pc] {
            assert_eq!(machine.to_string().parse(), Ok(machine));
        }
        assert!("vax".parse::<Machine>().unwrap_err().contains("microvm"));
        assert!("hvf".parse::<Accel>().is_err());
    }
}
