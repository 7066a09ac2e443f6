//! /proc/cpuinfo: the processors, with the features of which programs ask there and not of the processor.

use core::fmt::{self, Write};

use abi::{Errno, Result};
use fs_pseudo::Text;

/// Names of the bits of each word of features, from bit 0, as Linux has them (arch/x86/include/asm/cpufeatures.h); `-` for those without one.
const FEATURES: [&str; 6] = [
    "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe",
    "- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow",
    "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe popcnt \
     tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor",
    "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 tce",
    "fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm cqm - mpx rdt_a avx512f avx512dq rdseed adx smap avx512ifma - clflushopt \
     clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl",
    "- avx512vbmi umip - - waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni avx512_bitalg - avx512_vpopcntdq - - - - - - - rdpid",
];

/// The features there are, each after a space.
fn flags(out: &mut Text) -> fmt::Result {
    for (word, names) in hal::cpu::feature_words().into_iter().zip(FEATURES) {
        for (_, name) in names.split(' ').enumerate().filter(|(bit, name)| word >> bit & 1 != 0 && *name != "-") {
            write!(out, " {name}")?;
        }
    }
    Ok(())
}

/// /proc/cpuinfo.
pub fn cpuinfo(out: &mut Text) -> Result<()> {
    let cpu = hal::cpu::identity();
    let text = |bytes: &'static [u8]| core::str::from_utf8(bytes.split(|b| *b == 0).next().unwrap_or(bytes)).unwrap_or("").trim();
    let (mhz, fraction) = (cpu.tsc_khz / 1000, cpu.tsc_khz % 1000);
    for index in 0..hal::cpu::count() {
        let write = |out: &mut Text| -> fmt::Result {
            writeln!(out, "processor\t: {index}\nvendor_id\t: {}\ncpu family\t: {}", text(&cpu.vendor), cpu.family)?;
            writeln!(out, "model\t\t: {}\nmodel name\t: {}\nstepping\t: {}", cpu.model, text(&cpu.model_name), cpu.stepping)?;
            writeln!(
                out,
                "cpu MHz\t\t: {mhz}.{fraction:03}\nphysical id\t: 0\nsiblings\t: {0}\ncore id\t\t: {index}\ncpu cores\t: {0}",
                hal::cpu::count()
            )?;
            write!(out, "apicid\t\t: {index}\nfpu\t\t: yes\nfpu_exception\t: yes\nwp\t\t: yes\nflags\t\t:")?;
            flags(out)?;
            writeln!(out, "\nbogomips\t: {}.{:02}\nclflush size\t: 64\ncache_alignment\t: 64", cpu.tsc_khz / 500, cpu.tsc_khz / 5 % 100)?;
            writeln!(out, "address sizes\t: {} bits physical, 48 bits virtual\n", hal::cpu::physical_bits())
        };
        write(out).map_err(|_| Errno::EIO)?;
    }
    Ok(())
}
