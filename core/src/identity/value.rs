//! What the value of a field must be, whoever says it: a source, or who has it put right.

use super::{check_country, check_lei, check_vat, elf};
use crate::company::Field;

/// A value as it is kept, or why it is none: what has a check digit or a list of codes is held against it.
///
/// A country is an ISO 3166-1 alpha-2 code and an LEI a legal entity identifier (ISO 17442), both in
/// upper case; a VAT number is checked where the country's rule is known; a legal form is a code of ISO
/// 20275 or text, and what looks like a code must be one; domains are in lower case.
pub(crate) fn checked(field: Field, text: &str) -> Result<String, &'static str> {
    match field {
        Field::Country => {
            let code = text.to_ascii_uppercase();
            check_country(&code).map(|()| code)
        }
        Field::Lei => {
            let code = text.to_ascii_uppercase();
            check_lei(&code).map(|()| code)
        }
        Field::Vat => {
            let digits = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-'));
            let number = digits.collect::<String>().to_uppercase();
            check_vat(&number).map(|()| number)
        }
        Field::LegalForm => {
            // Forms such as GMBH or SARL have four letters too, but no digit.
            let is_code = |text: &str| {
                text.len() == 4
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
                    && text.bytes().any(|byte| byte.is_ascii_digit())
            };
            if !is_code(text) {
                return Ok(text.to_owned());
            }
            let code = text.to_ascii_uppercase();
            elf::of_code(&code).map(|_| code).ok_or(
                "is not a code of ISO 20275 (list of 2023-09-28); correct it, or write the form as text",
            )
        }
        Field::Domain => Ok(text.to_lowercase()),
        _ => Ok(text.to_owned()),
    }
}
