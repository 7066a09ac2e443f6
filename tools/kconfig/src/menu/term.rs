//! The terminal: raw mode and the way back, keys, and a screen of styled cells.

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::style::{Attribute, Color, ResetColor, SetAttribute, SetBackgroundColor, SetForegroundColor};
use crossterm::{cursor, execute, queue, terminal};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

/// How a cell looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Around the dialog.
    #[default]
    Screen,
    /// Inside it.
    Dialog,
    /// The dialog's title and frame.
    Title,
    /// The letter that jumps to an entry.
    Hot,
    /// The entry or button under the cursor.
    Selected,
    /// What cannot be changed.
    Dim,
}

/// What the user did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Char(char),
    Enter,
    Escape,
    Tab,
    BackTab,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Backspace,
    Delete,
    /// A function key.
    F(u8),
    /// Ctrl and U: clears a line.
    Clear,
    /// Ctrl and C.
    Interrupt,
    /// Nothing that has a meaning, or the size changed: draw again.
    Other,
}

/// A second Esc within this time belongs to the first: "Esc Esc" and one Esc both leave one level.
const DOUBLE_ESCAPE: Duration = Duration::from_millis(400);

/// The terminal while the menu is on it.
pub struct Term {
    cells: Vec<(char, Style)>,
    pub width: usize,
    pub height: usize,
    colour: bool,
    signal: Arc<AtomicUsize>,
    /// When the menu is over, signals do what they did before.
    over: Arc<AtomicBool>,
    last_escape: Option<Instant>,
    /// Where the terminal's cursor is shown, in a line that is edited.
    pub cursor: Option<(usize, usize)>,
}

/// Leaves the alternate screen and raw mode. Harmless when done twice.
fn restore() {
    let _ = execute!(io::stdout(), ResetColor, SetAttribute(Attribute::Reset), terminal::LeaveAlternateScreen, cursor::Show);
    let _ = terminal::disable_raw_mode();
}

impl Term {
    /// Takes the terminal.
    ///
    /// # Errors
    /// There is none, or it cannot be set up.
    pub fn open() -> io::Result<Term> {
        let dumb = std::env::var("TERM").is_ok_and(|t| t == "dumb");
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() || dumb {
            return Err(io::Error::other(
                "the menu needs a terminal for input and output; set options with KEY=value, or answer questions line by line instead",
            ));
        }
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                restore();
                previous(info);
            }));
        });
        let (signal, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        for number in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP, signal_hook::consts::SIGINT] {
            signal_hook::flag::register_conditional_default(number, over.clone())?;
            signal_hook::flag::register_usize(number, signal.clone(), usize::try_from(number).unwrap_or(0))?;
        }
        terminal::enable_raw_mode()?;
        let colour = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let mut term = Term { cells: Vec::new(), width: 0, height: 0, colour, signal, over, last_escape: None, cursor: None };
        if let Err(e) = execute!(io::stdout(), terminal::EnterAlternateScreen, cursor::Hide).and_then(|()| term.clear()) {
            restore();
            return Err(e);
        }
        Ok(term)
    }

    /// The signal that asks the process to end, 0 if none came.
    pub fn signal(&self) -> usize {
        self.signal.load(Ordering::Relaxed)
    }

    /// Empties the screen and takes the terminal's size.
    ///
    /// # Errors
    /// The size is not known.
    pub fn clear(&mut self) -> io::Result<()> {
        let (w, h) = terminal::size()?;
        (self.width, self.height) = (usize::from(w.clamp(1, 500)), usize::from(h.clamp(1, 300)));
        self.cells = vec![(' ', Style::Screen); self.width * self.height];
        self.cursor = None;
        Ok(())
    }

    /// Writes text into the screen; what does not fit is cut, control characters become `?`.
    pub fn text(&mut self, x: usize, y: usize, text: &str, style: Style) {
        if y >= self.height {
            return;
        }
        for (i, c) in text.chars().take(self.width.saturating_sub(x)).enumerate() {
            self.cells[y * self.width + x + i] = (if c.is_control() { '?' } else { c }, style);
        }
    }

    /// A filled frame with a title.
    pub fn frame(&mut self, x: usize, y: usize, w: usize, h: usize, title: &str) {
        for row in y..y + h {
            self.text(x, row, &" ".repeat(w), Style::Dialog);
        }
        if w < 2 || h < 2 {
            return;
        }
        let line = "─".repeat(w - 2);
        self.text(x, y, &format!("┌{line}┐"), Style::Title);
        self.text(x, y + h - 1, &format!("└{line}┘"), Style::Title);
        for row in y + 1..y + h - 1 {
            self.text(x, row, "│", Style::Title);
            self.text(x + w - 1, row, "│", Style::Title);
        }
        if !title.is_empty() {
            let title: String = title.chars().take(w.saturating_sub(6)).collect();
            let at = x + (w - title.chars().count() - 2) / 2;
            self.text(at, y, &format!(" {title} "), Style::Title);
        }
    }

    /// Brings the screen to the terminal, in one write.
    ///
    /// # Errors
    /// Of writing.
    pub fn show(&mut self) -> io::Result<()> {
        let mut out = Vec::with_capacity(self.cells.len() * 2);
        queue!(out, cursor::Hide)?;
        for (y, row) in self.cells.chunks(self.width).enumerate() {
            queue!(out, cursor::MoveTo(0, u16::try_from(y).unwrap_or(0)))?;
            let mut last = None;
            for (c, style) in row {
                if last != Some(*style) {
                    paint(&mut out, *style, self.colour)?;
                    last = Some(*style);
                }
                write!(out, "{c}")?;
            }
        }
        queue!(out, ResetColor, SetAttribute(Attribute::Reset))?;
        if let Some((x, y)) = self.cursor {
            queue!(out, cursor::MoveTo(u16::try_from(x).unwrap_or(0), u16::try_from(y).unwrap_or(0)), cursor::Show)?;
        }
        let mut terminal = io::stdout().lock();
        terminal.write_all(&out)?;
        terminal.flush()
    }

    /// Waits for a key.
    ///
    /// # Errors
    /// Of reading; `Interrupted` when a signal asks the process to end.
    pub fn key(&mut self) -> io::Result<Key> {
        loop {
            if self.signal() != 0 {
                return Err(io::Error::new(io::ErrorKind::Interrupted, "ended by a signal"));
            }
            wait_for_input(Duration::from_millis(200))?;
            if !event::poll(Duration::ZERO)? {
                continue;
            }
            let key = match event::read()? {
                Event::Key(k) if k.kind != KeyEventKind::Release => translate(k.code, k.modifiers),
                _ => Key::Other,
            };
            if key == Key::Escape {
                let now = Instant::now();
                if self.last_escape.take().is_some_and(|t| now.duration_since(t) < DOUBLE_ESCAPE) {
                    continue;
                }
                self.last_escape = Some(now);
            } else {
                self.last_escape = None;
            }
            return Ok(key);
        }
    }
}

