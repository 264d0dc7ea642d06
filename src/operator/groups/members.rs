//! The rows of each group.

/// Rows by group, in their order.
#[derive(Debug)]
pub struct Members {
    rows: Vec<u32>,
    /// Where the rows of each group end, and those of the next one start.
    ends: Vec<u32>,
}

impl Members {
    /// Of the group of each row; rows without one stand nowhere.
    pub fn new(groups: &[u32], count: usize) -> Members {
        let mut ends = vec![0; count];
        groups.iter().for_each(|g| ends.get_mut(*g as usize).into_iter().for_each(|n| *n += 1));
        let mut before = 0;
        // Where the next row of a group goes to: behind the last of them that is where it ends.
        ends.iter_mut().for_each(|n| before += std::mem::replace(n, before));
        let mut rows = vec![0; before as usize];
        for (row, group) in groups.iter().enumerate() {
            let Some(place) = ends.get_mut(*group as usize) else { continue };
            rows.get_mut(*place as usize).into_iter().for_each(|r| *r = row as u32);
            *place += 1;
        }
        Members { rows, ends }
    }

    /// The rows of every group, by its number. No group is without rows.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.rows.get(start as usize..*end as usize).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::NO_GROUP;

    #[test]
    fn rows_stand_in_their_order() {
        let members = Members::new(&[1, 0, NO_GROUP, 1, 2, 0], 3);
        assert_eq!(members.iter().collect::<Vec<_>>(), [&[1, 5][..], &[0, 3], &[4]]);
        assert_eq!(Members::new(&[NO_GROUP], 0).iter().count(), 0);
    }
}
