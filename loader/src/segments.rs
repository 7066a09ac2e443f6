//! One ELF file's segments in memory.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::Errno;
use abi::mm::MapFlags;
use elfhdr::{Header, Kind, PHENT_LEN, Segment, header, segments, span};
use hal::mem::{PAGE_SIZE, Perm, USER_END};
use kernel::exec::{ExecError, HEAD, path_text, read_file};
use kernel::mm::{AddressSpace, MapRequest, MapTarget, NamedObject};
use kernel::vfs::file::File;

const PAGE: u64 = PAGE_SIZE as u64;

/// An opened ELF file with its program headers.
pub struct Object {
    /// The file.
    pub file: Arc<File>,
    /// The ELF header.
    pub header: Header,
    /// The program header table's bytes.
    pub table: Vec<u8>,
}

/// Where an object was put.
#[derive(Debug, Clone, Copy, Default)]
pub struct Placed {
    /// What was added to the file's addresses.
    pub bias: u64,
    /// Entry point.
    pub entry: u64,
    /// Address of the program headers, 0 if they are not in memory.
    pub phdr: u64,
    /// First and last-plus-one address of all segments.
    pub start: u64,
    /// See `start`.
    pub end: u64,
    /// Of the executable segments.
    pub code: (usize, usize),
    /// Of the last writable segment.
    pub data: (usize, usize),
}

/// An error about an ELF file.
pub fn bad(file: &File, what: &str) -> ExecError {
    ExecError::new(Errno::ENOEXEC, path_text(file).as_bytes(), what)
}

fn failed(file: &File, errno: Errno) -> ExecError {
    ExecError::new(errno, path_text(file).as_bytes(), errno.text())
}

impl Object {
    /// Reads the headers.
    pub fn open(file: Arc<File>, head: &[u8; HEAD]) -> Result<Object, ExecError> {
        let header = header(head).map_err(|error| bad(&file, error.text()))?;
        let len = header.phnum * PHENT_LEN;
        let in_head = usize::try_from(header.phoff).ok().and_then(|at| head.get(at..at.checked_add(len)?));
        let table = match in_head {
            Some(bytes) => bytes.to_vec(),
            None => {
                let mut table = alloc::vec![0u8; len];
                let got = read_file(&file, header.phoff, &mut table).map_err(|errno| failed(&file, errno))?;
                if got < len {
                    return Err(bad(&file, "the file ends inside its program headers"));
                }
                table
            }
        };
        Ok(Object { file, header, table })
    }

