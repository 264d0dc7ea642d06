//! Text columns: views into shared buffers, so that slicing, filtering and sharing copy no text.

use super::order::Order;
use std::ops::{Deref, Range};
use std::sync::{Arc, Mutex, OnceLock};

/// Text that columns share. Behind two pointers, so that what was read becomes a buffer without being copied.
#[derive(Clone, Debug)]
pub struct Buffer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    text: String,
    /// Whether it is ASCII, once that was asked.
    ascii: OnceLock<bool>,
    seen: Mutex<Seen>,
}

/// What was seen of a text by now.
#[derive(Debug, Default)]
struct Seen {
    /// So many bytes, from its beginning.
    length: usize,
    /// The characters of ASCII that stand in them, letters of either case as one.
    characters: u128,
}

/// Bytes that are looked at in one go.
const LOOK: usize = 4 << 10;

impl Buffer {
    /// Is all of it ASCII? Found out once.
    pub fn is_ascii(&self) -> bool {
        *self.0.ascii.get_or_init(|| self.0.text.is_ascii())
    }

    /// Has it all characters of a text of ASCII, letters in either case, or some that are not ASCII? What has to be looked at for this is
    /// looked at once.
    pub fn may_hold(&self, text: &str) -> bool {
        let wanted = characters(text.as_bytes());
        let mut seen = self.0.seen.lock().unwrap_or_else(|e| e.into_inner());
        while seen.characters & wanted != wanted {
            let rest = self.0.text.as_bytes().get(seen.length..).unwrap_or_default();
            let Some(next) = rest.get(..LOOK.min(rest.len())).filter(|next| !next.is_empty()) else { break };
            seen.characters |= characters(next);
            seen.length += next.len();
        }
        seen.characters & wanted == wanted || !self.is_ascii()
    }
}

impl From<String> for Buffer {
    fn from(text: String) -> Buffer {
        Buffer(Arc::new(Shared { text, ascii: OnceLock::new(), seen: Mutex::default() }))
    }
}

impl Deref for Buffer {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

/// The characters of ASCII among bytes, letters of either case as one.
fn characters(bytes: &[u8]) -> u128 {
    let mut has = [false; 256];
    bytes.iter().for_each(|b| has[usize::from(b.to_ascii_lowercase())] = true);
    has.iter().take(128).enumerate().fold(0, |all, (b, has)| all | u128::from(*has) << b)
}

/// Where one value lies: buffer number, start and length in bytes. 12 bytes a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    buffer: u32,
    start: u32,
    len: u32,
}

impl View {
    /// No value.
    pub const NULL: View = View { buffer: u32::MAX, start: 0, len: 0 };

    /// A value at a place in a buffer.
    pub fn new(buffer: usize, start: usize, len: usize) -> View {
        View { buffer: buffer as u32, start: start as u32, len: len as u32 }
    }

    /// Is there no value?
    pub fn is_null(self) -> bool {
        self.buffer == u32::MAX
    }

    /// Its buffer, and its first byte there.
    pub fn start(self) -> (u32, u32) {
        (self.buffer, self.start)
    }

    /// Its buffer, and the byte behind it.
    pub fn end(self) -> Option<(u32, u32)> {
        Some((self.buffer, self.start.checked_add(self.len)?))
    }
}

/// A column of text values. A buffer is at most 4 GiB; builders cut before that.
#[derive(Clone, Debug, Default)]
pub struct Text {
    views: Vec<View>,
    buffers: Vec<Buffer>,
    /// Found out once.
    order: OnceLock<Option<Order>>,
}

impl Text {
    /// A column over views that must lie within their buffers; one that does not reads as null.
    pub fn new(views: Vec<View>, buffers: Vec<Buffer>) -> Text {
        Text { views, buffers, order: OnceLock::new() }
    }

    /// These values side by side.
    pub fn of(values: &[&str]) -> Text {
        let mut buffer = String::with_capacity(values.iter().map(|v| v.len()).sum());
        let views = values.iter().map(|v| {
            buffer.push_str(v);
            View::new(0, buffer.len() - v.len(), v.len())
        });
        Text::new(views.collect(), vec![buffer.into()])
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.views.len()
    }

