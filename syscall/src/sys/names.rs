//! uname, sethostname, setdomainname.

use abi::process::Utsname;
use abi::{Errno, Result};
use hal::user::{UserPtr, read_bytes};
use kernel::cred::cap;
use kernel::names;
use kernel::process::current;

/// uname(2).
pub fn uname(out: UserPtr<Utsname>) -> Result<()> {
    out.write(&names::uname())
}

fn read_name(addr: usize, len: i32) -> Result<([u8; 64], usize)> {
    if !current().cred().capable(cap::SYS_ADMIN) {
        return Err(Errno::EPERM);
    }
    let len = usize::try_from(len).ok().filter(|len| *len <= 64).ok_or(Errno::EINVAL)?;
    let mut name = [0; 64];
    read_bytes(addr, &mut name[..len])?;
    Ok((name, len))
}

/// sethostname(2).
pub fn sethostname(name: usize, len: i32) -> Result<()> {
    let (name, len) = read_name(name, len)?;
    names::set_hostname(&name[..len]);
    Ok(())
}

/// setdomainname(2).
pub fn setdomainname(name: usize, len: i32) -> Result<()> {
    let (name, len) = read_name(name, len)?;
    names::set_domainname(&name[..len]);
    Ok(())
}
