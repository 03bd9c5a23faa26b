//! Write down that custodians have left: their shares exist all the same (B3).

use super::{Outcome, settle, step};
use crate::event::{Alert, BundleCustodianLeft, Happened};
use crate::id::{BundleId, SubjectId};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Writes down which custodians have left, for people to split the secret anew (B3). Answers how
/// many were new.
///
/// # Errors
/// [`Denial::NoEntropy`].
pub fn decide(
    snapshot: &Snapshot,
    left: &[(BundleId, SubjectId)],
    call: &mut Call<'_>,
) -> Outcome<usize> {
    let mut draft = Draft::new(call, snapshot);
    let mut bundles = settle(&mut draft, snapshot)?.bundles;
    let mut noticed = 0_usize;
    for (id, custodian) in left {
        let Some(bundle) = bundles.iter_mut().find(|bundle| bundle.id == *id) else { continue };
        if bundle.custodians().any(|held| held == *custodian) {
            let gone = Happened::BundleCustodianLeft(BundleCustodianLeft {
                bundle: *id,
                custodian: *custodian,
            });
            *bundle = step(&mut draft, bundle.clone(), gone)?;
            noticed = noticed.saturating_add(1);
        }
    }
    if noticed > 0 {
        let alert = Alert::CustodianLeft;
        draft.add(Happened::alert(alert, None))?;
    }
    Ok(draft.decide(noticed))
}
