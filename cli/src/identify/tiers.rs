//! What a month costs, by a table of prices: so much for so many unique companies.
//!
//! A table is CSV with the columns `from`, `to` and `price`, and if there is one `currency`. The last `to` may
//! be empty: then there is no end. Prices are not reckoned with, and stay as they are written.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Failure;

const COLUMNS: &str = "a table of prices has the columns from, to, price and, if it must, currency";

/// A row of the table: the price of a month with so many companies, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    from: u64,
    to: Option<u64>,
    price: String,
    #[serde(default)]
    currency: String,
}

/// A table of prices, in which every number of companies up to the last has one price.
#[derive(Debug)]
pub struct Tiers(Vec<Tier>);

/// What a month costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Price {
    /// As the table has it; nothing, if it ends before.
    #[serde(rename = "price")]
    pub amount: Option<String>,
    pub currency: Option<String>,
    /// As in `1-50`.
    pub tier: Option<String>,
}

impl Tiers {
    /// Reads a table.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let told =
            |error: &dyn std::fmt::Display| Failure::Error(format!("{}: {error}", path.display()));
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_path(path)
            .map_err(|error| told(&error))?;
        let mut tiers: Vec<(u64, Tier)> = Vec::new();
        let headers = reader.headers().map_err(|error| told(&error))?.clone();
        if let Some(missing) =
            ["from", "to", "price"].into_iter().find(|name| !headers.iter().any(|of| of == *name))
        {
            return Err(told(&format_args!("line 1: there is no column {missing}; {COLUMNS}")));
        }
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).map_err(|error| told(&error))? {
            let line = row.position().map_or(0, csv::Position::line);
            let tier: Tier = row.deserialize(Some(&headers)).map_err(|error| {
                let reason = match error.kind() {
                    csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
                    _ => error.to_string(),
                };
                told(&format_args!("line {line}: {reason}; {COLUMNS}"))
            })?;
            tiers.push((line, tier));
        }
        sound(&tiers).map_err(|(line, reason)| told(&format_args!("line {line}: {reason}")))?;
        Ok(Self(tiers.into_iter().map(|(_, tier)| tier).collect()))
    }

    /// The price of a month with so many companies.
    pub fn price(&self, companies: u64) -> Price {
        let holds =
            |tier: &&Tier| tier.from <= companies && tier.to.is_none_or(|to| companies <= to);
        let tier = self.0.iter().find(holds);
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        Price {
            amount: tier.and_then(|tier| text(&tier.price)),
            currency: tier.and_then(|tier| text(&tier.currency)),
            tier: tier.map(|tier| match tier.to {
                Some(to) => format!("{}-{to}", tier.from),
                None => format!("{}+", tier.from),
            }),
        }
    }
}

/// Do the rows follow each other without gap and overlap, from 0 or 1 on?
fn sound(tiers: &[(u64, Tier)]) -> Result<(), (u64, String)> {
    let Some((_, first)) = tiers.first() else {
        return Err((1, "there are no rows; write from,to,price and a row for each tier".into()));
    };
    if first.from > 1 {
        let reason = format!(
            "the first tier begins at {}; months with fewer companies have no price",
            first.from
        );
        return Err((tiers[0].0, reason));
    }
    let mut before: Option<&Tier> = None;
    for (line, tier) in tiers {
        if tier.to.is_some_and(|to| to < tier.from) {
            return Err((*line, format!("it ends before it begins, at {}", tier.from)));
        }
        let plain = tier.price.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !plain || tier.price.parse::<f64>().is_err() {
            return Err((*line, format!("{:?} is no price; write it as in 49.50", tier.price)));
        }
        match before.map(|before| before.to) {
            Some(None) => {
                return Err((
                    *line,
                    "the tier before it has no end, so this one is never met".into(),
                ));
            }
            Some(Some(to)) if tier.from <= to => {
                return Err((
                    *line,
                    format!(
                        "it overlaps the tier before it: {} companies have two prices",
                        tier.from
                    ),
                ));
            }
            Some(Some(to)) if tier.from > to + 1 => {
                let last = tier.from - 1;
                return Err((
                    *line,
                    format!(
                        "there is a gap before it: {} to {last} companies have no price",
                        to + 1
                    ),
                ));
            }
            _ => {}
        }
        before = Some(tier);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str) -> Result<Tiers, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tiers.csv");
        std::fs::write(&path, table).unwrap();
        Tiers::read(&path).map_err(|failure| match failure {
            Failure::Error(message) => message,
            _ => String::new(),
        })
    }

    #[test]
    fn a_month_has_the_price_of_the_tier_it_is_in() {
        let tiers = read("from,to,price,currency\n0,50,49.50,EUR\n51,,99,EUR\n").unwrap();
        for (companies, price, tier) in
            [(0, "49.50", "0-50"), (50, "49.50", "0-50"), (51, "99", "51+"), (9999, "99", "51+")]
        {
            let told = tiers.price(companies);
            assert_eq!((told.amount.as_deref(), told.tier.as_deref()), (Some(price), Some(tier)));
            assert_eq!(told.currency.as_deref(), Some("EUR"));
        }
        let ended = read("# of 2026\nfrom,to,price\n1,50,49.50\n").unwrap();
        assert_eq!(ended.price(51), Price { amount: None, currency: None, tier: None });
    }

    #[test]
    fn gaps_and_overlaps_are_named() {
        for (table, expected) in [
            ("from,to,price\n", "line 1: there are no rows"),
            ("from,to,price\n2,50,1\n", "line 2: the first tier begins at 2"),
            (
                "from,to,price\n0,50,1\n50,60,2\n",
                "line 3: it overlaps the tier before it: 50 companies",
            ),
            (
                "from,to,price\n0,50,1\n60,70,2\n",
                "line 3: there is a gap before it: 51 to 59 companies",
            ),
            ("from,to,price\n0,,1\n60,70,2\n", "line 3: the tier before it has no end"),
            ("from,to,price\n0,50,1\n60,55,2\n", "line 3: it ends before it begins"),
            ("from,to,price\n0,50,cheap\n", "line 2: \"cheap\" is no price"),
            ("from,to,price\n0,50,1.2.3\n", "line 2: \"1.2.3\" is no price"),
            ("from,to,price\n0,50,.\n", "line 2: \".\" is no price"),
            ("from,to,price\nx,50,1\n", "line 2: "),
            ("from,price\n0,1\n", "line 1: there is no column to"),
        ] {
            let error = read(table).unwrap_err();
            assert!(error.contains("tiers.csv: ") && error.contains(expected), "{table}: {error}");
        }
    }
}
