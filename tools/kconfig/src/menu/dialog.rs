//! The small dialogs: a text to scroll through, a line to edit, a question.

use super::term::{Key, Style, Term};
use std::io;

/// Breaks long lines at blanks, keeping their indentation.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(10);
    let mut out = Vec::new();
    for line in text.lines() {
        let indent: String = line.chars().take_while(|c| *c == ' ').take(width / 2).collect();
        let mut rest: Vec<char> = line.chars().collect();
        while rest.len() > width {
            let cut = rest[..width].iter().rposition(|c| *c == ' ').filter(|p| *p > indent.len()).unwrap_or(width);
            out.push(rest[..cut].iter().collect());
            let tail: Vec<char> = rest[cut..].iter().copied().skip_while(|c| *c == ' ').collect();
            rest = indent.chars().chain(tail).collect();
        }
        out.push(rest.into_iter().collect());
    }
    out
}

/// Shows a text until the user closes it.
///
/// # Errors
/// Of the terminal.
pub fn view(term: &mut Term, title: &str, text: &str) -> io::Result<()> {
    let mut top = 0;
    loop {
        term.clear()?;
        let (w, h) = (term.width.saturating_sub(4).max(20), term.height.saturating_sub(2).max(6));
        let lines = wrap(text, w.saturating_sub(4));
        let page = h.saturating_sub(4).max(1);
        top = top.min(lines.len().saturating_sub(page));
        term.frame(2, 1, w, h, title);
        for (i, line) in lines.iter().skip(top).take(page).enumerate() {
            term.text(4, 2 + i, line, Style::Dialog);
        }
        if lines.len() > page {
            let percent = (top + page).min(lines.len()) * 100 / lines.len();
            term.text(w.saturating_sub(6), h - 1, &format!("({percent:3}%)"), Style::Title);
        }
        term.text(2 + w / 2 - 4, h - 1, "< Exit >", Style::Selected);
        term.show()?;
        match term.key()? {
            Key::Enter | Key::Escape | Key::Char('q' | 'x' | 'e') | Key::F(5 | 9) | Key::Interrupt => return Ok(()),
            Key::Up | Key::Char('k' | '-') => top = top.saturating_sub(1),
            Key::Down | Key::Char('j' | '+') => top += 1,
            Key::PageUp | Key::Char('b') => top = top.saturating_sub(page),
            Key::PageDown | Key::Char(' ') => top += page,
            Key::Home => top = 0,
            Key::End => top = lines.len(),
            _ => (),
        }
    }
}

/// Lets the user edit a line. `None` if it was left with Esc; `check` says what is wrong with an answer.
///
/// # Errors
/// Of the terminal.
pub fn input(term: &mut Term, title: &str, text: &str, old: &str, check: &dyn Fn(&str) -> Option<String>) -> io::Result<Option<String>> {
    let mut line: Vec<char> = old.chars().collect();
    let mut at = line.len();
    let mut wrong: Option<String> = None;
    loop {
        term.clear()?;
        let w = term.width.saturating_sub(8).clamp(20, 72);
        let intro = wrap(text, w - 4);
        let h = intro.len() + 7;
        let (x, y) = ((term.width.saturating_sub(w)) / 2, term.height.saturating_sub(h) / 2);
        term.frame(x, y, w, h, title);
        for (i, part) in intro.iter().enumerate() {
            term.text(x + 2, y + 1 + i, part, Style::Dialog);
        }
        let row = y + 2 + intro.len();
        let room = w - 4;
        let start = at.saturating_sub(room - 1);
        let shown: String = line[start..].iter().take(room).collect();
        term.text(x + 2, row, &format!("{shown:room$}"), Style::Selected);
        if let Some(wrong) = &wrong {
            term.text(x + 2, row + 1, wrong, Style::Hot);
        }
        term.text(x + 2, row + 3, "Enter takes it, Esc leaves it as it was.", Style::Dim);
        term.cursor = Some((x + 2 + at - start, row));
        term.show()?;
        match term.key()? {
            Key::Enter => {
                let answer: String = line.iter().collect();
                wrong = check(&answer);
                if wrong.is_none() {
                    return Ok(Some(answer));
                }
            }
            Key::Escape | Key::Interrupt => return Ok(None),
            key => edit(&mut line, &mut at, key),
        }
    }
}

fn edit(line: &mut Vec<char>, at: &mut usize, key: Key) {
    match key {
        Key::Char(c) if line.len() < 4096 => {
            line.insert(*at, c);
            *at += 1;
        }
        Key::Backspace if *at > 0 => {
            *at -= 1;
            line.remove(*at);
        }
        Key::Delete if *at < line.len() => {
            line.remove(*at);
        }
        Key::Left => *at = at.saturating_sub(1),
        Key::Right => *at = (*at + 1).min(line.len()),
        Key::Home => *at = 0,
        Key::End => *at = line.len(),
        Key::Clear => {
            line.clear();
            *at = 0;
        }
        _ => (),
    }
}

/// Yes or no; `None` with Esc.
///
/// # Errors
/// Of the terminal.
pub fn confirm(term: &mut Term, text: &str) -> io::Result<Option<bool>> {
    let mut yes = true;
    loop {
        term.clear()?;
        let w = term.width.saturating_sub(8).clamp(20, 60);
        let lines = wrap(text, w - 4);
        let h = lines.len() + 5;
        let (x, y) = ((term.width.saturating_sub(w)) / 2, term.height.saturating_sub(h) / 2);
        term.frame(x, y, w, h, "");
        for (i, line) in lines.iter().enumerate() {
            term.text(x + 2, y + 1 + i, line, Style::Dialog);
        }
        let style = |on| if on { Style::Selected } else { Style::Dialog };
        term.text(x + w / 2 - 12, y + h - 2, "<  Yes  >", style(yes));
        term.text(x + w / 2 + 3, y + h - 2, "<  No   >", style(!yes));
        term.show()?;
        match term.key()? {
            Key::Char('y' | 'Y') => return Ok(Some(true)),
            Key::Char('n' | 'N') => return Ok(Some(false)),
            Key::Enter | Key::Char(' ') => return Ok(Some(yes)),
            Key::Left | Key::Right | Key::Tab | Key::BackTab => yes = !yes,
            Key::Escape => return Ok(None),
            Key::Interrupt => return Ok(Some(false)),
            _ => (),
        }
    }
}
