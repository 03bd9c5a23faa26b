//! Which of several hosts is the primary. All are asked at once: one that was cut off or stands
//! still answers nobody, and asked one after the other it would use up the time of those behind it.

use std::time::Duration;

use futures_util::future::select_ok;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};

use crate::OpenError;

/// How long one of several hosts is waited for.
const HOST_PATIENCE: Duration = Duration::from_secs(5);

/// A configuration for each host of one. Of several the one that can be written is wanted; what is
/// said of a single one that cannot be, `check` says better.
pub(crate) fn each(of_all: &Config) -> Vec<Config> {
    let (hosts, addresses) = (of_all.get_hosts(), of_all.get_hostaddrs());
    let count = hosts.len().max(addresses.len());
    // One host, or lists that do not fit each other, which the driver complains of.
    let fits = |length: usize| length == 0 || length == count;
    if count < 2 || !fits(hosts.len()) || !fits(addresses.len()) {
        return vec![of_all.clone()];
    }
    let ports = of_all.get_ports();
    (0..count).map(|place| of_one(of_all, hosts.get(place), place, ports)).collect()
}

fn of_one(of_all: &Config, host: Option<&Host>, place: usize, ports: &[u16]) -> Config {
    let mut one = Config::new();
    match host {
        Some(Host::Tcp(name)) => drop(one.host(name)),
        Some(Host::Unix(path)) => drop(one.host_path(path)),
        None => {}
    }
    if let Some(address) = of_all.get_hostaddrs().get(place) {
        one.hostaddr(*address);
    }
    if let Some(port) = ports.get(place).or(ports.first()) {
        one.port(*port);
    }
    let _ = of_all.get_user().map(|user| one.user(user));
    let _ = of_all.get_password().map(|password| one.password(password));
    let _ = of_all.get_dbname().map(|name| one.dbname(name));
    one.ssl_mode(of_all.get_ssl_mode())
        .ssl_negotiation(of_all.get_ssl_negotiation())
        .channel_binding(of_all.get_channel_binding())
        .target_session_attrs(TargetSessionAttrs::ReadWrite);
    one
}

/// How long a connection to one of these hosts is waited for.
pub(crate) fn patience(hosts: &[Config], of_one: Duration) -> Duration {
    if hosts.len() > 1 { of_one.min(HOST_PATIENCE) } else { of_one }
}

/// What the first host gives on which `open` succeeds.
///
/// # Errors
/// What the last one said, if none does.
pub(crate) async fn first<'a, T, F>(
    hosts: &'a [Config],
    open: impl Fn(&'a Config) -> F,
) -> Result<T, OpenError>
where
    F: Future<Output = Result<T, OpenError>>,
{
    // There is at least one; none of no hosts would wait for nobody.
    let opening = hosts.iter().map(|host| Box::pin(open(host)));
    select_ok(opening).await.map(|(opened, _)| opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_is_asked_with_its_own_port_and_what_is_said_for_all() {
        let all: Config = "postgres://gb:secret@a:1,b:2,c:3/gb".parse().expect("an address");
        let each = each(&all);
        let hosts: Vec<_> = each.iter().flat_map(|one| one.get_hosts().to_vec()).collect();
        assert_eq!(hosts, ["a", "b", "c"].map(|name| Host::Tcp(name.to_owned())));
        for (one, port) in each.iter().zip(1..) {
            assert_eq!(one.get_ports(), [port]);
            assert_eq!((one.get_user(), one.get_dbname()), (Some("gb"), Some("gb")));
            assert_eq!(one.get_password(), Some(&b"secret"[..]));
            assert_eq!(one.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        }
    }

    #[test]
    fn a_single_host_is_left_as_it_was_said() {
        let all: Config = "postgres://gb@a/gb?target_session_attrs=any".parse().expect("one");
        assert_eq!(each(&all), vec![all]);
    }
}
