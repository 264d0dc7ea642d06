//! What lists and tables need while they grow.

/// Bytes that a list or a table of entries this wide takes for so many more of them, which it holds beside what it had before while it grows:
/// none where they have room.
pub fn growth(len: usize, capacity: usize, more: usize, width: usize) -> usize {
    let all = len.saturating_add(more);
    if all <= capacity { 0 } else { all.max(capacity.saturating_mul(2)).saturating_mul(width) }
}

#[cfg(test)]
mod tests {
    use super::growth;

    #[test]
    fn what_has_room_needs_none() {
        assert_eq!((growth(3, 8, 5, 4), growth(3, 8, 6, 4), growth(0, 0, 100, 4), growth(8, 8, usize::MAX, 4)), (0, 64, 400, usize::MAX));
    }
}
