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
            let mut object = OsString::from("memory-backend-file,id=root,mem-path=");
            object.push(escape_commas(&root.path));
            object.push(format!(",size={},readonly=on,share=on", root.size));
            args.pair("-object", object).pair("-device", "ivshmem-plain,memdev=root");
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

    /// What the user asked for beside the program.
    fn more_devices(&self, args: &mut Arguments) {
        // Devices are named by their bus.
        let bus = if self.machine == Machine::Microvm { "device" } else { "pci" };
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
            cpus: 1,
            shares: Vec::new(),
            network: Network::None,
            serial: None,
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
    fn devices_are_those_of_the_machine_s_bus() {
        let mut spec = spec(Machine::Microvm);
        spec.shares = vec![Share { path: "/srv/a,b".into(), tag: "fs0".into() }, Share { path: "/c".into(), tag: "fs1".into() }];
        spec.network = Network::Bridge("br0".into());
        spec.cpus = 2;
        let text = line(&spec, &Channels::default());
        assert!(text.contains("-fsdev local,id=fs0,path=/srv/a,,b,security_model=none,multidevs=remap"), "{text}");
        assert!(text.contains("-device virtio-9p-device,fsdev=fs0,mount_tag=fs0 -fsdev local,id=fs1,path=/c,"), "{text}");
        assert!(text.contains("-netdev bridge,id=net0,br=br0 -device virtio-net-device,netdev=net0"), "{text}");
        assert!(text.contains("-smp 2") && !text.contains(" -serial"), "{text}");
        spec.machine = Machine::Q35;
        spec.network = Network::User;
        let text = line(&spec, &Channels::default());
        assert!(text.contains("virtio-9p-pci,fsdev=fs0") && text.contains("-netdev user,id=net0 -device virtio-net-pci"), "{text}");
    }

    #[test]
    fn a_debugger_may_come_later_and_serial_goes_to_a_file() {
        let mut spec = spec(Machine::Microvm);
        spec.gdb = Some(Debug { listen: Listen::Tcp(1234), paused: false });
        spec.serial = Some("/log".into());
        let text = line(&spec, &Channels::default());
        assert!(text.contains("-gdb tcp:127.0.0.1:1234") && !text.contains(" -S"), "{text}");
        assert!(text.contains("isa-serial=on") && text.contains("-chardev file,id=serial,path=/log -serial chardev:serial"), "{text}");
        spec.gdb = Some(Debug { listen: Listen::Unix("/s".into()), paused: true });
        assert!(line(&spec, &Channels::default()).contains("-gdb unix:/s,server=on,wait=off -S"));
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
