//! Blocks of bytes, or of codes, compared at once, in the widest instructions that the processor has.
//!
//! The program runs on every processor of its kind, and newer ones compare much more in one instruction than that allows for. So
//! [`Work`] is compiled for any processor, and again for newer ones.

use std::sync::LazyLock;
use wide::{u8x16, u32x8};

/// Bytes that are compared at once.
pub const BLOCK: usize = 32;

/// Bytes that are compared at once.
pub type Block = [u8; BLOCK];

/// Bytes for which there is a bit each in a word.
pub const WORD: usize = 64;

/// The places of the bits that are set in a word, ascending.
pub fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}

/// The text that bytes are, where all of them are ASCII: of short values that is known sooner than that they are UTF-8.
#[inline(always)]
pub fn ascii(bytes: &[u8]) -> Option<&str> {
    // SAFETY: ASCII is UTF-8.
    bytes.is_ascii().then(|| unsafe { std::str::from_utf8_unchecked(bytes) })
}

/// What processors do with blocks.
pub trait Lanes: Copy {
    /// The places at which two blocks agree, as bits.
    fn equal(self, a: &Block, b: &Block) -> u32;

    /// The places at which two windows differ, as bits.
    #[inline(always)]
    fn differ(self, a: &[u8; WORD], b: &[u8; WORD]) -> u64 {
        let halves = a.as_chunks().0.iter().zip(b.as_chunks().0);
        !halves.rev().fold(0, |bits, (a, b)| bits << BLOCK | u64::from(self.equal(a, b)))
    }

    /// The places of ASCII digits, as bits.
    fn digits(self, block: &Block) -> u32;

    /// The places of a code, as bits.
    #[inline(always)]
    fn find_code(self, codes: &[u32; WORD], code: u32) -> u64 {
        let code = u32x8::splat(code);
        codes.as_chunks::<8>().0.iter().rev().fold(0, |bits, codes| bits << 8 | u64::from(u32x8::new(*codes).simd_eq(code).to_bitmask()))
    }

    /// The places of a byte, as bits.
    #[inline(always)]
    fn find(self, bytes: &[u8; WORD], byte: u8) -> u64 {
        bytes.as_chunks::<BLOCK>().0.iter().rev().fold(0, |bits, block| bits << BLOCK | u64::from(self.equal(block, &[byte; BLOCK])))
    }

    /// The places of a byte after some bits were set in all of them, as bits: letters of either case differ in one.
    #[inline(always)]
    fn find_folded(self, bytes: &[u8; WORD], fold: u8, byte: u8) -> u64 {
        let equal = |block: &Block| u64::from(self.equal(&block.map(|b| b | fold), &[byte; BLOCK]));
        bytes.as_chunks::<BLOCK>().0.iter().rev().fold(0, |bits, block| bits << BLOCK | equal(block))
    }

    /// The places of bytes that are at least as large as one, as bits.
    #[inline(always)]
    fn find_above(self, bytes: &[u8; WORD], least: u8) -> u64 {
        let above = |half: &[u8; 16]| u64::from(u8x16::new(*half).max(u8x16::splat(least)).simd_eq(u8x16::new(*half)).to_bitmask());
        bytes.as_chunks().0.iter().rev().fold(0, |bits, half| bits << 16 | above(half))
    }

    /// Tells the processor that a place will be read soon.
    #[inline(always)]
    fn fetch(self, _bytes: &[u8], _at: usize) {}

    /// The same of a place that will be read later than others that are near.
    #[inline(always)]
    fn fetch_early(self, _bytes: &[u8], _at: usize) {}

    /// Writes the places of the bits that are set, counted from a base. What comes behind them is of no meaning.
    #[inline(always)]
    fn places(self, mut bits: u64, base: u32, places: &mut [u32; WORD]) {
        // Writing a few too many costs less than asking how many there are.
        let count = bits.count_ones() as usize;
        for some in places.as_chunks_mut::<8>().0.iter_mut().take(count.div_ceil(8)) {
            for place in some {
                *place = base.wrapping_add(bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
            }
        }
    }
}

/// What is to be done with blocks.
pub trait Work {
    type Answer;

