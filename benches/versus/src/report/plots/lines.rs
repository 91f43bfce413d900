//! Throughput over the size of a message: a line for each library, with whichever of its settings is best.

use std::path::Path;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::palette::{FONT, GRID, INK, colour};
use crate::Outcome;
use crate::contestant::Library;
use crate::measure::{Better, Row};
use crate::report::table::{best, short};

const SIZE: (u32, u32) = (900, 560);

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, LogCoord<f64>>>;

/// Where a row lies: the binary logarithm of its size, and what one library did there.
type Points = Vec<(f64, f64)>;

pub(super) fn draw(path: &Path, transport: &str, rows: &[&Row]) -> Outcome<()> {
    let lines: Vec<(Library, Points)> = Library::ALL
        .into_iter()
        .map(|library| (library, points(rows, library)))
        .filter(|(_, points)| points.len() > 1)
        .collect();
    let rates = lines.iter().flat_map(|(_, points)| points.iter().map(|(_, rate)| *rate));
    let Some((least, most)) = rates.fold(None, |range: Option<(f64, f64)>, rate| {
        let (least, most) = range.unwrap_or((rate, rate));
        Some((least.min(rate), most.max(rate)))
    }) else {
        return Ok(());
    };
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let title = format!("PUSH to PULL over {transport}, messages a second (more is better)");
    let mut chart = ChartBuilder::on(&root)
        .caption(title, (FONT, 20).with_color(INK))
        .margin(14)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(4.0..20.0, (least / 2.0..most * 2.0).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(GRID.mix(0.4))
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style((FONT, 14).with_color(INK))
        .x_labels(9)
        .x_label_formatter(&|size| size_name(*size))
        .y_label_formatter(&|rate| short(*rate))
        .draw()?;
    for (library, points) in lines {
        line(&mut chart, library, points)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .background_style(WHITE.mix(0.85))
        .border_style(GRID)
        .label_font((FONT, 14).with_color(INK))
        .draw()?;
    Ok(root.present()?)
}

fn line(chart: &mut Chart<'_, '_>, library: Library, points: Points) -> Outcome<()> {
    let colour = colour(library);
    let width = if library == Library::Hubless { 4 } else { 2 };
    let style = colour.stroke_width(width);
    chart
        .draw_series(LineSeries::new(points, style).point_size(3))?
        .label(library.name())
        .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], style));
    Ok(())
}

fn points(rows: &[&Row], library: Library) -> Points {
    let point = |row: &&Row| {
        let best = best(row, library, "rate", Better::More)?;
        Some((octets(&row.case)?.log2(), row.column(best)?.median("rate")?))
    };
    rows.iter().filter_map(point).collect()
}

/// The size that is the name of a case.
fn octets(case: &str) -> Option<f64> {
    let (number, unit) = case.split_once(' ')?;
    let unit = match unit {
        "B" => 1.0,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * unit)
}

fn size_name(logarithm: f64) -> String {
    let size = logarithm.exp2().round();
    match size {
        size if size < 1024.0 => format!("{size} B"),
        size if size < 1_048_576.0 => format!("{} KiB", size / 1024.0),
        size => format!("{} MiB", size / 1_048_576.0),
    }
}
