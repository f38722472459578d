//! Tells the linker that Node.js has what a native module misses.

fn main() {
    napi_build::setup();
}
