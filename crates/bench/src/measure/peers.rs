//! Redemptions while every destination hangs, in turns with none configured: back-pressure is the
//! log, so nobody who redeems should see a difference (issue 5).

use std::net::TcpListener;
use std::path::Path;

use anyhow::Result;
use glassbreak_core::code_set::Profile;
use glassbreak_testkit::server::TempDir;

use crate::args::Plan;
use crate::child::{Kind, spawn, spawn_with};
use crate::load::{Target, Turns, drive};
use crate::report::{Report, Row, millis, per_second, percent};
use crate::seed::{People, Seeded};

/// How many clients ask at once.
const CLIENTS: [usize; 2] = [8, 64];
/// Peers of each kind.
const EACH: usize = 3;
/// The least share of the rate without any peer, and the most times its p99.
const SHARE: f64 = 0.90;
const P99_TIMES: f64 = 1.25;

/// Measures, over a population of its own.
pub(crate) async fn run(plan: &Plan, scratch: &TempDir, report: &mut Report) -> Result<()> {
    let seeded = Seeded::new(scratch.path().join("peers")).await?;
    let people =
        People { name: "peers", count: plan.subjects, profile: Profile::Strong, codes: 10 };
    let (codes, _) = seeded.add(people).await?;
    // They accept, as far as the kernel does that by itself, and nobody ever reads.
    let deaf = TcpListener::bind("127.0.0.1:0")?;
    let config = scratch.path().join("peers.toml");
    std::fs::write(&config, destinations(&config, deaf.local_addr()?.port())?)?;
    for clients in CLIENTS {
        let (mut alone, mut hanging) = (Turns::default(), Turns::default());
        for _ in 0..plan.rounds {
            for (turns, config) in [(&mut alone, None), (&mut hanging, Some(&config))] {
                let server = match config {
                    None => spawn(Kind::Glassbreak, &seeded.directory)?,
                    Some(config) => spawn_with(config, &seeded.directory)?,
                };
                let key = Some(seeded.key.clone());
                let target = Target { addr: server.addr(), key, status: 200 };
                turns.add(drive(&target, clients, plan.slice, &codes.redemptions()).await?);
                server.stop()?;
            }
        }
        let share = hanging.rate() / alone.rate().max(1e-9);
        let rates = (per_second(hanging.rate()), per_second(alone.rate()));
        let hold = format!("at least {}", percent(SHARE, 1.0));
        report.add(
            Row::plain(
                format!("redemptions, {} peers hanging, {clients} clients", 2 * EACH),
                rates.0,
            )
            .against(format!("no peers: {}", rates.1), percent(share, 1.0))
            .hold(hold, share >= SHARE),
        );
        for (part, limit) in [(50, f64::INFINITY), (99, P99_TIMES)] {
            let (with, without) = (hanging.percentile(part), alone.percentile(part));
            let times = with / without.max(1e-9);
            let row = Row::plain(format!("the same: p{part}"), millis(with))
                .against(format!("no peers: {}", millis(without)), format!("{times:.2} times"));
            let bounded = limit.is_finite();
            report.add(if bounded {
                row.hold(format!("at most {limit:.2} times"), times <= limit)
            } else {
                row
            });
        }
    }
    Ok(())
}

/// A configuration whose destinations all lead to `port`.
fn destinations(beside: &Path, port: u16) -> Result<String> {
    let secret = beside.with_extension("secret");
    glassbreak_engine::write_private(&secret, b"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")?;
    let secret = secret.display();
    let common = "insecure = true\nbegin = \"first\"\ntimeout = 1\nretry_max = 1\n";
    let each = (0..EACH).map(|number| {
        format!(
            "[destinations.hook-{number}]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/\"\n\
             secret_file = \"{secret}\"\nnetworks = [\"127.0.0.0/8\"]\nports = [{port}]\n{common}\
             [destinations.log-{number}]\nkind = \"syslog\"\nhost = \"127.0.0.1\"\n\
             port = {port}\n{common}"
        )
    });
    Ok(each.collect())
}
