//! Building: claims are resolved, encoded, and written as one file.

mod resolve;
