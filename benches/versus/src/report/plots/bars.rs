//! A group of bars for each case of a work, a bar for each library, with its figure.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::palette::{FONT, INK, colour};
use crate::Outcome;
use crate::contestant::Library;
use crate::measure::{Better, Row};
use crate::report::table::{best, short};

const WIDTH: i32 = 900;
const LEFT: i32 = 150;
const RIGHT: i32 = 90;
const BAR: i32 = 20;
const BETWEEN: i32 = 34;
const TOP: i32 = 46;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub(super) struct Bars<'a> {
    pub(super) title: &'a str,
    pub(super) metric: &'a str,
    pub(super) rows: &'a [&'a Row],
}

/// What one library did.
type Bar = (Library, f64);

impl Bars<'_> {
    pub(super) fn draw(&self, path: &Path) -> Outcome<()> {
        let groups: Vec<(&str, Vec<Bar>)> =
            self.rows.iter().map(|row| (row.case.as_str(), self.group(row))).collect();
        let bars = groups.iter().map(|(_, group)| group.len()).sum::<usize>();
        if bars == 0 {
            return Ok(());
        }
        let height = TOP + i32::try_from(bars)? * BAR + i32::try_from(groups.len())? * BETWEEN;
        let root =
            SVGBackend::new(path, (WIDTH.unsigned_abs(), height.unsigned_abs() + 10)).into_drawing_area();
        root.fill(&WHITE)?;
        text(&root, self.title, (16, 22), 18, HPos::Left)?;
        let mut top = TOP;
        for (case, group) in groups {
            text(&root, case, (16, top + BETWEEN / 2), 15, HPos::Left)?;
            top += BETWEEN;
            let most = group.iter().map(|(_, figure)| *figure).fold(0.0, f64::max);
            for bar in group {
                draw_bar(&root, bar, most, top)?;
                top += BAR;
            }
        }
        Ok(root.present()?)
    }

    fn group(&self, row: &Row) -> Vec<Bar> {
        let better = row.metrics.iter().find(|metric| metric.name == self.metric);
        let better = better.map_or(Better::More, |metric| metric.better);
        let bar = |library| {
            let best = best(row, library, self.metric, better)?;
            Some((library, row.column(best)?.median(self.metric)?))
        };
        Library::ALL.into_iter().filter_map(bar).collect()
    }
}

/// As long as its part of the largest in its group.
fn draw_bar(root: &Area<'_>, (library, figure): Bar, most: f64, top: i32) -> Outcome<()> {
    let most_length = f64::from(WIDTH - LEFT - RIGHT);
    #[allow(clippy::cast_possible_truncation, reason = "it is less than the width")]
    let length = (figure / most * most_length).max(1.0) as i32;
    let middle = top + BAR / 2;
    text(root, library.name(), (LEFT - 8, middle), 13, HPos::Right)?;
    let corners = [(LEFT, top + 2), (LEFT + length, top + BAR - 2)];
    root.draw(&Rectangle::new(corners, colour(library).filled()))?;
    text(root, &short(figure), (LEFT + length + 6, middle), 13, HPos::Left)
}

fn text(root: &Area<'_>, text: &str, at: (i32, i32), size: i32, aligned: HPos) -> Outcome<()> {
    let style = (FONT, size).into_font().color(&INK).pos(Pos::new(aligned, VPos::Center));
    Ok(root.draw(&Text::new(text.to_owned(), at, style))?)
}
