//! Figures as pictures: SVG that the server draws, with the same figures in a table below.
//!
//! Text in a picture is as large as text on the page down to 320 px, nothing is told by colour
//! alone, and there is no style in it: classes take the page's colours, light and dark.

use super::frame::Frame;

/// The width of all pictures, in units that are pixels where there is room.
const WIDTH: u32 = 360;
/// A row of bars: a line of text and a bar.
const ROW: u32 = 38;
/// The height of columns and lines, without what is written below.
const TALL: u32 = 130;

/// A picture with what it says in words and figures.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    /// What it shows.
    pub(crate) title: String,
    /// The same in a sentence, with the most important figures.
    pub(crate) said: String,
    /// The picture.
    pub(crate) svg: String,
    /// The heads of the table.
    pub(crate) heads: Vec<String>,
    /// The rows of the table; the first cell names the row.
    pub(crate) rows: Vec<Vec<String>>,
}

/// Something with a figure.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    /// What it is.
    pub(crate) label: String,
    /// How much of it.
    pub(crate) part: u64,
    /// Of how much; as much as the part where nothing is missing.
    pub(crate) whole: u64,
}

/// Figures over time.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// What they are of.
    pub(crate) label: String,
    /// The figures, the oldest first.
    pub(crate) figures: Vec<u64>,
}

/// The words around a picture.
pub(crate) struct Told<'a> {
    /// The id.
    pub(crate) id: &'static str,
    /// The key of the title.
    pub(crate) title: &'a str,
    /// The sentence.
    pub(crate) said: String,
    /// The heads of the table.
    pub(crate) heads: Vec<String>,
}

/// A number as people write it.
pub(crate) fn amount(f: &Frame, number: u64) -> String {
    let digits = number.to_string();
    let mark = f.t("thousands").to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push_str(&mark);
        }
        text.push(digit);
    }
    text
}

/// How many percent, rounded down so that not all is never called all.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 100 / u128::from(whole.max(1))).unwrap_or(100)
}

