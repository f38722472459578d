//! Enums that are words in every input and output: `words!` makes one, and says each word once.
//!
//! A word is read whatever its case, and with `-` for `_`; it is written as it stands here.

use crate::error::Error;

/// A word that is not one of a fixed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not one of {choices}")]
pub struct UnknownWord {
    word: String,
    choices: String,
}

impl UnknownWord {
    pub(crate) fn of(word: &str, choices: &[&str]) -> Self {
        Self { word: word.to_owned(), choices: choices.join(", ") }
    }

    /// The word that was read.
    pub fn word(&self) -> &str {
        &self.word
    }
}

impl From<UnknownWord> for Error {
    fn from(error: UnknownWord) -> Self {
        Self::Usage(format!("{:?} {error}", error.word))
    }
}

/// Are they the same but for case, and `-` for `_`?
pub(crate) fn same_word(word: &str, read: &str) -> bool {
    let plain = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
    word.bytes().map(plain).eq(read.trim().bytes().map(plain))
}

/// An enum whose variants are words. Variants are numbered as they are listed.
macro_rules! words {
    (
        $(#[$on_enum:meta])*
        pub enum $name:ident {
            $($(#[$on_variant:meta])* $variant:ident $(= $number:literal)? => $word:literal,)+
        }
    ) => {
        $(#[$on_enum])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$on_variant])* $variant $(= $number)?,)+
        }

        impl $name {
            /// All of them, by ascending number.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word used in every input and output.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.into_iter().find(|it| {
                    $crate::words::same_word(it.as_str(), word)
                });
                known.ok_or_else(|| $crate::words::UnknownWord::of(word, &[$($word),+]))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                word.parse().map_err(|error| {
                    serde::de::Error::custom(format_args!("{word:?} {error}"))
                })
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        /// Two words.
        pub enum Two {
            /// One.
            One => "one",
            /// The other.
            OtherOne => "other_one",
        }
    }

    #[test]
    fn a_word_is_read_in_any_case_and_with_either_stroke_and_written_in_one_way() {
        for word in ["other_one", " Other-One\n", "OTHER_ONE"] {
            assert_eq!(word.parse(), Ok(Two::OtherOne));
        }
        assert_eq!(serde_json::to_string(&Two::ALL).unwrap(), r#"["one","other_one"]"#);
        assert_eq!(serde_json::from_str::<Two>(r#""one""#).unwrap(), Two::One);
        assert_eq!(format!("{:>9}", Two::OtherOne), "other_one");
    }

    #[test]
    fn another_word_is_refused_with_all_there_are() {
        let error = "three".parse::<Two>().unwrap_err();
        assert_eq!(error.word(), "three");
        assert_eq!(Error::from(error).to_string(), r#""three" is not one of one, other_one"#);
        let error = serde_json::from_str::<Two>(r#""three""#).unwrap_err();
        assert!(error.to_string().starts_with(r#""three" is not one of one, other_one"#));
    }
}
