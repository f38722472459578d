//! Writes `benches/RESULTS.md` and `benches/growth.svg` from what criterion measured.
//!
//! Takes the target folders of two runs: one compiled for any machine, one for this machine only.
//! Every figure comes from criterion's own files, or is the size of a file that is built here.
#![allow(clippy::cast_precision_loss, reason = "figures of a table")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use firmtrie_benches::peers;
use firmtrie_benches::results::{Measured, read};
use firmtrie_benches::world::World;
use plotters::prelude::*;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(any), native) = (arguments.next(), arguments.next()) else {
        return Err("usage: report TARGET [TARGET_NATIVE]".into());
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let measured = read(&any.join("criterion"))?;
    let mut page = head()?;
    page += "## Compiled for any machine, as packages are\n\n";
    tables(&mut page, &measured, |group| !group.starts_with("growth"))?;
    sizes(&mut page)?;
    page += "## Growth: made-up claims with the real mix of lengths\n\n\
             ![Nanoseconds for a lookup against claims](growth.svg)\n\n";
    growth(&mut page, &measured)?;
    if let Some(native) = native {
        page += "## Compiled for this machine (`-C target-cpu=native`)\n\n";
        tables(&mut page, &read(&native.join("criterion"))?, |group| group.starts_with("IPv"))?;
    }
    fs::write(here.join("RESULTS.md"), page.trim_end().to_owned() + "\n")?;
    plot(&here.join("growth.svg"), &measured)
}

/// What was measured where, and when.
fn head() -> io::Result<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = cpu.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
    };
    let flags: Vec<&str> = field("flags").split(' ').collect();
    let mut levels = vec!["popcnt", "bmi2", "avx2", "avx512f"];
    levels.retain(|level| flags.contains(level));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let date = Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]).output()?;
    Ok(format!(
        "# Measured\n\nWritten by `make bench` from criterion's own output; not edited.\n\n\
         {}. {} (family {}, model {}) with {}; {} threads; load {} when this was written.\n\n\
         Times for one lookup, build or opening: the median of all samples, then the least of \
         them, which a loaded machine disturbs less. The last column is a row's least over that \
         of `firmtrie` in the same table: how many times as long it takes.\n\n",
        String::from_utf8_lossy(&date.stdout).trim(),
        field("model name"),
        field("cpu family"),
        field("model"),
        levels.join(", "),
        std::thread::available_parallelism()?,
        load.split(' ').next().unwrap_or_default(),
    ))
}

/// A table for each group. What was measured in several rounds has the median of their medians, and
/// the least of all.
fn tables(page: &mut String, measured: &[Measured], wanted: fn(&str) -> bool) -> Result<()> {
    let mut groups: BTreeMap<&str, BTreeMap<&str, (Vec<f64>, f64)>> = BTreeMap::new();
    for row in measured.iter().filter(|row| wanted(&row.group)) {
        let rows = groups.entry(&row.group).or_default();
        let (medians, least) = rows.entry(&row.title).or_insert((Vec::new(), f64::INFINITY));
        medians.push(row.median);
        *least = least.min(row.least);
    }
    for (group, rows) in groups {
        let ours = |(title, _): &(&&str, _)| title.starts_with("firmtrie");
        let base = rows.get("firmtrie").or(rows.iter().find(ours).map(|(_, row)| row));
        let base = base.map_or(f64::NAN, |(_, least)| *least);
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by(|(_, (_, a)), (_, (_, b))| a.total_cmp(b));
        writeln!(page, "### {group}\n\n| | median | least | times |\n| --- | --- | --- | --- |")?;
        for (title, (mut medians, least)) in rows {
            medians.sort_by(f64::total_cmp);
            let (median, times) = (medians[medians.len() / 2], least / base);
            writeln!(page, "| {title} | {} | {} | {times:.2} |", time(median), time(least))?;
        }
        page.push('\n');
    }
    Ok(())
}

fn growth(page: &mut String, measured: &[Measured]) -> Result<()> {
    for (group, what) in [
        ("growth IPv4 routed", "a lookup, least"),
        ("growth build", "for each claim, least"),
        ("growth open", "mapped, least"),
    ] {
        let mut titles: BTreeMap<&str, BTreeMap<u64, f64>> = BTreeMap::new();
        for row in measured.iter().filter(|row| row.group == group) {
            titles.entry(&row.title).or_default().insert(row.number, row.least);
        }
        let mut sizes: Vec<u64> = titles.values().flat_map(BTreeMap::keys).copied().collect();
        sizes.sort_unstable();
        sizes.dedup();
        let head: Vec<String> = sizes.iter().map(u64::to_string).collect();
        let rule = " --- |".repeat(sizes.len());
        writeln!(page, "### {group}: {what}\n\n| claims | {} |\n| --- |{rule}", head.join(" | "))?;
        for (title, least) in titles {
            let cell = |size| least.get(size).map_or_else(|| "–".into(), |ns| time(*ns));
            let cells: Vec<String> = sizes.iter().map(cell).collect();
            writeln!(page, "| {title} | {} |", cells.join(" | "))?;
        }
        page.push('\n');
    }
    Ok(())
}

/// Sizes of the files of the real set.
fn sizes(page: &mut String) -> Result<()> {
    let world = World::real();
    let index = world.index();
    let mmdb = peers::mmdb(&world).len() as f64;
    let title = &world.title;
    writeln!(
        page,
        "### Bytes of the files, {title}\n\n| | bytes | of the MMDB |\n| --- | --- | --- |"
    )?;
    let mut row =
        |name: &str, bytes: f64| writeln!(page, "| {name} | {bytes:.0} | {:.3} |", bytes / mmdb);
    row("MMDB by `mmdb-writer`", mmdb)?;
    row("firmtrie", index.size() as f64)?;
    for (section, bytes) in index.sections() {
        row(&format!("of which {section}"), bytes as f64)?;
    }
    page.push('\n');
    Ok(())
}

/// A time in the unit that suits it.
fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.1} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns if ns < 1e9 => format!("{:.1} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}

/// Least nanoseconds of a lookup against the number of claims, both logarithmic.
fn plot(path: &Path, measured: &[Measured]) -> Result<()> {
    let mut lines: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for row in measured.iter().filter(|row| row.group == "growth IPv4 routed") {
        lines.entry(&row.title).or_default().push((row.number as f64, row.least));
    }
    let most = lines.values().flatten().map(|point| point.0).fold(1e5, f64::max);
    let slowest = lines.values().flatten().map(|point| point.1).fold(100.0, f64::max);
    let root = SVGBackend::new(path, (960, 560)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .x_label_area_size(42)
        .y_label_area_size(60)
        .caption("One IPv4 lookup, routed addresses", ("sans-serif", 22))
        .build_cartesian_2d((1e4..most * 10.0).log_scale(), (1.0..slowest * 1.5).log_scale())?;
    chart.configure_mesh().x_desc("claims").y_desc("ns").light_line_style(TRANSPARENT).draw()?;
    for (number, (title, line)) in lines.iter_mut().enumerate() {
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        let width = if title.starts_with("firmtrie") { 4 } else { 2 };
        let style = Palette99::pick(number).to_rgba().stroke_width(width);
        chart
            .draw_series(LineSeries::new(line.iter().copied(), style))?
            .label(*title)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .draw()?;
    root.present()?;
    Ok(())
}