/// So many units of `room` for `part` of `whole`; what is there is seen.
fn share(part: u64, whole: u64, room: u32) -> u32 {
    let units = u128::from(part) * u128::from(room) / u128::from(whole.max(1));
    let units = u32::try_from(units).unwrap_or(room).min(room);
    if part > 0 { units.max(1) } else { 0 }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Starts a picture that assistive technology reads as its title and sentence. What is hatched
/// takes its lines from the page's ink.
fn begin(f: &Frame, told: &Told<'_>, height: u32) -> String {
    let (id, title) = (told.id, escaped(&f.t(told.title).to_string()));
    format!(
        "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-said\"><title id=\"{id}-title\">{title}</title>\
         <desc id=\"{id}-said\">{}</desc><defs><pattern id=\"{id}-lack\" width=\"6\" height=\"6\" \
         patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <path class=\"hatch\" d=\"M0 0V6\"/></pattern></defs>",
        escaped(&told.said)
    )
}

fn finish(f: &Frame, told: Told<'_>, mut svg: String, rows: Vec<Vec<String>>) -> Plot {
    svg.push_str("</svg>");
    let title = f.t(told.title).to_string();
    Plot { title, said: told.said, svg, heads: told.heads, rows }
}

fn write(svg: &mut String, part: std::fmt::Arguments<'_>) {
    svg.push_str(&part.to_string());
}

/// A bar for each thing: how much of the whole it has, the rest hatched.
pub(crate) fn shares(f: &Frame, told: Told<'_>, bars: &[Bar]) -> Plot {
    let count = u32::try_from(bars.len()).unwrap_or(u32::MAX).min(100);
    let mut svg = begin(f, &told, count.saturating_mul(ROW).max(1));
    let mut rows = Vec::new();
    for (at, bar) in (0..count).zip(bars) {
        let top = at * ROW;
        let filled = share(bar.part, bar.whole, WIDTH);
        let figure = f.t("plot-share").with("part", amount(f, bar.part));
        let figure = figure.with("whole", amount(f, bar.whole));
        let figure = figure.with("percent", percent(bar.part, bar.whole)).to_string();
        write(
            &mut svg,
            format_args!(
                "<text x=\"0\" y=\"{}\">{}</text>\
             <text class=\"end\" x=\"{WIDTH}\" y=\"{}\">{}</text>\
             <rect class=\"lack\" x=\"0.5\" y=\"{}\" width=\"{}\" height=\"11\" \
             fill=\"url(#{}-lack)\"/><rect class=\"bar-1\" x=\"0\" y=\"{}\" width=\"{filled}\" \
             height=\"12\"/>",
                top + 13,
                escaped(&bar.label),
                top + 13,
                escaped(&figure),
                f64::from(top) + 18.5,
                WIDTH - 1,
                told.id,
                top + 18,
            ),
        );
        let lacks = bar.whole.saturating_sub(bar.part);
        let cells = [bar.part, lacks, bar.whole].map(|figure| amount(f, figure));
        rows.push(std::iter::once(bar.label.clone()).chain(cells).collect());
    }
    finish(f, told, svg, rows)
}

/// A column for each band, side by side, each with its figure on top. `last` of them are drawn as
/// those to be looked at.
pub(crate) fn columns(f: &Frame, told: Told<'_>, bands: &[(String, u64)], last: usize) -> Plot {
    let count = u32::try_from(bands.len()).unwrap_or(1).clamp(1, 24);
    let most = bands.iter().map(|band| band.1).max().unwrap_or_default();
    let step = WIDTH / count;
    let mut svg = begin(f, &told, TALL + 40);
    let from = bands.len().saturating_sub(last);
    for (at, (place, (label, figure))) in (0..count).zip(bands.iter().enumerate()) {
        let tall = share(*figure, most, TALL - 18);
        let (left, middle) = (at * step + 4, at * step + step / 2);
        let class = if place >= from { "bar-2" } else { "bar-1" };
        write(
            &mut svg,
            format_args!(
                "<rect class=\"{class}\" x=\"{left}\" y=\"{}\" width=\"{}\" height=\"{tall}\"/>\
             <text class=\"middle strong\" x=\"{middle}\" y=\"{}\">{}</text>\
             <text class=\"middle\" x=\"{middle}\" y=\"{}\">{}</text>",
                TALL - tall,
                step.saturating_sub(8),
                TALL - tall - 5,
                amount(f, *figure),
                TALL + 17,
                escaped(label),
            ),
        );
    }
    write(&mut svg, format_args!("<path class=\"axis\" d=\"M0 {TALL}.5H{WIDTH}\"/>"));
    let rows = bands.iter().map(|(label, figure)| vec![label.clone(), amount(f, *figure)]);
    let rows = rows.collect();
    finish(f, told, svg, rows)
}

/// A line for each thing over the days, told apart by how it is drawn and by its name at the end.
pub(crate) fn lines(f: &Frame, told: Told<'_>, days: &[String], lines: &[Line]) -> Plot {
    let most = lines.iter().flat_map(|line| &line.figures).copied().max().unwrap_or_default();
    let steps = u32::try_from(days.len().saturating_sub(1)).unwrap_or(1).max(1);
    let legend = u32::try_from(lines.len()).unwrap_or_default() * 20;
    let mut svg = begin(f, &told, TALL + 28 + legend);
    write(
        &mut svg,
        format_args!(
            "<path class=\"rule\" d=\"M0 16.5H{WIDTH}\"/><text x=\"0\" y=\"12\">{}</text>\
         <path class=\"axis\" d=\"M0 {TALL}.5H{WIDTH}\"/>",
            amount(f, most),
        ),
    );
    for (at, line) in (1_u32..).zip(lines) {
        let mut path = String::new();
        for (day, figure) in (0_u32..).zip(&line.figures) {
            let mark = if day == 0 { 'M' } else { 'L' };
            let (x, y) = (day * WIDTH / steps, TALL - share(*figure, most, TALL - 17));
            write(&mut path, format_args!("{mark}{x} {y}"));
        }
        let (y, sum) = (TALL + 24 + at * 20, line.figures.iter().sum());
        write(
            &mut svg,
            format_args!(
                "<path class=\"line line-{at}\" d=\"{path}\"/>\
             <path class=\"line line-{at}\" d=\"M0 {}H36\"/>\
             <text x=\"44\" y=\"{y}\">{}</text>\
             <text class=\"end\" x=\"{WIDTH}\" y=\"{y}\">{}</text>",
                y - 4,
                escaped(&line.label),
                amount(f, sum),
            ),
        );
    }
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        write(
            &mut svg,
            format_args!(
                "<text x=\"0\" y=\"{0}\">{1}</text>\
             <text class=\"end\" x=\"{WIDTH}\" y=\"{0}\">{2}</text>",
                TALL + 17,
                escaped(first),
                escaped(last),
            ),
        );
    }
    let rows = days.iter().enumerate().map(|(at, day)| {
        let figures =
            lines.iter().map(|line| amount(f, line.figures.get(at).copied().unwrap_or_default()));
        std::iter::once(day.clone()).chain(figures).collect()
    });
    let rows = rows.collect();
    finish(f, told, svg, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_seen_and_not_all_is_never_called_all() {
        assert_eq!((share(0, 10, 360), share(1, 1_000_000, 360), share(10, 10, 360)), (0, 1, 360));
        assert_eq!((percent(999, 1000), percent(1000, 1000), percent(0, 0)), (99, 100, 0));
        assert_eq!(share(u64::MAX, u64::MAX, 360), 360);
    }

    #[test]
    fn a_label_cannot_leave_its_text() {
        let f = Frame::new(&axum::http::Request::new(()).into_parts().0);
        let told = Told { id: "p", title: "nav-log", said: "\"<&".to_owned(), heads: Vec::new() };
        let bar = Bar { label: "</svg><script>".to_owned(), part: 1, whole: 2 };
        let plot = shares(&f, told, &[bar]);
        assert!(!plot.svg.contains("<script>") && plot.svg.contains("&lt;/svg&gt;&lt;script&gt;"));
        assert!(plot.svg.contains("&quot;&lt;&amp;"), "{}", plot.svg);
    }
}
