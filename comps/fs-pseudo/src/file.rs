//! Open texts.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

use abi::{Errno, Result};
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::sync::Mutex;
use kernel::vfs::file::{File, FileOps};

use crate::node::Content;

/// The longest write a program may make at one time; settings are short.
const MAX_STORE: usize = 4096;

/// A text being written.
#[derive(Default)]
pub struct Text {
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// An open text: made when it is read from offset 0, and the same until then, so that a reader in pieces sees one text.
pub struct ContentFile {
    content: Arc<dyn Content>,
    text: Mutex<Option<Vec<u8>>>,
}

impl ContentFile {
    pub fn new(content: Arc<dyn Content>) -> ContentFile {
        ContentFile { content, text: Mutex::new(None) }
    }
}

impl FileOps for ContentFile {
    fn read_at(&self, _file: &File, buf: &mut ReadBuf<'_>, pos: u64) -> Result<usize> {
        let mut text = self.text.lock();
        if pos == 0 || text.is_none() {
            let mut fresh = Text::default();
            self.content.text(&mut fresh)?;
            *text = Some(fresh.bytes);
        }
        let rest = text.as_deref().zip(usize::try_from(pos).ok()).and_then(|(t, p)| t.get(p..)).unwrap_or(&[]);
        if rest.is_empty() {
            return Ok(0);
        }
        buf.put(rest)
    }

    fn write_at(&self, _file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        if buf.remaining() > MAX_STORE {
            return Err(Errno::EINVAL);
        }
        let mut bytes = alloc::vec![0u8; buf.remaining()];
        let taken = buf.take(&mut bytes)?;
        self.content.store(&bytes[..taken])?;
        Ok(taken)
    }

    fn seekable(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
