//! Command lines as texts.

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
        root: Some(RootImage { path: "/a,b".into(), size: 4096, via: RootVia::Mapped }),
        gdb: None,
        cpus: 1,
        shares: Vec::new(),
        network: Network::None,
        entropy: false,
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
fn the_root_image_comes_as_asked() {
    let mut spec = spec(Machine::Microvm);
    spec.root = Some(RootImage { path: "/a,b".into(), size: 4096, via: RootVia::Disk });
    spec.entropy = true;
    let text = line(&spec, &Channels::default());
    assert!(text.contains("-drive if=none,id=root,format=raw,readonly=on,file=/a,,b -device virtio-blk-device,drive=root"), "{text}");
    assert!(!text.contains("ivshmem") && text.contains("-device virtio-rng-device"), "{text}");
    spec.machine = Machine::Q35;
    assert!(line(&spec, &Channels::default()).contains("virtio-blk-pci,drive=root"));
    spec.root = Some(RootImage { path: "/a".into(), size: 4096, via: RootVia::Initrd });
    let text = line(&spec, &Channels::default());
    assert!(!text.contains("ivshmem") && !text.contains("-drive"), "{text}");
    for via in [RootVia::Mapped, RootVia::Disk, RootVia::Initrd] {
        assert_eq!(via.to_string().parse(), Ok(via));
    }
    assert!("floppy".parse::<RootVia>().unwrap_err().contains("initrd"));
}

#[test]
fn names_parse_back() {
    for machine in [Machine::Microvm, Machine::Q35, Machine::Pc] {
        assert_eq!(machine.to_string().parse(), Ok(machine));
    }
    assert!("vax".parse::<Machine>().unwrap_err().contains("microvm"));
    assert!("hvf".parse::<Accel>().is_err());
}
