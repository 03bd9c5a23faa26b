//! `glassbreak demo`: the whole story, told line by line against a server that really runs.
//!
//! Everything is real: a server on a temporary directory, HTTP, the database, the log. Where a step
//! does not come out as told, the demo stops, says which, and exits with `failure`.

mod audit;
mod break_glass;
mod desk;
mod next;
mod passkey;
mod phone;
mod place;
mod recovery;
mod start;
mod teller;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glassbreak_engine::write_private;
use glassbreak_server::{Running, ServeOptions};
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::args::Shared;
use crate::client::{Client, Connection};
use crate::command::serve::{told_to_end, trace};
use crate::exit::{Exit, Failure, Outcome};
use crate::log_copy::write;
use desk::Desk;
use phone::Phone;
use place::Place;
use teller::Teller;

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// End with the story, and leave no server running.
    #[arg(long)]
    exit: bool,

    /// Where the demo's server listens; any free port unless told otherwise.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// What the story plays with.
struct Stage<'a> {
    /// Speaks to the server with the admin's key.
    client: &'a Client,
    /// Where the files are.
    place: &'a Place,
    /// The origin of the server's pages.
    origin: String,
}

impl Demo {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        trace("warn", shared.json);
        let runtime = Runtime::new().context("cannot start the runtime")?;
        let place = Place::new()?;
        let phone = Phone::on()?;
        let config = Some(configuration(&place, &phone)?);
        let options = ServeOptions { config, ..ServeOptions::new(place.data_dir(), self.listen) };
        let running = runtime.block_on(glassbreak_server::start(options))?;
        let addr = running.addr();
        let client = client(&place, addr)?;
        let (end, ended) = oneshot::channel::<()>();
        let server = runtime.spawn(serve(running, ended));
        let origin = format!("http://localhost:{}", addr.port());
        let told = tell(&Stage { client: &client, place: &place, origin }, &phone);
        if told.is_ok() && !self.exit {
            next::tell(&place, addr)?;
            runtime.block_on(async { told_to_end().await });
        }
        // The receiver is gone only where the server has ended already.
        let _ = end.send(());
        runtime.block_on(server).context("the server failed")??;
        told.map(|()| Exit::Ok)
    }
}

/// What an operator would have written: a gateway for text messages, and
/// where the risk analysis of the help desk lies.
fn configuration(place: &Place, phone: &Phone) -> Result<PathBuf, Failure> {
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).map_err(|_| anyhow!("no randomness for a secret"))?;
    let secret_file = place.join("gateway-secret");
    let secret = format!("whsec_{}", STANDARD.encode(secret));
    write_private(&secret_file, secret.as_bytes()).context("the gateway's secret")?;
    let gateway = json!({
        "kind": "webhook", "url": phone.gateway(), "secret_file": secret_file,
    });
    let config = json!({
        "service": { "name": "Nordlicht account recovery", "contact": "+49 30 5550100" },
        "channels": { "email": gateway, "sms": gateway },
        "self_service": { "redeem": true },
        "tiers": { "privileged": { "support": { "risk_analysis": "RISK-2026-7" } } },
    });
    let file = place.join("glassbreak.toml");
    let text = toml::to_string(&config).context("the configuration has no TOML form")?;
    write(&file, text.as_bytes())?;
    Ok(file)
}

async fn serve(running: Running, ended: oneshot::Receiver<()>) -> anyhow::Result<()> {
    running.run_until(async move { drop(ended.await) }).await
}

fn client(place: &Place, addr: SocketAddr) -> Result<Client, Failure> {
    let connection = Connection {
        url: format!("http://{addr}"),
        api_key_file: Some(place.admin_key()),
        data_dir: place.data_dir(),
        ca_file: None,
        allow_plain_http: false,
    };
    connection.client()
}

fn tell(stage: &Stage<'_>, phone: &Phone) -> Result<(), Failure> {
    let mut teller = Teller::default();
    start::server(&mut teller, stage)?;
    start::people(&mut teller, stage)?;
    let issued = start::codes(&mut teller, stage)?;
    recovery::typo(&mut teller, stage, &issued)?;
    let accepted = recovery::redeem(&mut teller, stage, &issued)?;
    recovery::told(&mut teller, phone)?;
    recovery::refusals(&mut teller, stage, &issued)?;
    recovery::phone_replaced(&mut teller, stage, &issued)?;
    recovery::inventory(&mut teller, stage, &issued)?;
    let mut desk = Desk::open(&mut teller, stage)?;
    desk::case(&mut teller, stage, &mut desk, phone)?;
    let newest = break_glass::tell(&mut teller, stage, &mut desk)?;
    audit::outside(&mut teller, stage, &issued, &accepted, &newest)?;
    audit::tampering(&mut teller, stage)?;
    audit::replay(&mut teller, stage)?;
    teller.end()
}
