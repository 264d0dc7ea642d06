//! Values that lie in the order of their rows, so that the row of a place is found without a look at all of them.

use super::text::View;

/// Rows of which the first value is kept.
const STEP: usize = 64;

/// Where every so many rows begin.
#[derive(Clone, Debug)]
pub struct Order(Vec<(u32, u32)>);

impl Order {
    /// Nothing where a value lies before that of an earlier row, or shares bytes with it.
    pub fn of(views: &[View]) -> Option<Order> {
        let mut firsts = Vec::with_capacity(views.len().div_ceil(STEP));
        let mut end = (0, 0);
        for block in views.chunks(STEP) {
            // Where no row has a value, the next one that has some begins as well.
            let mut first = None;
            for view in block.iter().filter(|v| !v.is_null()) {
                let start = view.start();
                if start < end {
                    return None;
                }
                first.get_or_insert(start);
                end = view.end()?;
            }
            firsts.push(first.unwrap_or(end));
        }
        Some(Order(firsts))
    }

    /// The row whose value has the byte at a place of a buffer.
    pub fn row(&self, views: &[View], buffer: usize, at: usize) -> Option<usize> {
        let place = (u32::try_from(buffer).ok()?, u32::try_from(at).ok()?);
        let block = self.0.partition_point(|first| *first <= place).checked_sub(1)?;
        // Blocks without a value, and those of empty values, begin where the one before them ends.
        (0..=block).rev().find_map(|block| {
            let rows = block * STEP..((block + 1) * STEP).min(views.len());
            let found = rows.clone().find(|row| views.get(*row).is_some_and(|v| !v.is_null() && v.start() <= place && v.end().is_some_and(|end| place < end)));
            let is_left = self.0.get(block).is_some_and(|first| *first < place);
            found.map(Some).or(is_left.then_some(None))
        })?
    }
}

#[cfg(test)]
mod tests {
    use crate::column::Text;

    #[test]
    fn rows_of_places_are_those_of_the_values() {
        let value = |i: usize| match i % 300 {
            0..100 => None,
            100..250 => Some("x".repeat(i % 5)),
            _ => Some(String::new()),
        };
        let mut text: Text = (0..1000).map(value).collect();
        text.append(&(0..200).map(|i| Some(i.to_string())).collect());
        text.append_nulls(130);
        let lengths: Vec<usize> = text.buffers().iter().map(|b| b.len()).collect();
        for (buffer, length) in lengths.into_iter().enumerate() {
            for at in 0..length {
                let wanted = (0..text.len()).find(|row| text.place(*row).is_some_and(|(b, bytes)| b == buffer && bytes.contains(&at)));
                assert!(wanted.is_some() && text.in_order());
                assert_eq!(text.row_at(buffer, at), wanted, "{buffer} {at}");
            }
            assert_eq!(text.row_at(buffer, length), None);
        }
        assert_eq!(text.row_at(9, 0), None);
        assert!(!text.take(&[150, 101]).in_order() && !text.take(&[150, 151, 151, 152]).in_order() && text.take(&[101, 150, 1010]).in_order());
    }
}