/// Waits until the terminal has input, a signal came (a changed size is one) or the time is over. Waiting here and not in crossterm: its reader turns
/// without end when the terminal hangs up (poll(2), POLLHUP).
///
/// # Errors
/// The terminal is gone.
fn wait_for_input(time: Duration) -> io::Result<()> {
    let stdin = io::stdin();
    let mut fds = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
    match poll(&mut fds, PollTimeout::try_from(time).unwrap_or(PollTimeout::ZERO)) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(e) => return Err(e.into()),
    }
    let events = fds[0].revents().unwrap_or(PollFlags::empty());
    if events.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL) {
        return Err(io::Error::new(io::ErrorKind::Interrupted, "the terminal is gone"));
    }
    Ok(())
}

impl Drop for Term {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        restore();
    }
}

fn translate(code: KeyCode, modifiers: KeyModifiers) -> Key {
    match code {
        KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => Key::Interrupt,
        KeyCode::Char('u') if modifiers.contains(KeyModifiers::CONTROL) => Key::Clear,
        KeyCode::Char(_) if modifiers.contains(KeyModifiers::CONTROL) => Key::Other,
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::F(n) => Key::F(n),
        _ => Key::Other,
    }
}

fn paint(out: &mut Vec<u8>, style: Style, colour: bool) -> io::Result<()> {
    queue!(out, SetAttribute(Attribute::Reset))?;
    if colour {
        let (fg, bg) = match style {
            Style::Screen => (Color::Cyan, Color::DarkBlue),
            Style::Dialog => (Color::Black, Color::Grey),
            Style::Title => (Color::DarkBlue, Color::Grey),
            Style::Hot => (Color::DarkRed, Color::Grey),
            Style::Selected => (Color::White, Color::DarkBlue),
            Style::Dim => (Color::DarkGrey, Color::Grey),
        };
        return queue!(out, SetForegroundColor(fg), SetBackgroundColor(bg));
    }
    match style {
        Style::Selected => queue!(out, SetAttribute(Attribute::Reverse)),
        Style::Title | Style::Hot => queue!(out, SetAttribute(Attribute::Bold)),
        Style::Dim => queue!(out, SetAttribute(Attribute::Dim)),
        _ => Ok(()),
    }
}
