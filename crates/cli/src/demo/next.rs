//! What to try next, with lines that work as they stand.

use std::net::SocketAddr;

use super::place::Place;
use crate::command::redeem::new_name;
use crate::exit::Failure;
use crate::output::print;

pub(super) fn tell(place: &Place, addr: SocketAddr) -> Result<(), Failure> {
    let (url, key) = (format!("http://{addr}"), place.admin_key().display().to_string());
    let (data, vkey) = (place.data_dir(), place.verifier_key());
    let (data, vkey, port) = (data.display(), vkey.display(), addr.port());
    let attempt = new_name()?;
    print(&format!(
        r#"
── What to try next ──
   The server runs on {url} until you press Ctrl-C; then the demo's directory goes away.

   In a browser, at http://localhost:{port}: sign in at /console with the key in
      {key}
   What people see who are locked out is at /recover.

   Lines for a shell. New codes for Jonas, who is in the realm:
      AUTH="Authorization: Bearer $(cat {key})"
      curl -s {url}/v1/subjects/jonas.kruse/code-sets -H "$AUTH" --json '{{"reason":"enrolment","session_assurance":"aal2"}}'
   Redeem one of them (put it in place of CODE), beside a password that your application checked:
      curl -s {url}/v1/redemptions -H "$AUTH" --json '{{"redemption_id":"{attempt}","subject":"jonas.kruse","code":"CODE","role":"second_factor","presented":["password"]}}'
   Who has which codes, and what happened to Jonas's:
      curl -s {url}/v1/inventory -H "$AUTH"
      curl -s {url}/v1/subjects/jonas.kruse/timeline -H "$AUTH"
   The log's checkpoint is open to everyone, the description of the API too:
      curl -s {url}/tlog/checkpoint
      curl -s {url}/openapi.json

   Or with this program:
      export GLASSBREAK_URL={url} GLASSBREAK_DATA_DIR={data}
      glassbreak self-service link jonas.kruse --session-assurance aal2   # Jonas's own pages
      glassbreak subject get robin.meyer
      glassbreak log verify --vkey {vkey}
      glassbreak log tail --follow"#
    ))
}
