//! Create an API key.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use glassbreak_core::access::{ApiKey, Rights};
use glassbreak_core::digest::{Digest, hex, unhex};
use glassbreak_core::operation::create_api_key::{self, CreateApiKey};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use zeroize::Zeroizing;

use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::operation::nothing;
use crate::pipeline::{self, Operation};

/// An API key, the one time it is seen.
pub struct NewApiKey {
    /// Its public id.
    pub id: String,
    /// The key: `gbk_<id>_<256 random bits in hexadecimal>`.
    pub key: Zeroizing<String>,
    digest: Digest,
}

struct Creating {
    command: CreateApiKey,
}

/// What a stored key's digest is taken of.
fn digest_of(secret: &[u8]) -> Digest {
    Digest::of("glassbreak/api-key/secret/v1", &[secret])
}

impl Engine {
    /// Draws an API key. It opens nothing until [`Engine::create_api_key`] has made it durable, so
    /// that it can be put in a safe place first.
    pub fn draw_api_key(&self) -> Result<NewApiKey, Error> {
        let (mut id, mut secret) = ([0; 6], Zeroizing::new([0; 32]));
        self.parts.entropy.fill(&mut id)?;
        self.parts.entropy.fill(secret.as_mut_slice())?;
        let id = hex(&id);
        let key = Zeroizing::new(format!("gbk_{id}_{}", &*Zeroizing::new(hex(secret.as_slice()))));
        Ok(NewApiKey { id, key, digest: digest_of(secret.as_slice()) })
    }

    /// Makes a drawn API key valid. Only its digest is kept.
    ///
    /// # Errors
    /// `invalid_request` without a scope, with an empty label, or with the scope `admin` and
    /// groups; `key_bound` for a caller who is bound to groups; `idempotency_key_reused` on a
    /// retry, which cannot show the key again: revoke it and make another.
    pub async fn create_api_key(
        &self,
        caller: &Caller,
        new: &NewApiKey,
        label: String,
        rights: impl Into<Rights>,
    ) -> Result<Applied<()>, Error> {
        let (id, rights) = (new.id.clone(), rights.into());
        let command = CreateApiKey { id, label, rights, digest: new.digest };
        pipeline::run(&self.parts, caller, &Creating { command }).await
    }

    /// The key that `presented` is, if it is one that was not revoked. Read from the database each
    /// time, so that a revoked key is out at once (ASVS 8.3.2).
    pub async fn authenticate(&self, presented: &str) -> Result<Option<ApiKey>, Error> {
        let Some((id, secret)) = presented.strip_prefix("gbk_").and_then(|key| key.split_once('_'))
        else {
            return Ok(None);
        };
        let secret = unhex(secret).map(Zeroizing::new);
        let Some(secret) = secret.filter(|secret| secret.len() == 32 && id.len() == 12) else {
            return Ok(None);
        };
        let digest = digest_of(&secret);
        let key = self.api_key(id).await?;
        Ok(key.filter(|key| verify_slices_are_equal(&key.digest.0, &digest.0).is_ok()))
    }

    /// The key with this public id, as long as it opens anything: for whoever presented it before,
    /// and was remembered by its id.
    pub async fn api_key(&self, id: &str) -> Result<Option<ApiKey>, Error> {
        let key = self.parts.store.api_key(id).await?;
        let key = key.filter(|key| key.revoked_at.is_none());
        // The key of one operator is nobody's once its operator is dismissed, or has left.
        if let Some(own) = key.as_ref().and_then(|key| key.operator) {
            let operator = self.parts.store.operator(own).await?;
            if operator.is_none_or(|operator| !operator.has_a_duty()) {
                return Ok(None);
            }
        }
        Ok(key)
    }

    /// Every API key, oldest first.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        Ok(self.parts.store.api_keys().await?)
    }
}

impl Operation for Creating {
    type Prepared = ();
    type Reply = ();

    fn query(&self) -> SnapshotQuery {
        SnapshotQuery { of: Aggregate::World, ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let Rights { scopes, groups, operator } = &self.command.rights;
        let scopes = scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>();
        let mut content = vec![
            b"create_api_key".to_vec(),
            self.command.label.clone().into_bytes(),
            scopes.join(" ").into_bytes(),
        ];
        content.push(operator.map_or_else(Vec::new, |operator| operator.0.as_bytes().to_vec()));
        content.extend(groups.iter().map(|group| group.clone().into_bytes()));
        content
    }

    fn prepare(&self, _: &Parts, _: &Snapshot) -> impl Future<Output = Result<(), Error>> + Send {
        nothing()
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        (): (),
        call: &mut Call<'_>,
        _: &Rules<'_>,
    ) -> Result<Decided<()>, Denial> {
        create_api_key::decide(snapshot, self.command.clone(), call)
    }
}
