//! Which labels are for tuning and which for the test, and how sure a share of them is.

/// Does the label of this number or name belong to the half that is never looked at?
pub fn in_test_half(label: &str) -> bool {
    xxhash_rust::xxh3::xxh3_64(label.as_bytes()) & 1 == 1
}

/// Wilson's interval (1927) at 95 %.
pub fn wilson(right: usize, all: usize) -> (f64, f64) {
    let (n, z) = (all.max(1) as f64, 1.96_f64);
    let p = right as f64 / n;
    let middle = p + z * z / (2.0 * n);
    let width = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    ((middle - width) / scale, (middle + width) / scale)
}
