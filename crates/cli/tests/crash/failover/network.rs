//! Six machines on one switch, each a network namespace of this one: three for the database, three
//! for servers. Some of them can be put on a switch of their own, which is a split network.
//!
//! Every machine also has a cable to the one that the test is on, so that clients reach both sides
//! of a split. Machines do not reach each other by it: their only route is to their switch.

use std::fs::{File, TryLockError};
use std::process::{Command, Stdio};

use glassbreak_testkit::http::Failure;

/// Machines; the first half are the database's.
pub(crate) const MACHINES: usize = 6;
/// The name of everything that is made begins so, and what begins so is removed.
const PREFIX: &str = "gbfo";

/// The network. It goes with this value.
#[derive(Debug)]
pub(crate) struct Network {
    /// Whoever holds it may make and remove what begins with [`PREFIX`]. It is let go of when the
    /// process ends, however it does.
    _alone: File,
}

impl Network {
    /// Lays it, after removing what a killed run has left. Waits for a run that is alive.
    pub(crate) fn lay() -> Result<Self, Failure> {
        let network = Self { _alone: alone()? };
        remove();
        let mut made = vec![];
        for switch in ["one", "two"] {
            made.push(format!("link add {PREFIX}-{switch} type bridge"));
            made.push(format!("link set {PREFIX}-{switch} up"));
        }
        for machine in 0..MACHINES {
            let (space, own) = (namespace(machine), machine + 1);
            made.push(format!("netns add {space}"));
            // To the switch, and to us.
            let (switch, here) = (format!("{PREFIX}-s{own}"), format!("{PREFIX}-h{own}"));
            made.push(format!("link add {switch} type veth peer name net netns {space}"));
            made.push(format!("link set {switch} master {PREFIX}-one up"));
            made.push(format!("link add {here} type veth peer name here netns {space}"));
            made.push(format!("addr add 198.18.{own}.1/30 dev {here}"));
            made.push(format!("link set {here} up"));
            let address = address(machine);
            made.push(format!("-n {space} link set lo up"));
            made.push(format!("-n {space} addr add {address}/24 dev net"));
            made.push(format!("-n {space} link set net up"));
            made.push(format!("-n {space} addr add 198.18.{own}.2/30 dev here"));
            made.push(format!("-n {space} link set here up"));
            made.push(format!("route add {address}/32 via 198.18.{own}.2"));
        }
        for command in made {
            ip(&command)?;
        }
        Ok(network)
    }

    /// Puts machines on a switch of their own.
    pub(crate) fn split(&self, machines: &[usize]) {
        self.connect(machines, "two");
    }

    /// Puts all machines back on one switch.
    pub(crate) fn heal(&self) {
        self.connect(&(0..MACHINES).collect::<Vec<_>>(), "one");
    }

    fn connect(&self, machines: &[usize], switch: &str) {
        let Self { _alone } = self;
        for machine in machines {
            let own = machine + 1;
            ip(&format!("link set {PREFIX}-s{own} master {PREFIX}-{switch}")).unwrap();
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        remove();
    }
}

/// The lock of who may have the network.
fn alone() -> Result<File, Failure> {
    let path = std::env::temp_dir().join(format!("{PREFIX}.lock"));
    let file = File::options().create(true).truncate(false).write(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            println!("waits until another run lets go of {}", path.display());
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    Ok(file)
}

/// The namespace that is a machine.
pub(crate) fn namespace(machine: usize) -> String {
    format!("{PREFIX}-{}", machine + 1)
}

/// Where a machine is, for the others and for the test.
pub(crate) fn address(machine: usize) -> String {
    format!("198.18.0.{}", machine + 1)
}

/// A program on a machine, as a user. It ends when the test does.
pub(crate) fn on(machine: usize, user: &str, program: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &namespace(machine), "setpriv", "--pdeathsig", "KILL"]);
    command.args(["--reuid", user, "--regid", user, "--clear-groups", program]);
    command
}

/// The processes on a machine.
pub(crate) fn processes(machine: usize) -> Vec<String> {
    let listed = Command::new("ip").args(["netns", "pids", &namespace(machine)]).output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&listed).split_whitespace().map(str::to_owned).collect()
}

/// Sends processes a signal. Those that are gone are gone.
pub(crate) fn signal(signal: &str, processes: &[String]) {
    for process in processes {
        let mut kill = Command::new("kill");
        kill.args([signal, process]).stdout(Stdio::null()).stderr(Stdio::null());
        drop(kill.status());
    }
}

fn ip(arguments: &str) -> Result<(), Failure> {
    let output = Command::new("ip").args(arguments.split_whitespace()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("ip {arguments}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// Removes everything of that name, with the processes in it.
fn remove() {
    for machine in 0..MACHINES {
        let left = processes(machine);
        signal("-CONT", &left);
        signal("-KILL", &left);
        // What is not there need not go; what stays is found when it is made again.
        drop(ip(&format!("netns del {}", namespace(machine))));
        for end in ["s", "h"] {
            drop(ip(&format!("link del {PREFIX}-{end}{}", machine + 1)));
        }
    }
    for switch in ["one", "two"] {
        drop(ip(&format!("link del {PREFIX}-{switch}")));
    }
}
