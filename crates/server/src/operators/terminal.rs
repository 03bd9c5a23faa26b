//! A sign-in from a terminal: the browser goes to the provider and comes back to this machine
//! (RFC 8252), and what is brought home is an access token for the API.

use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Clock as _, SystemClock, SystemEntropy};
use serde::Deserialize;
use std::path::Path;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use zeroize::Zeroizing;

use super::fetch::{Fetch, decoded, form, with_query};
use super::provider::Provider;
use super::sessions::Token;

/// The longest request line that is read, in bytes.
const LINE_MAX: u64 = 16 * 1024;
/// The page in the browser afterwards.
const DONE: &str = "Signed in. Go back to the terminal.";

/// At which provider, and for what.
#[derive(Debug, Clone)]
pub struct TerminalSignIn {
    /// The provider's issuer.
    pub issuer: String,
    /// The terminal's name there: a public client that may come back to `http://127.0.0.1/callback`
    /// at any port.
    pub client_id: String,
    /// The name of the API.
    pub audience: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
}

/// An access token, and when it ends.
pub struct SignedIn {
    /// The token.
    pub token: Zeroizing<String>,
    /// When it ends, as far as the provider said.
    pub ends_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    expires_in: Option<u32>,
}

impl TerminalSignIn {
    /// Has somebody sign in: `show` is given the URL to open in a browser.
    ///
    /// # Errors
    /// With what went wrong; nothing was signed in then.
    pub async fn run(
        &self,
        ca_file: Option<&Path>,
        show: impl FnOnce(&str) -> anyhow::Result<()>,
    ) -> anyhow::Result<SignedIn> {
        let fetch = Fetch::new(ca_file, 20)?;
        let provider = Provider::new(self.issuer.clone(), fetch.clone());
        let known = provider.known(SystemClock.now()).await;
        let known = known.map_err(|_| anyhow::anyhow!("`{}` gave no answer", self.issuer))?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let redirect = format!("http://{}/callback", listener.local_addr()?);
        let secret = Token::draw(&SystemEntropy::default())?;
        let state = secret.derived("glassbreak/terminal/state/v1", &redirect);
        let verifier = secret.derived("glassbreak/terminal/verifier/v1", &redirect);
        let challenge = super::client::challenge(&verifier);
        let scopes = format!("openid {}", self.scopes.join(" "));
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &redirect),
            ("scope", scopes.trim_end()),
            ("resource", &self.audience),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        show(&with_query(&known.description.authorization_endpoint, &parameters))?;
        let code = loop {
            let (stream, _) = listener.accept().await?;
            // A browser asks for other things too; the answer is the one with our state.
            let issuer = known.description.names_itself.then_some(self.issuer.as_str());
            if let Some(code) = answer(stream, &state, issuer).await? {
                break code;
            }
        };
        let parameters = [
            ("grant_type", "authorization_code"),
            ("client_id", &*self.client_id),
            ("code", &code),
            ("redirect_uri", &redirect),
            ("code_verifier", &verifier),
            ("resource", &self.audience),
        ];
        let form = Zeroizing::new(form(&parameters));
        let answer = fetch.post(&known.description.token_endpoint, form, None).await;
        let answer = answer.map_err(|why| anyhow::anyhow!("the provider gave no token: {why}"))?;
        let tokens: Tokens = serde_json::from_slice(&answer)?;
        let now = SystemClock.now();
        let ends_at =
            tokens.expires_in.map(|after| now.plus(glassbreak_engine::core::time::Seconds(after)));
        Ok(SignedIn { token: Zeroizing::new(tokens.access_token), ends_at })
    }
}

/// Answers one request of the browser: the code, if it is the one that was waited for.
async fn answer(
    mut stream: TcpStream,
    state: &str,
    issuer: Option<&str>,
) -> anyhow::Result<Option<String>> {
    let mut line = String::new();
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(tokio::io::AsyncReadExt::take(reader, LINE_MAX));
    if reader.read_line(&mut line).await.is_err() {
        return Ok(None);
    }
    let path = line.strip_prefix("GET /callback?").and_then(|rest| rest.split(' ').next());
    let found = |name: &str| {
        let mut pairs = path?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
    };
    let is_ours = found("state").as_deref() == Some(state);
    let (status, text) =
        if is_ours { ("200 OK", DONE) } else { ("404 Not Found", "Nothing here.") };
    let page = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\nreferrer-policy: no-referrer\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    // Whether the browser reads it is of no account.
    drop(writer.write_all(page.as_bytes()).await);
    if !is_ours {
        return Ok(None);
    }
    if issuer.is_some() && found("iss").as_deref() != issuer {
        anyhow::bail!("the answer is of another provider");
    }
    match found("code") {
        Some(code) => Ok(Some(code)),
        None => anyhow::bail!(
            "the provider did not let anybody in: {}",
            found("error").unwrap_or_default()
        ),
    }
}
