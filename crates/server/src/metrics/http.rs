//! What is counted of requests. Every route of the API has its place from the start, so that
//! counting looks up and adds, and takes no lock. Those of pages and protocols get theirs when they
//! are first asked; what no route has is counted together.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::{Method, StatusCode};
use glassbreak_engine::meter::{Counter, Gauge, Histogram, Reading};

use super::{Family, list, number};

/// What is counted for a path that no route has: paths hold names, and there is no end of them.
const NO_ROUTE: &str = "none";

/// Methods that are told apart.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "other"];

/// Classes of status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// A method as it is told: one that is not known may be any text.
pub(crate) fn method_name(method: &Method) -> &'static str {
    METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Of an answer that is a problem: its code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefusedAs(pub(crate) &'static str);

/// What is counted of requests.
pub(crate) struct HttpMeter {
    routes: BTreeMap<String, OfMethods>,
    /// Routes that the description does not have. A route is a pattern of ours and never a path.
    others: RwLock<BTreeMap<String, Arc<OfMethods>>>,
    refusals: BTreeMap<&'static str, Counter>,
    in_flight: Gauge,
}

type OfMethods = [OfMethod; METHODS.len()];

struct OfMethod {
    by_class: [Counter; CLASSES.len()],
    duration: Histogram,
}

impl Default for OfMethod {
    fn default() -> Self {
        Self { by_class: Default::default(), duration: Histogram::of_durations() }
    }
}

impl HttpMeter {
    /// For these routes and these codes of problems.
    pub(crate) fn new(
        routes: impl Iterator<Item = String>,
        codes: impl Iterator<Item = &'static str>,
    ) -> Self {
        let routes = routes.chain(std::iter::once(NO_ROUTE.to_owned()));
        Self {
            routes: routes.map(|route| (route, Default::default())).collect(),
            others: RwLock::default(),
            refusals: codes.map(|code| (code, Counter::default())).collect(),
            in_flight: Gauge::default(),
        }
    }

    /// Requests that are being answered.
    pub(crate) const fn in_flight(&self) -> &Gauge {
        &self.in_flight
    }

    /// Where a route is counted that the description does not have.
    fn other(&self, route: &str) -> Arc<OfMethods> {
        let known = self.others.read().unwrap_or_else(PoisonError::into_inner).get(route).cloned();
        known.unwrap_or_else(|| {
            let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(others.entry(route.to_owned()).or_default())
        })
    }

    /// Counts a request that was answered. `route` is the pattern that it matched.
    pub(crate) fn answered(
        &self,
        route: Option<&str>,
        method: &Method,
        status: StatusCode,
        refused: Option<RefusedAs>,
        micros: u64,
    ) {
        let route = route.unwrap_or(NO_ROUTE);
        let other;
        let methods = if let Some(methods) = self.routes.get(route) {
            methods
        } else {
            other = self.other(route);
            &*other
        };
        let place = METHODS.iter().position(|known| *known == method_name(method));
        if let Some(of_method) = place.and_then(|place| methods.get(place)) {
            let class = usize::from(status.as_u16() / 100).saturating_sub(1);
            if let Some(counter) = of_method.by_class.get(class) {
                counter.add_one();
            }
            of_method.duration.observe(micros);
        }
        if let Some(counter) = refused.and_then(|RefusedAs(code)| self.refusals.get(code)) {
            counter.add_one();
        }
    }

    /// What was counted.
    pub(crate) fn families(&self) -> Vec<Family> {
        let (mut requests, mut durations) = (Vec::new(), Vec::new());
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        let others = others.iter().map(|(route, methods)| (route, &**methods));
        for (route, methods) in self.routes.iter().chain(others) {
            for (method, counted) in METHODS.iter().zip(methods) {
                let labels = vec![route.clone(), (*method).to_owned()];
                for (class, counter) in CLASSES.iter().zip(&counted.by_class) {
                    if counter.get() > 0 {
                        let labels = [labels.clone(), vec![(*class).to_owned()]].concat();
                        requests.push((labels, number(counter.get())));
                    }
                }
                let reading: Reading = counted.duration.reading();
                if reading.count > 0 {
                    durations.push((labels, reading));
                }
            }
        }
        let refusals = self.refusals.iter();
        let refusals = refusals.map(|(code, n)| (vec![(*code).to_owned()], number(n.get())));
        vec![
            Family::of(list::REQUESTS, requests),
            Family::read(list::REQUEST_DURATION, durations),
            Family::one(list::IN_FLIGHT, number(self.in_flight.get())),
            Family::of(list::REFUSALS, refusals.collect()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_no_route_has_makes_no_new_label_and_a_page_has_its_own() {
        let meter = HttpMeter::new(["/a".to_owned()].into_iter(), ["busy"].into_iter());
        let ok = StatusCode::OK;
        meter.answered(Some("/a"), &Method::GET, ok, None, 5);
        meter.answered(None, &Method::GET, ok, Some(RefusedAs("odd")), 5);
        meter.answered(Some("/desk/cases/{id}"), &Method::GET, ok, None, 5);
        meter.answered(None, &Method::TRACE, ok, Some(RefusedAs("busy")), 5);
        let text = super::super::write(&meter.families());
        assert!(text.contains("{route=\"/a\",method=\"GET\",status=\"2xx\"} 1"), "{text}");
        assert!(text.contains("{route=\"none\",method=\"GET\",status=\"2xx\"} 1"), "{text}");
        assert!(text.contains("{route=\"none\",method=\"other\",status=\"2xx\"} 1"), "{text}");
        assert!(text.contains("glassbreak_refusals_total{code=\"busy\"} 1"), "{text}");
        let page = "{route=\"/desk/cases/{id}\",method=\"GET\",status=\"2xx\"} 1";
        assert!(text.contains(page), "{text}");
        assert!(!text.contains("odd"), "{text}");
    }
}
