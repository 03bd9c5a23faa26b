//! What the authenticator signs about itself.

use crate::cbor::Reader;
use crate::key::PublicKey;
use crate::refused::Refused;
use crate::registration::Backup;
use crate::relying_party::RelyingParty;

/// An RSA key, a long credential id and some extensions fit; and it goes into the log.
pub(crate) const AUTHENTICATOR_DATA_BYTES_MAX: usize = 4096;
/// `WebAuthn` bounds for credential ids, in bytes.
pub(crate) const CREDENTIAL_ID_BYTES: std::ops::RangeInclusive<usize> = 16..=1023;

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

const CUT: Refused = Refused::Malformed("authenticator data that ends too early");

/// Authenticator data, read to its end.
#[derive(Debug)]
pub(crate) struct AuthenticatorData<'a> {
    relying_party: [u8; 32],
    flags: u8,
    pub(crate) counter: u32,
    pub(crate) attested: Option<Attested<'a>>,
}

/// The credential that a new enrolment brings.
#[derive(Debug)]
pub(crate) struct Attested<'a> {
    pub(crate) aaguid: [u8; 16],
    pub(crate) credential_id: &'a [u8],
    pub(crate) key: PublicKey,
}

impl<'a> AuthenticatorData<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Refused> {
        if bytes.len() > AUTHENTICATOR_DATA_BYTES_MAX {
            return Err(Refused::Malformed("authenticator data that is too long"));
        }
        let (relying_party, rest) = bytes.split_first_chunk::<32>().ok_or(CUT)?;
        let (flags, rest) = rest.split_first().ok_or(CUT)?;
        let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(CUT)?;
        let mut attested = None;
        if flags & ATTESTED != 0 {
            let (found, after) = Attested::parse(rest)?;
            (attested, rest) = (Some(found), after);
        }
        if flags & EXTENSIONS != 0 {
            let mut reader = Reader::new(rest);
            reader.skip_map()?;
            rest = reader.rest();
        }
        if !rest.is_empty() {
            return Err(Refused::Malformed("bytes after the end of the authenticator data"));
        }
        Ok(Self {
            relying_party: *relying_party,
            flags: *flags,
            counter: u32::from_be_bytes(*counter),
            attested,
        })
    }

    /// Checks who it was made for, and that a person was there and verified (F3: a *named* person
    /// approves, so having the device is not enough).
    pub(crate) fn check(&self, party: &RelyingParty) -> Result<(), Refused> {
        if self.relying_party != *party.id_hash() {
            return Err(Refused::ForeignRelyingParty);
        }
        if !self.has(USER_PRESENT) {
            return Err(Refused::UserNotPresent);
        }
        if !self.has(USER_VERIFIED) {
            return Err(Refused::UserNotVerified);
        }
        Ok(())
    }

    /// Whether the credential can leave its device, and has.
    pub(crate) fn backup(&self) -> Result<Backup, Refused> {
        match (self.has(BACKUP_ELIGIBLE), self.has(BACKED_UP)) {
            (false, false) => Ok(Backup::DeviceBound),
            (true, false) => Ok(Backup::Eligible),
            (true, true) => Ok(Backup::BackedUp),
            (false, true) => Err(Refused::Malformed("a backup of what cannot be backed up")),
        }
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl<'a> Attested<'a> {
    fn parse(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Refused> {
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(CUT)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(CUT)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if !CREDENTIAL_ID_BYTES.contains(&length) {
            return Err(Refused::Malformed("a credential id that is too short or too long"));
        }
        let (credential_id, rest) = rest.split_at_checked(length).ok_or(CUT)?;
        let mut reader = Reader::new(rest);
        let key = PublicKey::from_cose(&mut reader)?;
        Ok((Self { aaguid: *aaguid, credential_id, key }, reader.rest()))
    }
}