    /// Does it. Has to be inlined with all that asks the lanes: what is called instead is compiled for any processor.
    fn run<L: Lanes>(self, lanes: L) -> Self::Answer;
}

/// What a processor can do.
#[derive(Clone, Copy)]
enum Width {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Wide,
    #[cfg(target_arch = "x86_64")]
    Wider,
}

/// What this processor can do.
static WIDTH: LazyLock<Width> = LazyLock::new(|| {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx2") && has!("bmi1") && has!("bmi2") && has!("lzcnt") && has!("popcnt") {
            return if has!("avx512f") && has!("avx512bw") && has!("avx512vbmi2") { Width::Wider } else { Width::Wide };
        }
    }
    Width::Plain
});

/// Does the work with what this processor has.
#[inline]
pub fn run<W: Work>(work: W) -> W::Answer {
    match *WIDTH {
        Width::Plain => work.run(Plain),
        // SAFETY: the processor has what the function is compiled for, which is all that it asks.
        #[cfg(target_arch = "x86_64")]
        Width::Wide => unsafe { x86::run_wide(work) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Width::Wider => unsafe { x86::run_wider(work) },
    }
}

/// For any processor.
#[derive(Clone, Copy)]
pub struct Plain;

impl Lanes for Plain {
    #[inline(always)]
    fn equal(self, a: &Block, b: &Block) -> u32 {
        let mut halves = a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0).map(|(a, b)| u8x16::new(*a).simd_eq(u8x16::new(*b)).to_bitmask());
        halves.next().unwrap_or_default() | halves.next().unwrap_or_default() << 16
    }

    #[inline(always)]
    fn digits(self, block: &Block) -> u32 {
        let digits = |half: &[u8; 16]| {
            let above = u8x16::new(half.map(|b| b.wrapping_sub(b'0')));
            above.simd_eq(above.min(u8x16::splat(9))).to_bitmask()
        };
        let mut halves = block.as_chunks::<16>().0.iter().map(digits);
        halves.next().unwrap_or_default() | halves.next().unwrap_or_default() << 16
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{BLOCK, Block, Lanes, WORD, Work};
    use std::arch::x86_64::*;

    /// Does the work with 32 bytes an instruction.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub fn run_wide<W: Work>(work: W) -> W::Answer {
        work.run(Wide(()))
    }

    /// Does the work with 32 bytes an instruction, and finds bytes among 64.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vbmi2")]
    pub fn run_wider<W: Work>(work: W) -> W::Answer {
        work.run(Wider(Wide(())))
    }

    /// For processors with AVX2. There is one only inside of the functions above.
    #[derive(Clone, Copy)]
    struct Wide(());

    impl Lanes for Wide {
        #[inline(always)]
        fn equal(self, a: &Block, b: &Block) -> u32 {
            // SAFETY: whoever made this value has asked the processor.
            unsafe { equal(a, b) }
        }

        #[inline(always)]
        fn digits(self, block: &Block) -> u32 {
            // SAFETY: as above.
            unsafe { digits(block) }
        }

        #[inline(always)]
        fn fetch(self, bytes: &[u8], at: usize) {
            fetch::<_MM_HINT_T0>(bytes, at);
        }

        #[inline(always)]
        fn fetch_early(self, bytes: &[u8], at: usize) {
            fetch::<_MM_HINT_T1>(bytes, at);
        }

        #[inline(always)]
        fn find_code(self, codes: &[u32; WORD], code: u32) -> u64 {
            // SAFETY: as above.
            unsafe { find_code(codes, code) }
        }

        #[inline(always)]
        fn find_above(self, bytes: &[u8; WORD], least: u8) -> u64 {
            // SAFETY: as above.
            unsafe { find_above(bytes, least) }
        }
    }

    /// For processors with AVX-512 as newer ones have it. There is one only inside of [`run_wider`].
    #[derive(Clone, Copy)]
    struct Wider(Wide);

    impl Lanes for Wider {
        #[inline(always)]
        fn equal(self, a: &Block, b: &Block) -> u32 {
            self.0.equal(a, b)
        }

        #[inline(always)]
        fn digits(self, block: &Block) -> u32 {
            self.0.digits(block)
        }

        #[inline(always)]
        fn fetch(self, bytes: &[u8], at: usize) {
            fetch::<_MM_HINT_T0>(bytes, at);
        }

        #[inline(always)]
        fn fetch_early(self, bytes: &[u8], at: usize) {
            fetch::<_MM_HINT_T1>(bytes, at);
        }

        #[inline(always)]
        fn differ(self, a: &[u8; WORD], b: &[u8; WORD]) -> u64 {
            // SAFETY: whoever made this value has asked the processor.
            unsafe { differ(a, b) }
        }

        #[inline(always)]
        fn find(self, bytes: &[u8; WORD], byte: u8) -> u64 {
            // SAFETY: whoever made this value has asked the processor.
            unsafe { find(bytes, byte) }
        }

        #[inline(always)]
        fn find_folded(self, bytes: &[u8; WORD], fold: u8, byte: u8) -> u64 {
            // SAFETY: as above.
            unsafe { find_folded(bytes, fold, byte) }
        }

        #[inline(always)]
        fn find_code(self, codes: &[u32; WORD], code: u32) -> u64 {
            // SAFETY: as above.
            unsafe { find_code_wider(codes, code) }
        }

        #[inline(always)]
        fn find_above(self, bytes: &[u8; WORD], least: u8) -> u64 {
            // SAFETY: as above.
            unsafe { find_above_wider(bytes, least) }
        }

        #[inline(always)]
        fn places(self, bits: u64, base: u32, places: &mut [u32; WORD]) {
            // SAFETY: as above.
            unsafe { write_places(bits, base, places) }
        }
    }

    #[inline(always)]
    fn fetch<const HOW: i32>(bytes: &[u8], at: usize) {
        if let Some(byte) = bytes.get(at) {
            // SAFETY: nothing is read, and the place is one of the bytes.
            unsafe { _mm_prefetch::<HOW>(std::ptr::from_ref(byte).cast()) };
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn equal(a: &Block, b: &Block) -> u32 {
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(load(a), load(b))) as u32
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn digits(block: &Block) -> u32 {
        let above = _mm256_sub_epi8(load(block), _mm256_set1_epi8(b'0' as i8));
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(above, _mm256_min_epu8(above, _mm256_set1_epi8(9)))) as u32
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn load(block: &Block) -> __m256i {
        // SAFETY: a block is as long as what is read, which need not be aligned.
        unsafe { _mm256_loadu_si256(block.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn find_code(codes: &[u32; WORD], code: u32) -> u64 {
        let code = _mm256_set1_epi32(code as i32);
        codes.as_chunks::<8>().0.iter().rev().fold(0, |bits, codes| {
            // SAFETY: there are as many codes as are read, which need not be aligned.
            let codes = unsafe { _mm256_loadu_si256(codes.as_ptr().cast()) };
            let here = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(codes, code)));
            bits << 8 | u64::from(here as u32)
        })
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn find_above(bytes: &[u8; WORD], least: u8) -> u64 {
        bytes.as_chunks().0.iter().rev().fold(0, |bits, block| {
            let block = load(block);
            let above = _mm256_cmpeq_epi8(_mm256_max_epu8(block, _mm256_set1_epi8(least as i8)), block);
            bits << BLOCK | u64::from(_mm256_movemask_epi8(above) as u32)
        })
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn find_above_wider(bytes: &[u8; WORD], least: u8) -> u64 {
        // SAFETY: there are as many bytes as are read, which need not be aligned.
        let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        _mm512_cmpge_epu8_mask(bytes, _mm512_set1_epi8(least as i8))
    }

    #[target_feature(enable = "avx512f")]
    #[inline]
    fn find_code_wider(codes: &[u32; WORD], code: u32) -> u64 {
        let code = _mm512_set1_epi32(code as i32);
        codes.as_chunks::<16>().0.iter().rev().fold(0, |bits, codes| {
            // SAFETY: there are as many codes as are read, which need not be aligned.
            let codes = unsafe { _mm512_loadu_si512(codes.as_ptr().cast()) };
            bits << 16 | u64::from(_mm512_cmpeq_epi32_mask(codes, code))
        })
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn differ(a: &[u8; WORD], b: &[u8; WORD]) -> u64 {
        // SAFETY: there are as many bytes as are read, which need not be aligned.
        unsafe { _mm512_cmpneq_epi8_mask(_mm512_loadu_si512(a.as_ptr().cast()), _mm512_loadu_si512(b.as_ptr().cast())) }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn find(bytes: &[u8; WORD], byte: u8) -> u64 {
        // SAFETY: there are as many bytes as are read, which need not be aligned.
        let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte as i8))
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn find_folded(bytes: &[u8; WORD], fold: u8, byte: u8) -> u64 {
        // SAFETY: there are as many bytes as are read, which need not be aligned.
        let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        _mm512_cmpeq_epi8_mask(_mm512_or_si512(bytes, _mm512_set1_epi8(fold as i8)), _mm512_set1_epi8(byte as i8))
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    #[inline]
    fn write_places(bits: u64, base: u32, places: &mut [u32; WORD]) {
        const ALL: [u8; WORD] = {
            let mut all = [0; WORD];
            let mut i = 0;
            while i < WORD {
                all[i] = i as u8;
                i += 1;
            }
            all
        };
        // SAFETY: there are as many bytes as are read, which need not be aligned.
        let all = unsafe { _mm512_loadu_si512(ALL.as_ptr().cast()) };
        let mut set = _mm512_maskz_compress_epi8(bits, all);
        let base = _mm512_set1_epi32(base as i32);
        let mut left = bits.count_ones();
        for some in places.as_chunks_mut::<16>().0 {
            let sum = _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(set)));
            // SAFETY: there is as much room as is written, which need not be aligned.
            unsafe { _mm512_storeu_si512(some.as_mut_ptr().cast(), sum) };
            if left <= 16 {
                return;
            }
            left -= 16;
            set = _mm512_alignr_epi32::<4>(set, set);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct All<'a>(&'a [u8; WORD], u8);

    impl Work for All<'_> {
        type Answer = (u32, u32, u64, u64, u64, u64, u64, Vec<u32>);

        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Self::Answer {
            let block = self.0.first_chunk().unwrap();
            let bits = lanes.find(self.0, self.1);
            let mut places = [0; WORD];
            lanes.places(bits, 7, &mut places);
            let codes = lanes.find_code(&self.0.map(|b| u32::from(b) << 24), u32::from(self.1) << 24);
            let folded = lanes.find_folded(self.0, 0x20, self.1 | 0x20);
            let differ = lanes.differ(self.0, &[self.1; WORD]);
            let above = lanes.find_above(self.0, self.1);
            (
                lanes.equal(block, &[self.1; BLOCK]),
                lanes.digits(block),
                differ,
                bits,
                folded,
                codes,
                above,
                places.get(..bits.count_ones() as usize).unwrap().to_vec(),
            )
        }
    }

    #[test]
    fn every_processor_says_the_same() {
        for byte in 0..=u8::MAX {
            for step in [0, 1, 16, 50, 128] {
                let bytes: [u8; WORD] = std::array::from_fn(|i| byte.wrapping_add((i * i * step) as u8));
                let is = |i: &usize| bytes.get(*i) == Some(&byte);
                let bits = (0..WORD).filter(is).map(|i| 1_u64 << i).sum::<u64>();
                let digits = (0..BLOCK).filter(|i| bytes[*i].is_ascii_digit()).map(|i| 1_u32 << i).sum();
                let folded = (0..WORD).filter(|i| bytes[*i] | 0x20 == byte | 0x20).map(|i| 1_u64 << i).sum();
                let above = (0..WORD).filter(|i| bytes[*i] >= byte).map(|i| 1_u64 << i).sum();
                let wanted = (bits as u32, digits, !bits, bits, folded, bits, above, (0..WORD).filter(is).map(|i| i as u32 + 7).collect());
                assert_eq!(run(All(&bytes, byte)), wanted);
                assert_eq!(All(&bytes, byte).run(Plain), wanted);
                #[cfg(target_arch = "x86_64")]
                if !matches!(*WIDTH, Width::Plain) {
                    // SAFETY: the processor has what the function asks, as all that have more do.
                    assert_eq!(unsafe { x86::run_wide(All(&bytes, byte)) }, wanted);
                }
            }
        }
    }
}
