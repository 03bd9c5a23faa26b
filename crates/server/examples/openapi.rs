//! Prints what `cargo xtask generate` commits: the `OpenAPI` description, or with `errors` the
//! error catalogue.

fn main() {
    let errors = std::env::args().nth(1).is_some_and(|what| what == "errors");
    let text =
        if errors { glassbreak_server::catalogue() } else { glassbreak_server::openapi_json() };
    print!("{text}");
}
