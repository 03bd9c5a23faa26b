//! Containments: was each lifted by two people who signed exactly that, and had no part in it?

use super::{Approval, CaseFault, Cases, Members, Word, member, needed, parsed, sha256, spells};

/// How many people have to approve a lifting.
const APPROVERS_NEEDED: usize = 2;

/// A containment as the entries so far tell it, in the spelling of the entries.
pub(super) struct Contained {
    /// What is approved, by name, in the order of canonical JSON.
    case: Vec<(String, String)>,
    /// Those that stood when they were given.
    approvals: Vec<Approval>,
}

impl Contained {
    /// SHA-256 over the canonical JSON of what is approved.
    fn digest(&self) -> [u8; 32] {
        let members = self.case.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        sha256(&format!("{{{}}}", members.collect::<Vec<_>>().join(",")))
    }
}

impl Cases {
    pub(super) fn begun(&mut self, data: &Members<'_>, at: Option<&str>) -> Result<(), CaseFault> {
        let containment = needed(data, "containment")?.to_owned();
        let at = at.ok_or(CaseFault::Member("at"))?.to_owned();
        let terms = data.iter().filter(|(name, _)| *name != "containment");
        let terms = terms.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut case: Vec<_> = terms.collect();
        case.extend([("begun_at".to_owned(), at), ("lift".to_owned(), containment.clone())]);
        case.sort_unstable();
        self.contained.insert(containment, Contained { case, approvals: Vec::new() });
        Ok(())
    }

    pub(super) fn lifting<S: AsRef<str>>(
        &mut self,
        data: &Members<'_>,
        rp_id: &str,
        origins: &[S],
    ) -> Result<(), CaseFault> {
        let containment = needed(data, "containment")?;
        let digest = self.contained.get(containment).ok_or(CaseFault::NeverBegun)?.digest();
        let approval = self.signed(data, (&digest, Word::Approve), rp_id, origins)?;
        if let Some(held) = self.contained.get_mut(containment) {
            held.approvals.push(approval);
            self.checked = self.checked.saturating_add(1);
        }
        Ok(())
    }

    /// A containment is lifted as it was begun, by two approvals that were checked and stand, none
    /// of them its requester's, its subject's or the subject's owner's (I1).
    pub(super) fn lifted(&self, data: &Members<'_>) -> Result<(), CaseFault> {
        let containment = needed(data, "containment")?;
        let held = self.contained.get(containment).ok_or(CaseFault::NeverBegun)?;
        let mut named: Vec<String> = parsed(data, "approvers")?;
        named.sort_unstable();
        named.dedup();
        let checked = |who: &String| {
            let who = format!("\"{who}\"");
            held.approvals.iter().any(|given| given.approver == who && self.stands(given))
        };
        let own = |who: &String| {
            let who = format!("\"{who}\"");
            let parts = held.case.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let parts: Vec<(&str, &str)> = parts.collect();
            let theirs = |name| member(&parts, name) == Some(who.as_str());
            ["requester", "subject", "owner"].into_iter().any(theirs)
        };
        let case: String = parsed(data, "case")?;
        if named.len() < APPROVERS_NEEDED
            || !named.iter().all(checked)
            || named.iter().any(own)
            || !spells(&case, &held.digest())
        {
            return Err(CaseFault::Unlifted);
        }
        Ok(())
    }
}
