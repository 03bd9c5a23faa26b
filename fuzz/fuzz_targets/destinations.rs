#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| glassbreak_testkit::fuzz::destinations(data));
