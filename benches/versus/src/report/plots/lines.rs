//! A figure over the cases of a work: a line for each library, with whichever of its settings is best, and what the model of
//! the sweep says of hubless.

use std::path::Path;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::palette::{FONT, GRID, INK, colour};
use crate::Outcome;
use crate::contestant::Library;
use crate::measure::{Better, Curve, Row};
use crate::report::table::{best, short};

const SIZE: (u32, u32) = (900, 560);

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, LogCoord<f64>>>;

/// The number of a case, and what one library did there.
type Points = Vec<(f64, f64)>;

pub(super) struct Lines<'a> {
    pub(super) title: &'a str,
    pub(super) metric: &'a str,
    /// What is beside the name of a case.
    pub(super) axis: &'a str,
    pub(super) rows: &'a [&'a Row],
}

impl Lines<'_> {
    pub(super) fn draw(&self, path: &Path) -> Outcome<()> {
        let lines: Vec<(Library, Points)> = Library::ALL
            .into_iter()
            .map(|library| (library, self.points(library)))
            .filter(|(_, points)| points.len() > 1)
            .collect();
        let modelled = self.modelled();
        let figures = lines.iter().flat_map(|(_, points)| points).chain(&modelled).map(|(_, figure)| *figure);
        let Some((least, most)) = figures.fold(None, |range: Option<(f64, f64)>, figure| {
            let (least, most) = range.unwrap_or((figure, figure));
            Some((least.min(figure), most.max(figure)))
        }) else {
            return Ok(());
        };
        let root = SVGBackend::new(path, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .caption(self.title, (FONT, 20).with_color(INK))
            .margin(14)
            .x_label_area_size(48)
            .y_label_area_size(64)
            .build_cartesian_2d(
                -0.25..place(self.rows.len()) - 0.75,
                (least / 2.0..most * 2.0).log_scale(),
            )?;
        chart
            .configure_mesh()
            .light_line_style(GRID.mix(0.4))
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style((FONT, 14).with_color(INK))
            .x_labels(self.rows.len() + 1)
            .x_desc(self.axis)
            .x_label_formatter(&|number| self.case(*number))
            .y_label_formatter(&|figure| short(*figure))
            .draw()?;
        for (library, points) in lines {
            let width = if library == Library::Hubless { 4 } else { 2 };
            line(&mut chart, library.name(), points, colour(library).stroke_width(width))?;
        }
        if modelled.len() > 1 {
            line(
                &mut chart,
                "hubless by the model",
                modelled,
                colour(Library::Hubless).mix(0.4).stroke_width(1),
            )?;
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

    fn points(&self, library: Library) -> Points {
        let point = |(number, row): (usize, &&Row)| {
            let best = best(row, library, self.metric, self.better(row))?;
            let figure = row.column(best)?.median(self.metric)?;
            // What is nothing has no place on this scale.
            (figure > 0.0).then_some((place(number), figure))
        };
        self.rows.iter().enumerate().filter_map(point).collect()
    }

    /// From the setting of hubless that is best at the first step.
    fn modelled(&self) -> Points {
        let first =
            self.rows.first().filter(|row| row.sweep.is_some_and(|sweep| sweep.metric == self.metric));
        let best = first.and_then(|row| best(row, Library::Hubless, self.metric, self.better(row)));
        let Some(curve) = best.and_then(|best| Curve::new(self.rows, best)) else { return Points::new() };
        let number = |case: &str| self.rows.iter().position(|row| row.case == case);
        curve.steps.iter().filter_map(|step| Some((place(number(step.case)?), step.model))).collect()
    }

    fn better(&self, row: &Row) -> Better {
        let metric = row.metrics.iter().find(|metric| metric.name == self.metric);
        metric.map_or(Better::More, |metric| metric.better)
    }

    /// The name of the case of this number, if it is one.
    fn case(&self, number: f64) -> String {
        let case = (0..self.rows.len()).find(|one| (place(*one) - number).abs() < 1e-6);
        case.and_then(|number| self.rows.get(number)).map_or_else(String::new, |row| row.case.clone())
    }
}

fn line(chart: &mut Chart<'_, '_>, name: &str, points: Points, style: ShapeStyle) -> Outcome<()> {
    chart
        .draw_series(LineSeries::new(points, style).point_size(3))?
        .label(name)
        .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], style));
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a few cases")]
fn place(number: usize) -> f64 {
    number as f64
}
