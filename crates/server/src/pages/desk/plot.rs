//! Bars, drawn by the server: what each is called, how long it is, and the same as text and table.

/// The width of the whole plot.
const WIDTH: u64 = 640;
/// Where bars begin.
const LEFT: u64 = 210;
/// What is left for the number behind the longest bar.
const RIGHT: u64 = 90;
/// From one bar to the next.
const STEP: u64 = 30;

/// One bar.
pub(super) struct Bar {
    /// What it stands for.
    pub(super) name: String,
    /// The number, in words.
    pub(super) value: String,
    /// Where it begins, from the top.
    pub(super) y: u64,
    /// Where its text stands.
    pub(super) text_y: u64,
    /// How long it is.
    pub(super) width: u64,
    /// Where its number stands.
    pub(super) value_x: u64,
}

/// A plot with its caption.
pub(super) struct Plot {
    /// The id of its heading.
    pub(super) id: &'static str,
    /// What it shows.
    pub(super) caption: String,
    /// The head of the table's first column, and of its second.
    pub(super) heads: (String, String),
    /// The bars, from the top.
    pub(super) bars: Vec<Bar>,
    /// How high it is.
    pub(super) height: u64,
    /// All of it in a sentence, for who does not see it.
    pub(super) text: String,
    /// Where the axis stands.
    pub(super) axis_x: u64,
}

impl Plot {
    /// A plot of some numbers, each with its name and itself in words.
    pub(super) fn of(
        id: &'static str,
        caption: String,
        heads: (String, String),
        numbers: Vec<(String, u64, String)>,
    ) -> Self {
        let most = numbers.iter().map(|(_, number, _)| *number).max().unwrap_or(0).max(1);
        let room = WIDTH.saturating_sub(LEFT).saturating_sub(RIGHT);
        let text = numbers.iter().map(|(name, _, value)| format!("{name}: {value}"));
        let text = format!("{caption}. {}", text.collect::<Vec<_>>().join("; "));
        let bars: Vec<Bar> = (0_u64..)
            .zip(numbers)
            .map(|(place, (name, number, value))| {
                let y = place.saturating_mul(STEP).saturating_add(4);
                let width = room.saturating_mul(number).checked_div(most).unwrap_or(0);
                let value_x = LEFT.saturating_add(width).saturating_add(8);
                Bar { name, value, y, text_y: y.saturating_add(15), width, value_x }
            })
            .collect();
        let height = STEP.saturating_mul(u64::try_from(bars.len()).unwrap_or(0)).max(STEP);
        Self { id, caption, heads, bars, height, text, axis_x: LEFT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_has_the_room_and_none_is_longer() {
        let numbers = [0, 3, 6].map(|n| (n.to_string(), n, n.to_string()));
        let plot = Plot::of("x", String::new(), Default::default(), numbers.to_vec());
        let widths: Vec<u64> = plot.bars.iter().map(|bar| bar.width).collect();
        assert_eq!(widths, [0, 170, 340]);
        assert!(plot.bars.iter().all(|bar| bar.value_x < WIDTH));
        let none = Plot::of("x", String::new(), Default::default(), Vec::new());
        assert!(none.bars.is_empty() && none.height > 0);
    }
}
