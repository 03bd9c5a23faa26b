//! A witness over HTTP that says the truth, until it is told to say something else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use glassbreak_anchor::{AnchorConfig, WitnessConfig, folder_of};
use glassbreak_engine::tlog::anchor::Anchor;
use glassbreak_engine::tlog::proof::verify_consistency;
use glassbreak_engine::tlog::{AddCheckpoint, Checkpoint, CosigningKey};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How a checkpoint is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    Truth,
    /// That it keeps a tree of so many entries.
    Size(u64),
    /// A status, and nothing with it.
    Status(u16),
}

/// What monitors are shown.
#[derive(Clone, Debug)]
pub(crate) enum Shows {
    Truth,
    Nothing,
    Note(String),
}

/// The newest checkpoint of each log, by its name.
pub(crate) type Memory = HashMap<String, String>;

struct Held {
    says: Says,
    shows: Shows,
    memory: Memory,
}

/// The witness.
pub(crate) struct Liar {
    held: Mutex<Held>,
    key: CosigningKey,
    asked: watch::Sender<u64>,
}

impl Liar {
    /// Starts one, and names it as a server's configuration does.
    pub(crate) async fn start() -> (Arc<Self>, Arc<dyn Anchor>) {
        let memory = Memory::new();
        let held = Mutex::new(Held { says: Says::Truth, shows: Shows::Truth, memory });
        let key = CosigningKey::from_seed("witness.example/liar", &[9; 32]).unwrap();
        let vkey = key.verifier_key().to_string();
        let liar = Arc::new(Self { held, key, asked: watch::Sender::new(0) });
        let router = Router::new()
            .route("/add-checkpoint", post(add_checkpoint))
            .route("/{folder}/checkpoint", get(checkpoint))
            .with_state(Arc::clone(&liar));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = WitnessConfig { url, vkey, monitoring_url: None, ca_file: None };
        (liar, AnchorConfig::Witness(config).open(|_| None).unwrap())
    }

    pub(crate) fn tell(&self, says: Says, shows: Shows) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        (held.says, held.shows) = (says, shows);
    }

    /// Takes what it keeps, and leaves it something else.
    pub(crate) fn swap(&self, memory: Memory) -> Memory {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut held.memory, memory)
    }

    /// What it keeps.
    pub(crate) fn memory(&self) -> Memory {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).memory.clone()
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> watch::Receiver<u64> {
        self.asked.subscribe()
    }

    fn answer(&self, request: &[u8]) -> Response {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.says {
            Says::Truth => {}
            Says::Size(size) => return other_size(size),
            Says::Status(status) => return StatusCode::from_u16(status).unwrap().into_response(),
        }
        let AddCheckpoint { old, proof, checkpoint: note } = AddCheckpoint::parse(request).unwrap();
        let offered = Checkpoint::parse(note.text()).unwrap();
        let kept = held.memory.get(offered.origin());
        if let Some(kept) = kept {
            let text = kept.split_once("\n\n").unwrap().0.to_owned() + "\n";
            let kept = Checkpoint::parse(&text).unwrap();
            if kept.size() != old {
                return other_size(kept.size());
            }
            if verify_consistency(old, offered.size(), &kept.root(), &offered.root(), &proof)
                .is_err()
            {
                return StatusCode::UNPROCESSABLE_ENTITY.into_response();
            }
        }
        held.memory.insert(offered.origin().to_owned(), note.to_string());
        format!("{}\n", self.key.cosign(note.text(), 1_700_000_000).unwrap()).into_response()
    }
}

fn other_size(size: u64) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
    (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response()
}

async fn add_checkpoint(State(liar): State<Arc<Liar>>, request: Bytes) -> Response {
    let answer = liar.answer(&request);
    liar.asked.send_modify(|asked| *asked += 1);
    answer
}

async fn checkpoint(State(liar): State<Arc<Liar>>, Path(folder): Path<String>) -> Response {
    let held = liar.held.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = held.memory.iter().find(|(origin, _)| folder_of(origin) == folder);
    match (&held.shows, kept) {
        (Shows::Truth, Some((_, note))) | (Shows::Note(note), _) => note.clone().into_response(),
        (Shows::Truth, None) | (Shows::Nothing, _) => StatusCode::NOT_FOUND.into_response(),
    }
}
