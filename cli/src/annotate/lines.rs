//! Blocks of lines, each line with what is known of its visitor added.

use arrow_array::ArrayRef;
use arrow_array::builder::FixedSizeBinaryBuilder;
use firmtrie::client::TrustedProxies;
use firmtrie::columns::{Column, Invalid};
use memchr::{memchr, memchr_iter, memmem};

use super::Index;
use crate::Failure;
use crate::answers::{Style, Values};
use crate::log::Broken;
use crate::log::input::{BOM, Block, records_and_ends};
use crate::log::json::keys;
use crate::log::layout::Layout;
use crate::log::separated::is_open;
use crate::log::visitor::{bits, visitor};

/// What is added to lines.
pub struct Annotator<'a> {
    pub index: &'a Index,
    pub proxies: TrustedProxies,
    pub columns: Vec<Column>,
    /// What the columns are called.
    pub names: Vec<String>,
}

/// A block, annotated.
#[derive(Default)]
pub struct Annotated {
    pub text: Vec<u8>,
    pub lines: u64,
    /// Lines that were not understood, by [`Broken`].
    pub broken: [u64; Broken::ALL.len()],
    /// The first of them, from 0.
    pub first_broken: Option<(u64, Broken)>,
}

/// Why a block cannot be annotated.
pub enum Fault {
    /// A line of it, from 0, and why.
    Line(u64, String),
    Other(Failure),
}

impl Fault {
    /// The failure, in a log of this name whose block begins with this line.
    pub fn at(self, name: &str, first: u64) -> Failure {
        match self {
            Self::Line(line, reason) => {
                Failure::Error(format!("{name}:{}: {reason}", first + line))
            }
            Self::Other(failure) => failure,
        }
    }
}

/// What a line is.
enum Line {
    /// Of a request; or one that is not understood, whose columns are empty.
    Request,
    /// It names columns, and has them named anew.
    Header,
    /// Passed on as it is: blank, a remark, broken JSON.
    Other,
}

impl Annotator<'_> {
    /// Annotates a block.
    pub fn annotate(&self, block: &Block) -> Result<Annotated, Fault> {
        let mut annotated = Annotated::default();
        let count = memchr_iter(b'\n', &block.text).count() + 1;
        let mut addresses = FixedSizeBinaryBuilder::with_capacity(count, 16);
        let mut kinds = Vec::with_capacity(count);
        let mut renewed = None;
        let quoting = block.layout.quoting();
        for (line, _) in records_and_ends(&block.text, quoting) {
            let layout = renewed.as_ref().unwrap_or(&*block.layout);
            let (kind, address) = self.read(layout, line, annotated.lines, &mut annotated)?;
            renewed = block.renewed(line).or(renewed);
            kinds.push(kind);
            match address {
                // Sixteen bytes are what the builder takes.
                Some(address) => drop(addresses.append_value(bits(address).to_be_bytes())),
                None => addresses.append_null(),
            }
            let more = quoting.map_or(0, |_| memchr_iter(b'\n', line).count() as u64);
            annotated.lines += 1 + more;
        }
        let addresses: ArrayRef = std::sync::Arc::new(addresses.finish());
        let known = self.index.lookup_columns(&[addresses], &self.columns, Invalid::Null);
        let known = known.map_err(|error| Fault::Other(error.into()))?;
        let style = style(&block.layout);
        let values: Vec<_> =
            known.batch.columns().iter().map(|column| Values::of(column, style)).collect();
        if block.has_bom {
            annotated.text.extend(BOM);
        }
        annotated.text.reserve(block.text.len() + count * 16 * self.columns.len());
        for (row, ((line, end), kind)) in
            records_and_ends(&block.text, quoting).zip(kinds).enumerate()
        {
            let text = &mut annotated.text;
            match kind {
                Line::Request => {
                    self.add(line, style, text, |place, text| {
                        values[place].write(row, style, text);
                    });
                }
                Line::Header => self.add(line, style.of_header(), text, |place, text| {
                    text.extend(style.text(&self.names[place]));
                }),
                Line::Other => text.extend(line),
            }
            text.extend(end);
        }
        Ok(annotated)
    }

    /// Reads a line: what it is, and whose.
    fn read(
        &self,
        layout: &Layout,
        line: &[u8],
        number: u64,
        annotated: &mut Annotated,
    ) -> Result<(Line, Option<std::net::IpAddr>), Fault> {
        if layout.passes_over(line) {
            if layout.names_columns(line) {
                self.free(layout, line).map_err(|reason| Fault::Line(number, reason))?;
                return Ok((Line::Header, None));
            }
            return Ok((Line::Other, None));
        }
        let parts = layout.split(line);
        let is_split = parts.is_some();
        let address = parts.ok_or(Broken::Layout).and_then(|parts| visitor(&self.proxies, &parts));
        self.free(layout, line).map_err(|reason| Fault::Line(number, reason))?;
        let broken = match address {
            Ok(address) => return Ok((Line::Request, Some(address))),
            Err(broken) => broken,
        };
        annotated.broken[broken as usize] += 1;
        annotated.first_broken.get_or_insert((number, broken));
        match layout {
            // An object is what keys can be added to, and behind a quote that is open no column is one.
            Layout::Json(_) if !is_split => Ok((Line::Other, None)),
            Layout::Separated(columns)
                if columns.has_quotes() && is_open(line, columns.separator()) =>
            {
                Ok((Line::Other, None))
            }
            _ => Ok((Line::Request, None)),
        }
    }

    /// Are the names free that are added to an object or a header?
    fn free(&self, layout: &Layout, line: &[u8]) -> Result<(), String> {
        let taken = match layout {
            Layout::Pattern(_) => None,
            Layout::Separated(columns) => columns.taken(line, &self.names),
            Layout::Json(_) => self.taken(line),
        };
        match taken {
            None => Ok(()),
            Some(name) => Err(format!(
                "there is a column {name} already; give the added ones other names, as with --prefix visitor_"
            )),
        }
    }

    /// A name that an object has as a key.
    fn taken(&self, line: &[u8]) -> Option<&str> {
        // A key may be written with escapes.
        let is_somewhere = |name: &String| memmem::find(line, name.as_bytes()).is_some();
        if memchr(b'\\', line).is_none() && !self.names.iter().any(is_somewhere) {
            return None;
        }
        // Seldom, and then it may stand in a value, or deeper.
        let keys = keys(line)?;
        self.names.iter().find(|name| keys.contains(*name)).map(String::as_str)
    }

    /// Adds columns to a line.
    fn add(
        &self,
        line: &[u8],
        style: Style,
        text: &mut Vec<u8>,
        value: impl Fn(usize, &mut Vec<u8>),
    ) {
        let (start, end) = match style {
            Style::Json => line.split_at(line.trim_ascii_end().len().saturating_sub(1)),
            _ => (line, &b""[..]),
        };
        text.extend(start);
        let is_empty = style == Style::Json && start.trim_ascii_end().ends_with(b"{");
        for (place, name) in self.names.iter().enumerate() {
            if place > 0 || !is_empty {
                style.between(text);
            }
            if style == Style::Json {
                text.extend(style.text(name));
                text.push(b':');
            }
            value(place, text);
        }
        text.extend(end);
    }
}

fn style(layout: &Layout) -> Style {
    match layout {
        Layout::Pattern(_) => Style::Log,
        Layout::Json(_) => Style::Json,
        Layout::Separated(columns) => {
            let separator = columns.separator();
            if columns.is_w3c() { Style::W3c(separator) } else { Style::Separated(separator) }
        }
    }
}
