//! What criterion measured, read from the files that it leaves.

use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

/// One benchmark.
pub struct Measured {
    /// Its group.
    pub group: String,
    /// Its name in the group.
    pub title: String,
    /// The number behind its name: of claims, or of the round; 0 where there is none.
    pub number: u64,
    /// Nanoseconds for one of the things that an iteration does, median of all samples.
    pub median: f64,
    /// The same, least of all samples.
    pub least: f64,
}

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
    throughput: Option<Throughput>,
}

#[derive(Deserialize)]
struct Throughput {
    #[serde(rename = "Elements")]
    elements: u64,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// Reads all benchmarks below a folder.
///
/// # Errors
/// If a file of them cannot be read.
pub fn read(folder: &Path) -> io::Result<Vec<Measured>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join("benchmark.json").exists() {
            if path.ends_with("new") {
                all.push(one(&path)?);
            }
        } else if path.is_dir() {
            all.extend(read(&path)?);
        }
    }
    Ok(all)
}

fn one(folder: &Path) -> io::Result<Measured> {
    let text = |name: &str| fs::read_to_string(folder.join(name));
    let benchmark: Benchmark = serde_json::from_str(&text("benchmark.json")?)?;
    let estimates: Estimates = serde_json::from_str(&text("estimates.json")?)?;
    let sample: Sample = serde_json::from_str(&text("sample.json")?)?;
    let elements = benchmark.throughput.map_or(1, |throughput| throughput.elements);
    let iterations = sample.times.iter().zip(&sample.iters);
    let least = iterations.map(|(time, count)| time / count).fold(f64::INFINITY, f64::min);
    Ok(Measured {
        group: benchmark.group_id,
        title: benchmark.function_id.unwrap_or_default(),
        number: benchmark.value_str.and_then(|value| value.parse().ok()).unwrap_or(0),
        median: estimates.median.point_estimate / elements as f64,
        least: least / elements as f64,
    })
}
