//! The QEMU command line of a machine (docs/boot-protocol.md, section 1), as data: building it starts nothing.

use std::ffi::OsString;
use std::fmt;
use std::os::fd::RawFd;
use std::path::PathBuf;

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

/// How the guest reaches the root image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RootVia {
    /// As device memory: read in place, outside guest memory.
    #[default]
    Mapped,
    /// From a disk, on demand.
    Disk,
    /// In guest memory, with the configuration.
    Initrd,
}

/// The root image as QEMU has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootImage {
    /// The EROFS file.
    pub path: PathBuf,
    /// Size of the mapping in bytes: a power of two, at most the file's size.
    pub size: u64,
    /// How the guest reaches it.
    pub via: RootVia,
}

/// A directory of the host that the guest reads and writes (9p).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The directory.
    pub path: PathBuf,
    /// The name the guest mounts it by.
    pub tag: String,
}

/// Where the guest's network leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// There is no device.
    #[default]
    None,
    /// QEMU's own, by the host's sockets.
    User,
    /// A bridge of the host.
    Bridge(String),
}

/// Where QEMU listens for a debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A Unix socket.
    Unix(PathBuf),
    /// A TCP port of this host.
    Tcp(u16),
}

/// A debugger's way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debug {
    /// Where.
    pub listen: Listen,
    /// The machine stands until the debugger lets it go.
    pub paused: bool,
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
    /// A debugger's way in.
    pub gdb: Option<Debug>,
    /// Processors.
    pub cpus: u32,
    /// Directories of the host.
    pub shares: Vec<Share>,
    /// The network device.
    pub network: Network,
    /// A device with the host's randomness, for processors without a generator of their own.
    pub entropy: bool,
    /// A file that gets what the serial port says; without it there is no serial port.
    pub serial: Option<PathBuf>,
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
        args.pair("-M", self.machine.options(self.serial.is_some()));
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
            self.root_image(root, &mut args);
        }
        args.pair("-device", "isa-debug-exit,iobase=0xf4,iosize=4");
        self.channels(channels, &mut args);
        self.more_devices(&mut args);
        if let Some(debug) = &self.gdb {
            args.pair("-gdb", debug.listen.option());
            if debug.paused {
                args.one("-S");
            }
        }
        args.0.extend(self.extra.iter().cloned());
        args.0
    }

    fn root_image(&self, root: &RootImage, args: &mut Arguments) {
        match root.via {
            RootVia::Mapped => {
                let mut object = OsString::from("memory-backend-file,id=root,mem-path=");
                object.push(escape_commas(&root.path));
                object.push(format!(",size={},readonly=on,share=on", root.size));
                args.pair("-object", object).pair("-device", "ivshmem-plain,memdev=root");
            }
            RootVia::Disk => {
                let mut drive = OsString::from("if=none,id=root,format=raw,readonly=on,file=");
                drive.push(escape_commas(&root.path));
                args.pair("-drive", drive).pair("-device", format!("virtio-blk-{},drive=root", self.machine.bus()));
            }
            RootVia::Initrd => {}
        }
    }

    /// What the user asked for beside the program.
    fn more_devices(&self, args: &mut Arguments) {
        let bus = self.machine.bus();
        if self.entropy {
            args.pair("-device", format!("virtio-rng-{bus}"));
        }
        if self.cpus > 1 {
            args.pair("-smp", self.cpus.to_string());
        }
        for Share { path, tag } in &self.shares {
            let mut backend = OsString::from(format!("local,id={tag},path="));
            backend.push(escape_commas(path));
            // Files belong to who runs QEMU; several file systems below the directory must not mix up their inode numbers.
            backend.push(",security_model=none,multidevs=remap");
            args.pair("-fsdev", backend).pair("-device", format!("virtio-9p-{bus},fsdev={tag},mount_tag={tag}"));
        }
        let network = match &self.network {
            Network::None => None,
            Network::User => Some("user,id=net0".to_string()),
            Network::Bridge(name) => Some(format!("bridge,id=net0,br={name}")),
        };
        if let Some(network) = network {
            args.pair("-netdev", network).pair("-device", format!("virtio-net-{bus},netdev=net0"));
        }
        if let Some(path) = &self.serial {
            let mut file = OsString::from("file,id=serial,path=");
            file.push(escape_commas(path));
            args.pair("-chardev", file).pair("-serial", "chardev:serial");
        }
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
            args.pair("-device", format!("virtio-serial-{},max_ports={PORTS}", self.machine.bus()));
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

    /// How virtio devices on this machine's bus are called.
    fn bus(self) -> &'static str {
        if self == Machine::Microvm { "device" } else { "pci" }
    }

    fn options(self, serial: bool) -> &'static str {
        match self {
            Machine::Microvm if serial => "microvm,acpi=on,pcie=on,pit=off,pic=off,rtc=on,isa-serial=on,usb=off",
            Machine::Microvm => "microvm,acpi=on,pcie=on,pit=off,pic=off,rtc=on,isa-serial=off,usb=off",
            Machine::Q35 => "q35,usb=off,vmport=off",
            Machine::Pc => "pc,usb=off,vmport=off",
        }
    }
}

impl Listen {
    fn option(&self) -> OsString {
        match self {
            Listen::Tcp(port) => format!("tcp:127.0.0.1:{port}").into(),
            Listen::Unix(path) => {
                let mut option = OsString::from("unix:");
                option.push(escape_commas(path));
                option.push(",server=on,wait=off");
                option
            }
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listen::Tcp(port) => write!(f, "localhost:{port}"),
            Listen::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

mod names;
#[cfg(test)]
mod tests;
