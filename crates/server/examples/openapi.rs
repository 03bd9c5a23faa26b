//! Prints what `cargo xtask generate` commits: the `OpenAPI` description, or what the argument
//! names.

use glassbreak_server as server;

fn main() {
    let text = match std::env::args().nth(1).as_deref() {
        Some("errors") => server::catalogue(),
        Some("metrics") => server::metrics_page(),
        Some("dashboard") => server::dashboard(),
        Some("alerts") => server::alert_rules(),
        Some("config") => server::config_template(),
        _ => server::openapi_json(),
    };
    print!("{text}");
}
