//! Reading from a terminal.

use super::helper::Helper;
use super::session::{Next, Session};
use super::{history, whole};
use rustyline::config::{BellStyle, Config};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{ColorMode, CompletionType, Editor};

const PROMPT: &str = "spl> ";
const MORE: &str = "...> ";

/// Reads and runs until the user leaves.
pub fn run(session: &mut Session) {
    if let Err(e) = read(session) {
        session.say(&format!("The terminal cannot be read: {e}\n"));
    }
}

fn read(session: &mut Session) -> rustyline::Result<()> {
    let color = if session.options.color { ColorMode::Enabled } else { ColorMode::Disabled };
    let config = Config::builder()
        .max_history_size(history::LINES)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .color_mode(color)
        .bell_style(BellStyle::None)
        .build();
    let mut editor: Editor<Helper, FileHistory> = Editor::with_config(config.clone())?;
    editor.set_helper(Some(Helper::new(session)));
    let path = history::path();
    if let Some(path) = path.as_ref().filter(|p| p.exists())
        && let Err(e) = editor.load_history(path)
    {
        session.say(&format!("{}: the history cannot be read: {e}\n", path.display()));
    }
    session.greet();
    let mut text = String::new();
    loop {
        if let Some(helper) = editor.helper_mut() {
            helper.refresh(session, &text);
        }
        match editor.readline(if text.is_empty() { PROMPT } else { MORE }) {
            Ok(line) => {
                text.push_str(&line);
                if text.trim().is_empty() {
                    text.clear();
                    continue;
                }
                text.push('\n');
                if !whole(&text) {
                    continue;
                }
                let entry = std::mem::take(&mut text);
                let entry = entry.trim_end();
                let added = editor.add_history_entry(entry)?;
                if let Some(path) = path.as_ref().filter(|_| added) {
                    // A history that cannot be written must not stop the work.
                    let _ = history::add(path, &config, entry);
                }
                if let Next::Quit = session.enter(entry.trim()) {
                    return Ok(());
                }
            }
            // Ctrl-C clears what was typed; Ctrl-D leaves.
            Err(ReadlineError::Interrupted) => text.clear(),
            Err(ReadlineError::Eof) => return Ok(()),
            Err(e) => return Err(e),
        }
    }
}