    /// No rows at all?
    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }

    /// The value of a row.
    pub fn get(&self, row: usize) -> Option<&str> {
        let v = self.views.get(row)?;
        let start = v.start as usize;
        self.buffers.get(v.buffer as usize)?.get(start..start + v.len as usize)
    }

    /// Where the value of a row lies: the number of its buffer, and the bytes there.
    pub fn place(&self, row: usize) -> Option<(usize, Range<usize>)> {
        let v = self.views.get(row).filter(|v| !v.is_null())?;
        Some((v.buffer as usize, v.start as usize..v.start as usize + v.len as usize))
    }

    /// Do the values lie in the order of the rows, none of them over another?
    pub fn in_order(&self) -> bool {
        self.order().is_some()
    }

    fn order(&self) -> Option<&Order> {
        self.order.get_or_init(|| Order::of(&self.views)).as_ref()
    }

    /// The row whose value has the byte at a place of a buffer; nothing where values are not in order.
    pub fn row_at(&self, buffer: usize, at: usize) -> Option<usize> {
        self.order()?.row(&self.views, buffer, at)
    }

    /// The rows at these places, in this order; places past the end are null.
    pub fn take(&self, rows: &[u32]) -> Text {
        let views = rows.iter().map(|&r| self.views.get(r as usize).copied().unwrap_or(View::NULL)).collect();
        Text::new(views, self.buffers.clone())
    }

    /// Appends the rows of another column, sharing its buffers.
    pub fn append(&mut self, other: &Text) {
        self.append_views(other, other.views.iter().copied());
    }

    /// Appends the rows of another column at these places, sharing its buffers; places past the end are null.
    pub fn append_rows(&mut self, other: &Text, rows: &[u32]) {
        self.append_views(other, rows.iter().map(|&r| other.views.get(r as usize).copied().unwrap_or(View::NULL)));
    }

    fn append_views(&mut self, other: &Text, views: impl Iterator<Item = View>) {
        self.order = OnceLock::new();
        let base = self.buffers.len() as u32;
        self.buffers.extend(other.buffers.iter().cloned());
        self.views.extend(views.map(|v| if v.is_null() { v } else { View { buffer: v.buffer + base, ..v } }));
    }

    /// Appends rows without a value.
    pub fn append_nulls(&mut self, n: usize) {
        self.order = OnceLock::new();
        self.views.resize(self.views.len() + n, View::NULL);
    }

    /// The same values side by side in a buffer of their own, where they are strewn over much more text: a scan of the column then reads
    /// memory in one sweep.
    pub fn packed(self) -> Text {
        let used = self.used_bytes();
        if used * 2 > self.buffers.iter().map(|b| b.len()).sum() || used > u32::MAX as usize {
            return self;
        }
        let mut buffer = String::with_capacity(used);
        let place = |row| {
            let start = buffer.len();
            buffer.push_str(self.get(row)?);
            Some(View::new(0, start, buffer.len() - start))
        };
        let views = (0..self.len()).map(place).map(|v| v.unwrap_or(View::NULL)).collect();
        Text::new(views, vec![buffer.into()])
    }

    /// Bytes of the values.
    pub fn used_bytes(&self) -> usize {
        self.views.iter().map(|v| v.len as usize).sum()
    }

    /// Bytes of the views alone: buffers are shared and charged where they are made.
    pub fn view_bytes(&self) -> usize {
        self.views.len() * size_of::<View>()
    }

    /// The buffers that this column holds on to.
    pub fn buffers(&self) -> &[Buffer] {
        &self.buffers
    }
}

impl<S: AsRef<str>> FromIterator<Option<S>> for Text {
    fn from_iter<I: IntoIterator<Item = Option<S>>>(values: I) -> Text {
        let values = values.into_iter();
        let mut buffer = String::new();
        let mut views = Vec::with_capacity(values.size_hint().0);
        for v in values {
            views.push(v.map_or(View::NULL, |s| {
                let start = buffer.len();
                buffer.push_str(s.as_ref());
                View::new(0, start, buffer.len() - start)
            }));
        }
        Text::new(views, vec![buffer.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_buffer_may_hold_is_seen() {
        let text = Buffer::from("a".repeat(LOOK) + "B-1" + &"c".repeat(3 * LOOK));
        assert_eq!(["Ab", "b1-", "2", "z", "C", "ac2"].map(|t| text.may_hold(t)), [true, true, false, false, true, false]);
        assert!(Buffer::from("é".to_string()).may_hold("x") && !Buffer::from(String::new()).may_hold("x") && Buffer::from(String::new()).may_hold(""));
    }

    #[test]
    fn takes_and_appends_without_copying_text() {
        let a: Text = [Some("x"), None, Some("yz")].into_iter().collect();
        let mut b = a.take(&[2, 1, 9]);
        b.append(&a);
        let all: Vec<_> = (0..b.len()).map(|i| b.get(i)).collect();
        assert_eq!(all, [Some("yz"), None, None, Some("x"), None, Some("yz")]);
        assert!(std::ptr::eq(b.buffers[0].as_ptr(), a.buffers[0].as_ptr()));
        let few = a.take(&[1, 0]).packed();
        assert_eq!((few.get(0), few.get(1), &*few.buffers[0]), (None, Some("x"), "x"));
    }
}
