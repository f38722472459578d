//! Visits as they come: a log that grows, a row for each visit of a company when it begins.
//!
//! A new index and new objections are taken over meanwhile, so that who objected is shown no more.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use firmtrie::live::Live;

use super::Arguments;
use super::count::Counting;
use super::exclude::Excluded;
use super::report::Visited;
use super::requests::{Request, World};
use super::show::Column;
use super::tally::Total;
use crate::Failure;
use crate::log::growing::{follow, follow_input};
use crate::log::input::{Piece, Place, Reading};
use crate::table::{Format, Table};

/// What a row has, if nothing else is asked for.
const USUAL: [Column; 4] = [Column::First, Column::Company, Column::DOMAIN, Column::COUNTRY];

/// Prints a row for each visit that begins, until the input ends.
pub fn run(
    arguments: &Arguments,
    counting: &Counting<'_>,
    place: &Place,
    reading: Reading,
) -> Result<(), Failure> {
    let live = arguments.index.live()?;
    let mut world = world(arguments, &live)?;
    let columns = arguments.fields.as_deref().unwrap_or(&USUAL);
    let names = columns.iter().map(|column| column.name()).collect();
    // Columns are aligned when all is known.
    let format = match arguments.format {
        Format::Table => Format::Tsv,
        Format::Parquet => {
            let reason = "a file of Parquet is whole at its end, and a log that grows has none; take csv or jsonl";
            return Err(Failure::Usage(reason.into()));
        }
        format => format,
    };
    let mut table = Table::new(format, names, io::stdout().lock())?;
    let mut told = String::new();
    let renew = || {
        // What could not be taken over is told once, and what was known before stays.
        if let Err(error) = live.refresh() {
            let error = error.to_string();
            if told != error {
                writeln!(io::stderr(), "{error}")?;
                told = error;
            }
        }
        world = renewed(arguments, &live, &world)?;
        Ok(world.clone())
    };
    let visits = |world: &World, begun: &[Request]| {
        let mut begun = begun.to_vec();
        begun.sort_by_key(|request| request.seconds);
        for request in begun {
            let index = world.index.index();
            let Some(company) = index.answer(request.answer)?.company()? else { continue };
            let total = Total {
                requests: 1,
                pages: request.is_page.into(),
                visits: 1,
                visitors: 1,
                first: (request.seconds > 0).then_some(request.seconds),
                last: request.seconds,
            };
            let visited = Visited { company, total };
            table.row(columns.iter().map(|column| column.of(&visited)).collect())?;
        }
        table.flush()
    };
    let (lines, _) = counting.all(&pieces(place, reading)?, renew, visits)?;
    match &lines.unread[..] {
        [] => Ok(()),
        unread => Err(Failure::Error(unread.join("; "))),
    }
}

fn pieces(place: &Place, reading: Reading) -> Result<Receiver<Piece>, Failure> {
    match place {
        Place::StandardInput => Ok(follow_input(reading)),
        Place::File(path) => follow(path.clone(), reading)
            .map_err(|error| Failure::Error(format!("{}: {error}", path.display()))),
    }
}

fn world(arguments: &Arguments, live: &Live) -> Result<Arc<World>, Failure> {
    let index = live.snapshot().clone();
    let excluded = Excluded::read(&arguments.exclude, index.index())?;
    Ok(Arc::new(World { index, excluded }))
}

/// The same world, if nothing has changed. Numbers of answers are another index's after it is replaced.
fn renewed(arguments: &Arguments, live: &Live, before: &Arc<World>) -> Result<Arc<World>, Failure> {
    if live.is_current(&before.index) { Ok(before.clone()) } else { world(arguments, live) }
}
