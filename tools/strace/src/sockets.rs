//! The arguments of socket calls.

use crate::args::{Context, set};
use crate::names;
use crate::record::number;
use crate::structs;
use crate::text::{address, buffer, flags, one};

/// Argument `i` of a socket call; `None` when it is like any other.
pub fn argument(context: &Context<'_>, i: usize, name: &str, value: u64) -> Option<String> {
    let (record, low) = (context.record, value & 0xffff_ffff);
    let arg = |i: usize| record.args[i];
    Some(match (context.call.name, i) {
        ("socket" | "socketpair", 0) => one(low, names::DOMAIN, "AF_???"),
        ("socket" | "socketpair", 1) => kind(low),
        ("socket" | "socketpair", 2) => protocol(arg(0), low),
        ("bind" | "connect", 1) => context.at(value, false, |b| structs::sockaddr(b, arg(2))),
        ("sendto", 4) => context.at(value, false, |b| structs::sockaddr(b, arg(5))),
        ("accept" | "accept4" | "getsockname" | "getpeername", 1) => received(context, value, arg(2)),
        ("recvfrom", 4) => received(context, value, arg(5)),
        ("accept" | "accept4" | "getsockname" | "getpeername", 2) | ("recvfrom", 5) => length(context, value),
        ("sendto" | "recvfrom", 3) | ("sendmsg" | "recvmsg", 2) | ("sendmmsg", 3) | ("recvmmsg", 3) => set(value, names::MSG),
        ("accept4", 3) => set(value, names::SOCK_FLAGS),
        ("shutdown", 1) => one(low, names::SHUT, "SHUT_???"),
        ("sendmsg", 1) => context.at(value, false, |b| message(context, b, None)),
        ("recvmsg", 1) => context.at(value, true, |b| message(context, b, Some(u64::try_from(record.result.unwrap_or(0)).unwrap_or(0)))),
        ("setsockopt" | "getsockopt", 1) => one(low, names::SOL, "SOL_???"),
        ("setsockopt" | "getsockopt", 2) => option(arg(1), low),
        ("setsockopt", 3) => context.at(value, false, |b| option_value(b, arg(4))),
        ("getsockopt", 3) => context.at(value, true, |b| {
            let len = record.memory.after(arg(4)).and_then(|b| number(b, 0, 4))?;
            option_value(b, len)
        }),
        ("getsockopt", 4) => length(context, value),
        ("sendmmsg" | "recvmmsg", 1) if name == "vec" => address(value),
        _ => return None,
    })
}

fn kind(value: u64) -> String {
    let more = flags(value & !0xf, names::SOCK_FLAGS, "");
    let kind = one(value & 0xf, names::SOCK, "SOCK_???");
    if more.is_empty() { kind } else { format!("{kind}|{more}") }
}

fn protocol(domain: u64, value: u64) -> String {
    const IP: &[crate::text::Name] =
        &[(0, "IPPROTO_IP"), (1, "IPPROTO_ICMP"), (6, "IPPROTO_TCP"), (17, "IPPROTO_UDP"), (58, "IPPROTO_ICMPV6"), (255, "IPPROTO_RAW")];
    if domain == 2 || domain == 10 { one(value, IP, "IPPROTO_???") } else { value.to_string() }
}

/// An address that the call wrote, of the length it wrote.
fn received(context: &Context<'_>, value: u64, len_at: u64) -> String {
    let len = context.record.memory.after(len_at).and_then(|b| number(b, 0, 4)).unwrap_or(0);
    context.at(value, true, |b| structs::sockaddr(b, len))
}

/// `[128 => 16]`.
fn length(context: &Context<'_>, value: u64) -> String {
    let memory = &context.record.memory;
    let part = |bytes: Option<&[u8]>| bytes.and_then(|b| number(b, 0, 4));
    match (part(memory.before(value)), part(memory.after(value)).filter(|_| context.record.succeeded())) {
        (Some(before), Some(after)) if before != after => format!("[{before} => {after}]"),
        (Some(before), _) => format!("[{before}]"),
        _ => address(value),
    }
}

fn option(level: u64, value: u64) -> String {
    match i32::try_from(level) {
        Ok(libc::SOL_SOCKET) => one(value, names::SO, "SO_???"),
        Ok(libc::SOL_TCP) => one(value, names::TCP, "TCP_???"),
        Ok(libc::SOL_IP) => one(value, names::IPV4, "IP_???"),
        Ok(libc::SOL_IPV6) => one(value, names::IPV6, "IPV6_???"),
        _ => value.to_string(),
    }
}

fn option_value(bytes: &[u8], len: u64) -> Option<String> {
    if len == 4 { number(bytes, 0, 4).map(|n| format!("[{}]", (n as u32).cast_signed())) } else { Some(buffer(bytes, len)) } // four bytes
}

/// `struct msghdr`.
fn message(context: &Context<'_>, b: &[u8], filled: Option<u64>) -> Option<String> {
    let f = |at: usize| number(b, at, 8);
    let (name, name_len, vectors, count) = (f(0)?, number(b, 8, 4)?, f(16)?, f(24)?);
    let out = filled.is_some();
    let name = context.at(name, out, |b| structs::sockaddr(b, name_len));
    let vectors = context.at(vectors, false, |b| Some(context.iovec(b, count, filled)));
    let control = match f(40)? {
        0 => String::new(),
        len => format!(", msg_control={}", context.at(f(32)?, out, |b| rights(b, len))),
    };
    let flags = set(number(b, 48, 4)?, names::MSG);
    Some(format!(
        "{{msg_name={name}, msg_namelen={name_len}, msg_iov={vectors}, msg_iovlen={count}{control}, msg_controllen={}, msg_flags={flags}}}",
        f(40)?
    ))
}

/// The first control message: descriptors, or its header.
fn rights(b: &[u8], len: u64) -> Option<String> {
    let (size, level, kind) = (number(b, 0, 8)?, number(b, 8, 4)?, number(b, 12, 4)?);
    if level == 1 && kind == 1 {
        let fds = b
            .get(16..usize::try_from(size.min(len)).ok()?.min(b.len()))?
            .chunks_exact(4)
            .map(|fd| number(fd, 0, 4).unwrap_or(0).to_string());
        return Some(format!(
            "[{{cmsg_len={size}, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[{}]}}]",
            fds.collect::<Vec<_>>().join(", ")
        ));
    }
    Some(format!("[{{cmsg_len={size}, cmsg_level={}, cmsg_type={kind:#x}}}]", one(level, names::SOL, "SOL_???")))
}
