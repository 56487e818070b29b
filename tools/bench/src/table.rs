//! Tables in Markdown, and how figures are printed in them.

use std::fmt;

/// A table; each row has a name and a cell for each column.
pub(crate) struct Table {
    /// The head of the column of names.
    title: String,
    columns: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    pub(crate) fn new(title: &str, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            title: title.into(),
            columns: columns.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, name: &str, cells: Vec<String>) {
        self.rows.push((name.into(), cells));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width_of = |column: usize| {
            let cells = self
                .rows
                .iter()
                .map(|(_, cells)| cells[column].chars().count());
            cells.chain([self.columns[column].chars().count()]).max()
        };
        let widths: Vec<_> = (0..self.columns.len()).filter_map(width_of).collect();
        let names = self.rows.iter().map(|(name, _)| name.chars().count());
        let name_width = names.chain([self.title.chars().count()]).max().unwrap_or(0);
        let line = |f: &mut fmt::Formatter<'_>, name: &str, cells: &[String]| {
            write!(f, "| {name:name_width$} |")?;
            for (cell, width) in cells.iter().zip(&widths) {
                write!(f, " {cell:>width$} |")?;
            }
            writeln!(f)
        };
        line(f, &self.title, &self.columns)?;
        let rules: Vec<_> = widths
            .iter()
            .map(|width| "-".repeat(width - 1) + ":")
            .collect();
        line(f, &"-".repeat(name_width), &rules)?;
        self.rows
            .iter()
            .try_for_each(|(name, cells)| line(f, name, cells))
    }
}

/// Formats a figure with about three digits: `1.23`, `12`, `1.2k`, `1.23M`.
pub(crate) fn short(figure: f64) -> String {
    match figure {
        ..10.0 => format!("{figure:.2}"),
        10.0..1e3 => format!("{figure:.0}"),
        1e3..1e6 => format!("{:.1}k", figure / 1e3),
        _ => format!("{:.2}M", figure / 1e6),
    }
}

/// The median of the ratios to another contender's figures in the same rounds. Rounds in which one
/// of them failed do not count.
pub(crate) fn median_ratio(figures: &[Option<f64>], base: &[Option<f64>]) -> Option<f64> {
    let rounds = figures.iter().zip(base);
    let ratios = rounds.filter_map(|(figure, base)| Some((*figure)? / (*base)?));
    median(ratios.filter(|ratio| ratio.is_finite()).collect())
}

/// The median: the middle figure, or the mean of the two middle ones.
pub(crate) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len().checked_sub(1)? / 2;
    Some((figures[middle] + figures[figures.len() / 2]) / 2.0)
}
