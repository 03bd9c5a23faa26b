//! W3C Trace Context, level 1: whose trace a request belongs to.

use std::fmt::Write as _;

/// One more than the last seven bytes of a trace id can be.
const ALL: u64 = 1 << 56;

/// A request's place in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceContext {
    trace: [u8; 16],
    /// This request's span.
    span: [u8; 8],
    /// The caller's span, and whether it records the trace.
    parent: Option<([u8; 8], bool)>,
}

impl TraceContext {
    /// The trace that the header `traceparent` names, with a new span in it; without one, or where
    /// it is not in its strict form, a new trace.
    pub(crate) fn begin(traceparent: Option<&str>, random: &[u8; 24]) -> Self {
        let (trace, span) = random.split_at(16);
        let mut context = Self { trace: [0; 16], span: [0; 8], parent: None };
        context.trace.copy_from_slice(trace);
        context.span.copy_from_slice(span);
        if let Some((trace, parent, sampled)) = traceparent.and_then(parse) {
            context.trace = trace;
            context.parent = Some((parent, sampled));
        }
        context
    }

    /// The trace's id, as 32 hexadecimal digits.
    pub(crate) fn trace_id(&self) -> String {
        hex(&self.trace)
    }

    /// This request's span, as 16 hexadecimal digits.
    pub(crate) fn span_id(&self) -> String {
        hex(&self.span)
    }

    /// The caller's span.
    pub(crate) fn parent_id(&self) -> Option<String> {
        self.parent.map(|(parent, _)| hex(&parent))
    }

    /// Whether it is recorded: as the caller does; where there is none, if the last seven bytes of
    /// the trace's id are below the threshold, by which all who share a trace agree.
    pub(crate) fn is_sampled(&self, below: u64) -> bool {
        if let Some((_, sampled)) = self.parent {
            return sampled;
        }
        let last = self.trace.iter().skip(9);
        last.fold(0_u64, |sofar, byte| sofar << 8 | u64::from(*byte)) < below
    }
}

/// The threshold of [`TraceContext::is_sampled`] for a share of 0 to 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 of a number that a double holds exactly"
)]
pub(crate) fn threshold(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * ALL as f64) as u64
}

/// `00-<trace>-<parent>-<flags>`. A later version may have more behind it.
fn parse(header: &str) -> Option<([u8; 16], [u8; 8], bool)> {
    let mut parts = header.split('-');
    let version = bytes::<1>(parts.next()?)?;
    let (trace, parent) = (bytes::<16>(parts.next()?)?, bytes::<8>(parts.next()?)?);
    let [flags] = bytes::<1>(parts.next()?)?;
    let is_whole = version != [0] || parts.next().is_none();
    let is_valid = version != [0xff] && trace != [0; 16] && parent != [0; 8];
    (is_whole && is_valid).then_some((trace, parent, flags & 1 == 1))
}

/// Lower-case hexadecimal digits of exactly so many bytes.
fn bytes<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let is_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hex || digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn the_caller_s_trace_goes_on_with_a_span_of_our_own() {
        let header = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let context = TraceContext::begin(Some(&header), &[7; 24]);
        assert_eq!(context.trace_id(), TRACE);
        assert_eq!(context.parent_id().as_deref(), Some("00f067aa0ba902b7"));
        assert_eq!(context.span_id(), "0707070707070707");
        assert!(context.is_sampled(0), "the caller records it");
    }

    #[test]
    fn what_is_not_a_trace_begins_a_new_one() {
        for header in [
            String::new(),
            "gb-7ZKQ2-M4XN8-0VTRB-5CWJ3".to_owned(),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{TRACE}é-00f067aa0ba902b7-01"),
        ] {
            let context = TraceContext::begin(Some(&header), &[7; 24]);
            assert_eq!(context.trace_id(), "07".repeat(16), "{header}");
            assert_eq!(context.parent_id(), None, "{header}");
        }
        let later = format!("01-{TRACE}-00f067aa0ba902b7-01-more");
        assert_eq!(TraceContext::begin(Some(&later), &[7; 24]).trace_id(), TRACE);
    }

    #[test]
    fn a_share_of_the_traces_is_recorded() {
        let of = |byte: u8| TraceContext::begin(None, &[byte; 24]);
        assert!(of(0xff).is_sampled(threshold(1.0)) && !of(0).is_sampled(threshold(0.0)));
        assert!(of(0x7f).is_sampled(threshold(0.5)) && !of(0x80).is_sampled(threshold(0.5)));
    }
}
