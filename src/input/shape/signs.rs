//! Which of several texts stands at a place: two of its bytes mostly tell.

use crate::input::near::Text;

/// Fewer texts are compared one after the other.
const FEWEST: usize = 3;

/// Two bytes that tell texts apart.
#[derive(Debug)]
pub struct Signs {
    /// How far behind the start of a text they are.
    places: [usize; 2],
    /// For what they come to, the first of the texts that may stand there.
    first: [u8; 256],
}

impl Signs {
    /// Those of texts, 255 at most, which are asked for in this order; nothing where there are too few to be told apart.
    pub fn new(texts: &[&Text]) -> Option<Signs> {
        let reach = texts.iter().map(|text| text.start().len()).max().filter(|_| texts.len() >= FEWEST)?;
        let better = |a: Signs, b: Signs| if b.work(texts) < a.work(texts) { b } else { a };
        // The best one alone, then the best one beside it.
        let [place, _] = (0..reach).map(|at| Signs::at([at; 2], texts)).reduce(better)?.places;
        (0..reach).map(|at| Signs::at([place, at], texts)).reduce(better)
    }

    fn at(places: [usize; 2], texts: &[&Text]) -> Signs {
        let mut first = [texts.len() as u8; 256];
        for (i, text) in texts.iter().enumerate().rev() {
            match index(text.start(), 0, places).and_then(|index| first.get_mut(index)) {
                Some(first) => *first = i as u8,
                // What comes behind a text that is shorter than that is unknown.
                None => first.fill(i as u8),
            }
        }
        Signs { places, first }
    }

    /// How many texts are compared before the right one is found, if all are as frequent.
    fn work(&self, texts: &[&Text]) -> usize {
        texts.iter().enumerate().map(|(i, text)| i.saturating_sub(self.first(text.start(), 0))).sum()
    }

    /// Texts with a lower number than this do not stand at the place.
    #[inline(always)]
    pub fn first(&self, bytes: &[u8], at: u32) -> usize {
        index(bytes, at, self.places).and_then(|index| self.first.get(index)).map_or(0, |first| usize::from(*first))
    }
}

/// What two bytes come to, unless the bytes end before.
#[inline(always)]
fn index(bytes: &[u8], at: u32, places: [usize; 2]) -> Option<usize> {
    let [a, b] = places.map(|place| bytes.get(at as usize + place));
    Some(usize::from(a?.wrapping_mul(5).wrapping_add(*b?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No text that stands at a place is left out.
        #[test]
        fn the_first_text_that_stands_is_found(texts in prop::collection::vec("[ab]{0,3}[a-e]{0,4}x{0,70}", 3..20), more in "[a-e]{0,6}", last in 0..20usize) {
            let texts: Vec<Text> = texts.iter().map(|text| Text::new(text.as_bytes())).collect();
            let all: Vec<&Text> = texts.iter().collect();
            let signs = Signs::new(&all);
            prop_assert_eq!(signs.is_some(), texts.iter().any(|text| text.len() > 0));
            let bytes = [texts.get(last).map_or(&b"ab"[..], Text::start), more.as_bytes()].concat();
            for at in 0..bytes.len() {
                let stands = texts.iter().position(|text| bytes[at..].starts_with(text.start()));
                let first = signs.as_ref().map_or(0, |signs| signs.first(&bytes, at as u32));
                prop_assert!(stands.is_none_or(|stands| first <= stands));
            }
        }
    }

    #[test]
    fn texts_are_told_apart() {
        let texts = [1, 10, 11, 12, 13, 22, 3, 7].map(|id| Text::new(format!(",\"EventID\":{id},\"").as_bytes()));
        let signs = Signs::new(&texts.iter().collect::<Vec<_>>()).unwrap();
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(signs.first(text.start(), 0), i);
        }
        assert_eq!(signs.first(b",\"EventID\":8,\"", 0), texts.len());
        assert!(Signs::new(&texts[..2].iter().collect::<Vec<_>>()).is_none());
    }
}
