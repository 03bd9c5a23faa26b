//! Glassbreak inside an application, with no server to run: `cargo run -p glassbreak-engine
//! --example embedded`.

use std::sync::Arc;

use glassbreak_engine::core::code::Code;
use glassbreak_engine::core::code_set::{IssueReason, SetKind};
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as Issue};
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::{id::RedemptionId, id::SubjectRef};
use glassbreak_engine::operation::{Redemption, Registration};
use glassbreak_engine::{Caller, Engine, KeyFile, Options, SystemEntropy};
use glassbreak_store_sqlite::{Options as StoreOptions, SqliteStore};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let dir = std::env::temp_dir().join(format!("glassbreak-embedded-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;

    // The twenty lines.
    let store = Arc::new(SqliteStore::open(&dir.join("codes.db"), &StoreOptions::default())?);
    let root = KeyFile(dir.join("root.key")).root_key_or_new(&SystemEntropy::default())?;
    let engine = Engine::open(store, root, Options::new(Settings::defaults())).await?;
    let (caller, alice) = (Caller::embedder(), SubjectRef::try_from("alice".to_owned())?);

    engine.register(&caller, &alice, Registration::person(Assurance::Aal2)).await?;
    let request = IssueRequest {
        kind: SetKind::Saved,
        reason: IssueReason::Enrolment,
        session_assurance: Assurance::Aal2,
        profile: None,
        count: None,
        lifetime: None,
        custody: None,
    };
    let issued = engine.issue(&caller, &alice, &request).await?.into_reply();
    let Issue::Shown { codes, .. } = issued else { anyhow::bail!("not issued") };
    let Some(code) = codes.first().map(Code::expose_display) else { return Ok(()) };
    // Show all of them to Alice, this once. Days later she types one of them:

    for attempt in 1..=2 {
        let redemption = Redemption {
            id: RedemptionId::new(engine.now(), [attempt; 10]), // your own name for the attempt
            subject: &alice,
            code: &code,
            role: Role::SecondFactor,
            presented: vec![Method::Password], // you have checked it
            recovery: None,                    // a recovery of hers that is open
        };
        println!("attempt {attempt}: {:?}", engine.redeem(&caller, redemption).await?.into_reply());
    }

    engine.close().await;
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
