#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| firmtrie_fuzz::registers(data));