    /// The segments; all were checked by the time this is used.
    pub fn segments(&self) -> impl Iterator<Item = Segment> + '_ {
        segments(&self.table).filter_map(Result::ok)
    }

    /// The path in PT_INTERP.
    pub fn interpreter(&self) -> Result<Option<Vec<u8>>, ExecError> {
        let Some(segment) = self.segments().find(|s| s.kind == Kind::Interp) else { return Ok(None) };
        let len = usize::try_from(segment.file_size).ok().filter(|len| (2..=4096).contains(len));
        let mut path = alloc::vec![0u8; len.ok_or_else(|| bad(&self.file, "the interpreter's path has a senseless length"))?];
        let got = read_file(&self.file, segment.offset, &mut path).map_err(|errno| failed(&self.file, errno))?;
        if got < path.len() || path.pop() != Some(0) {
            return Err(bad(&self.file, "the interpreter's path is cut short"));
        }
        Ok(Some(path))
    }

    /// Maps all segments. A position-independent object goes to `at` (rounded to its alignment), or where there is room when `at` is `None`.
    pub fn map(&self, mm: &AddressSpace, at: Option<usize>) -> Result<Placed, ExecError> {
        let span = span(&self.table).map_err(|error| bad(&self.file, error.text()))?;
        let (low, high, align) = span.ok_or_else(|| bad(&self.file, "nothing in the file is to be loaded"))?;
        let low = low & !(PAGE - 1);
        if high > USER_END as u64 {
            return Err(bad(&self.file, "a segment lies outside the application's half of the address space"));
        }
        let bias = if self.header.position_independent { self.place(mm, low, high, align, at)?.wrapping_sub(low) } else { 0 };
        let mut placed = Placed { bias, entry: bias.wrapping_add(self.header.entry), ..Placed::default() };
        placed.start = bias.wrapping_add(low);
        placed.end = bias.wrapping_add(high);
        for segment in self.segments().filter(|s| s.kind == Kind::Load && s.mem_size > 0) {
            self.map_segment(mm, &segment, bias)?;
            placed.note(&segment);
        }
        placed.phdr = self.header_address(bias);
        Ok(placed)
    }

    /// Finds `high - low` bytes; gives where `low` goes.
    fn place(&self, mm: &AddressSpace, low: u64, high: u64, align: u64, at: Option<usize>) -> Result<u64, ExecError> {
        let align = align.max(PAGE);
        if align > 1 << 30 {
            return Err(bad(&self.file, "a segment wants an alignment above 1 GiB"));
        }
        if let Some(at) = at {
            return Ok((at as u64 & !(align - 1)) + (low & (align - 1))); // widening
        }
        let len = usize::try_from(high - low + (align - PAGE)).map_err(|_| failed(&self.file, Errno::ENOMEM))?;
        // Reserves the whole span, so that the segments stay together; they are mapped over it.
        let request = MapRequest::anonymous(0, len, Perm::empty(), MapFlags::NORESERVE);
        let start = mm.mmap(request).map_err(|errno| failed(&self.file, errno))?;
        let base = (start as u64).next_multiple_of(align); // widening
        let end = base + (high - low).next_multiple_of(PAGE);
        let _ = mm.munmap(start, (base - start as u64) as usize); // within `len`
        let _ = mm.munmap(end as usize, start + len.next_multiple_of(PAGE_SIZE) - end as usize); // within `len`
        Ok(base + (low & (align - 1)))
    }

    fn map_segment(&self, mm: &AddressSpace, segment: &Segment, bias: u64) -> Result<(), ExecError> {
        let fail = |errno| failed(&self.file, errno);
        let perm = perm(segment);
        let address = |value: u64| usize::try_from(bias.wrapping_add(value)).map_err(|_| fail(Errno::ENOMEM));
        let start = address(segment.vaddr)?;
        let (file_end, mem_end) = (address(segment.vaddr + segment.file_size)?, address(segment.vaddr + segment.mem_size)?);
        if mem_end > USER_END {
            return Err(bad(&self.file, "a segment lies outside the application's half of the address space"));
        }
        let page_start = start & !(PAGE_SIZE - 1);
        let mut mapped_end = page_start;
        if segment.file_size > 0 {
            let len = file_end - page_start;
            let cache = self.file.ops.page_cache(&self.file).map_err(fail)?;
            let named: Arc<dyn NamedObject> = self.file.clone();
            let request = MapRequest {
                addr: page_start,
                len,
                perm,
                flags: MapFlags::PRIVATE | MapFlags::FIXED,
                target: MapTarget::File(cache, Some(named)),
                offset: segment.offset & !(PAGE - 1),
                may: Perm::all(),
                may_lock: false,
            };
            mm.mmap(request).map_err(fail)?;
            mapped_end = file_end.next_multiple_of(PAGE_SIZE);
            // What follows the file's bytes in its last page belongs to the program and is zero.
            let zero_end = mapped_end.min(mem_end.next_multiple_of(PAGE_SIZE));
            let has_zeros = segment.mem_size > segment.file_size && file_end < zero_end;
            if has_zeros && segment.write && !mm.clear_in_page(file_end, zero_end) {
                return Err(bad(&self.file, "a segment lies behind the end of the file"));
            }
        }
        if mem_end > mapped_end {
            let flags = MapFlags::FIXED;
            mm.mmap(MapRequest::anonymous(mapped_end, mem_end - mapped_end, perm, flags)).map_err(fail)?;
        }
        Ok(())
    }

    /// Where the program headers are in memory: PT_PHDR says so, or the segment that holds their part of the file.
    fn header_address(&self, bias: u64) -> u64 {
        if let Some(segment) = self.segments().find(|s| s.kind == Kind::Phdr) {
            return bias.wrapping_add(segment.vaddr);
        }
        let phoff = self.header.phoff;
        let holder = self.segments().find(|s| s.kind == Kind::Load && s.offset <= phoff && phoff - s.offset < s.file_size);
        holder.map_or(0, |s| bias.wrapping_add(s.vaddr + (phoff - s.offset)))
    }
}

impl Placed {
    fn note(&mut self, segment: &Segment) {
        let start = self.bias.wrapping_add(segment.vaddr) as usize; // below USER_END, checked at the mapping
        let end = start + segment.mem_size as usize; // as above
        if segment.exec {
            self.code = if self.code.1 == 0 { (start, end) } else { (self.code.0.min(start), self.code.1.max(end)) };
        }
        if segment.write {
            self.data = (start, end);
        }
    }
}

/// Permissions of a segment.
fn perm(segment: &Segment) -> Perm {
    let mut perm = Perm::empty();
    perm.set(Perm::READ, segment.read);
    perm.set(Perm::WRITE, segment.write);
    perm.set(Perm::EXEC, segment.exec);
    perm
}
