//! Sets of flags as types. The macro has the syntax and the method names of the well-known `bitflags` crate, and the part of it that the kernel uses.
//!
//! It is our own for one reason (docs/adr/0002): in one workspace the tools' dependencies turn on that crate's `std` feature, and a kernel cannot link std.
#![no_std]
#![forbid(unsafe_code)]

/// Defines a set: `flags! { pub struct Name: u32 { const A = 1; const B = 2; } }`. Bits without a name are kept by `from_bits_retain` and by the operators.
#[macro_export]
macro_rules! flags {
    ($($(#[$attr:meta])* $vis:vis struct $name:ident: $repr:ty { $($(#[$flag_attr:meta])* const $flag:ident = $value:expr;)* })*) => {$(
        $(#[$attr])*
        #[repr(transparent)]
        $vis struct $name($repr);

        #[allow(dead_code)] // every set has all methods; not all are used of each
        impl $name {
            $($(#[$flag_attr])* pub const $flag: $name = $name($value);)*

            /// No flag.
            #[inline]
            pub const fn empty() -> Self {
                $name(0)
            }

            /// All flags that have a name.
            #[inline]
            pub const fn all() -> Self {
                $name(0 $(| $name::$flag.0)*)
            }

            /// The bits.
            #[inline]
            pub const fn bits(&self) -> $repr {
                self.0
            }

            /// The set with these bits; `None` if one of them has no name.
            #[inline]
            pub const fn from_bits(bits: $repr) -> Option<Self> {
                if bits & !Self::all().0 == 0 { Some($name(bits)) } else { None }
            }

            /// The set with those of the bits that have a name.
            #[inline]
            pub const fn from_bits_truncate(bits: $repr) -> Self {
                $name(bits & Self::all().0)
            }

            /// The set with exactly these bits.
            #[inline]
            pub const fn from_bits_retain(bits: $repr) -> Self {
                $name(bits)
            }

            /// Whether no bit is set.
            #[inline]
            pub const fn is_empty(&self) -> bool {
                self.0 == 0
            }

            /// Whether all flags of `other` are in it.
            #[inline]
            pub const fn contains(&self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether any flag of `other` is in it.
            #[inline]
            pub const fn intersects(&self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Adds the flags of `other`.
            #[inline]
            pub const fn insert(&mut self, other: Self) {
                self.0 |= other.0;
            }

            /// Takes the flags of `other` out.
            #[inline]
            pub const fn remove(&mut self, other: Self) {
                self.0 &= !other.0;
            }

            /// Adds or takes out the flags of `other`.
            #[inline]
            pub const fn set(&mut self, other: Self, on: bool) {
                if on { self.insert(other) } else { self.remove(other) }
            }

            /// In one or the other.
            #[inline]
            pub const fn union(self, other: Self) -> Self {
                $name(self.0 | other.0)
            }

            /// In both.
            #[inline]
            pub const fn intersection(self, other: Self) -> Self {
                $name(self.0 & other.0)
            }

            /// In it and not in `other`.
            #[inline]
            pub const fn difference(self, other: Self) -> Self {
                $name(self.0 & !other.0)
            }

            /// Each named flag that is set, with its name, in the order of definition.
            pub fn iter_names(&self) -> impl Iterator<Item = (&'static str, Self)> + use<> {
                let set = *self;
                [$((stringify!($flag), $name::$flag)),*].into_iter().filter(move |(_, flag)| flag.0 != 0 && set.contains(*flag))
            }
        }

        impl core::ops::BitOr for $name {
            type Output = Self;
            #[inline]
            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }

        impl core::ops::BitOrAssign for $name {
            #[inline]
            fn bitor_assign(&mut self, other: Self) {
                self.insert(other);
            }
        }

        impl core::ops::BitAnd for $name {
            type Output = Self;
            #[inline]
            fn bitand(self, other: Self) -> Self {
                self.intersection(other)
            }
        }

        impl core::ops::BitAndAssign for $name {
            #[inline]
            fn bitand_assign(&mut self, other: Self) {
                self.0 &= other.0;
            }
        }

        impl core::ops::Sub for $name {
            type Output = Self;
            #[inline]
            fn sub(self, other: Self) -> Self {
                self.difference(other)
            }
        }

        impl core::ops::SubAssign for $name {
            #[inline]
            fn sub_assign(&mut self, other: Self) {
                self.remove(other);
            }
        }

        impl core::ops::BitXor for $name {
            type Output = Self;
            #[inline]
            fn bitxor(self, other: Self) -> Self {
                $name(self.0 ^ other.0)
            }
        }

        /// All named flags that are not in the set.
        impl core::ops::Not for $name {
            type Output = Self;
            #[inline]
            fn not(self) -> Self {
                $name(!self.0 & Self::all().0)
            }
        }
    )*};
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    crate::flags! {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        struct Set: u8 {
            const A = 1;
            const B = 2;
            const AB = 3;
        }
    }

    #[test]
    fn sets_behave_as_sets() {
        let mut set = Set::A | Set::B;
        assert!(set.contains(Set::AB) && set.intersects(Set::A) && !set.is_empty());
        set -= Set::A;
        assert_eq!(set, Set::B);
        set.set(Set::A, true);
        assert_eq!(!set, Set::empty());
        assert_eq!(Set::all() & !Set::B, Set::A);
        assert_eq!((Set::from_bits(4), Set::from_bits_truncate(7)), (None, Set::AB));
        assert_eq!(Set::from_bits_retain(4).bits(), 4);
        assert_eq!(Set::B.iter_names().map(|(name, _)| name).collect::<Vec<_>>(), ["B"]);
    }
}
