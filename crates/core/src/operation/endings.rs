//! What ends together: a window and the path it was on, an emergency and the opening that rests on
//! it, exceptions and what they were made for.

use super::{Denial, step};
use crate::bundle::Bundle;
use crate::event::{Alert, BundleOpeningLapsed, Happened};
use crate::exception::{Exception, ExceptionState, WhyEnded};
use crate::id::RecoveryId;
use crate::recovery::{Recovery, RecoveryState};
use crate::stage::Draft;
use crate::subject::{Standing, SuspendCause};

/// Time has ended a recovery; in a window, that closes the path.
pub(super) fn lapse_recovery(
    draft: &mut Draft<'_, '_>,
    recovery: &mut Recovery,
    standing: &mut Option<Standing>,
) -> Result<(), Denial> {
    let at = draft.call.now;
    let (id, in_window) = (recovery.id, recovery.window().is_some());
    draft.add(Happened::RecoveryLapsed { recovery: id })?;
    if in_window {
        close_path(draft, id, standing.as_mut())?;
    }
    recovery.state = RecoveryState::Lapsed { at, in_window };
    Ok(())
}

/// A window that ends without its obligations closes the path (C5): what was recovered with is not
/// a way to stay in. `standing` is the subject's, unless it is about to leave: who left has no path
/// that could be closed.
pub(super) fn close_path(
    draft: &mut Draft<'_, '_>,
    recovery: RecoveryId,
    standing: Option<&mut Standing>,
) -> Result<(), Denial> {
    if let Some(standing) = standing {
        let cause = SuspendCause::Recovery;
        draft.add(Happened::SubjectSuspended { cause })?;
        *standing = standing.suspend(cause, draft.call.now);
    }
    let alert = Alert::WindowLapsed;
    draft.add(Happened::alert(alert, Some(recovery)))
}

/// Ends every opening that `which` picks, by its bundle and the emergency that it rests on. Nothing
/// can be opened in one that has ended: its opening ends in the same commit.
pub(super) fn end_openings(
    draft: &mut Draft<'_, '_>,
    bundles: &mut [Bundle],
    which: impl Fn(&Bundle, RecoveryId) -> bool,
) -> Result<(), Denial> {
    for bundle in bundles {
        let Some((one, emergency, _)) = bundle.opening() else { continue };
        if which(bundle, emergency) {
            let (id, generation) = (bundle.id, one.number);
            let lapsed = BundleOpeningLapsed { bundle: id, generation };
            *bundle = step(draft, bundle.clone(), Happened::BundleOpeningLapsed(lapsed))?;
        }
    }
    Ok(())
}

/// Ends every live exception that `which` picks.
pub(super) fn end_exceptions(
    draft: &mut Draft<'_, '_>,
    exceptions: &mut [Exception],
    which: impl Fn(&Exception) -> bool,
    why: WhyEnded,
) -> Result<(), Denial> {
    let at = draft.call.now;
    for held in exceptions.iter_mut().filter(|held| held.is_live()) {
        if which(held) {
            draft.add(Happened::ExceptionEnded { exception: held.id, why })?;
            held.state = ExceptionState::Ended { at, why };
        }
    }
    Ok(())
}
