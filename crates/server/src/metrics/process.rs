//! What the operating system says of this process, under the names that every exporter gives it.
//! Linux only: elsewhere these metrics have no values.

use std::fs;

use super::{Family, Metric, list, number};

/// What `/proc` counts time in: the kernel tells user space a hundredth of a second, whatever it
/// counts in itself.
const TICKS_PER_SECOND: f64 = 100.0;

/// The figures of this process. What cannot be read is left out.
pub(crate) fn families() -> Vec<Family> {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name in brackets, and may hold anything.
    let fields: Vec<&str> =
        stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split_whitespace().collect();
    // Counted from the third, as proc_pid_stat(5) has them.
    let field = |number: usize| -> Option<f64> { fields.get(number - 3)?.parse().ok() };
    let cpu = field(14).zip(field(15)).map(|(user, system)| (user + system) / TICKS_PER_SECOND);
    let files = fs::read_dir("/proc/self/fd").ok().map(|files| number(files.count() as u64));
    let family = |metric: &'static Metric, value: Option<f64>| {
        Family::of(metric, value.map(|value| (Vec::new(), value)).into_iter().collect())
    };
    vec![
        family(list::PROCESS_CPU, cpu),
        family(list::PROCESS_MEMORY, resident()),
        family(list::PROCESS_FDS, files),
        family(list::PROCESS_FDS_MAX, files_max()),
        family(list::PROCESS_THREADS, field(20)),
    ]
}

fn resident() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0)
}

fn files_max() -> Option<f64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_memory_and_files() {
        let families = super::families();
        for family in &families {
            assert_eq!(family.samples.len(), 1, "{}", family.metric.name);
        }
        let text = super::super::write(&families);
        let of = |name: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
            line.and_then(|value| value.parse().ok()).unwrap_or_default()
        };
        assert!(of("process_resident_memory_bytes") > 1_000_000.0, "{text}");
        assert!(of("process_open_fds") >= 3.0, "{text}");
    }
}
