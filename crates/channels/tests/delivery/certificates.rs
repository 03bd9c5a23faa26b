//! Certificates made for one test: an authority, and a server's certificate signed by it.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};

/// An authority and a server's certificate, in files.
pub(crate) struct Certificates {
    /// The authority's certificate: what the client trusts.
    pub(crate) ca_file: PathBuf,
    /// `CERTIFICATE:KEY`, as the servers take it.
    pub(crate) server: String,
}

impl Certificates {
    /// A certificate for `name`, in files below `folder` that begin with `prefix`.
    pub(crate) fn new(folder: &Path, prefix: &str, name: &str) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).expect("no names are fine");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = CertifiedIssuer::self_signed(authority, key).expect("an authority");
        let mut server = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().expect("a key");
        let certificate = server.signed_by(&key, &authority).expect("a certificate");
        let write = |what: &str, text: String| {
            let path = folder.join(format!("{prefix}-{what}.pem"));
            fs::write(&path, text).expect("the folder can be written");
            path
        };
        let ca_file = write("ca", authority.pem());
        let certificate = write("server", certificate.pem());
        let key = write("key", key.serialize_pem());
        let server = format!("{}:{}", certificate.display(), key.display());
        Self { ca_file, server }
    }
}
