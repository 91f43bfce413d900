//! One colour for each library, the same in all plots.

use plotters::style::RGBColor;

use crate::contestant::Library;

pub(super) const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);
pub(super) const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
pub(super) const FONT: &str = "sans-serif";

pub(super) const fn colour(library: Library) -> RGBColor {
    match library {
        Library::Raw => RGBColor(0x99, 0x99, 0x99),
        Library::Hubless => RGBColor(0xd6, 0x27, 0x28),
        Library::Libzmq => RGBColor(0x1f, 0x77, 0xb4),
        Library::Nanomsg => RGBColor(0x2c, 0xa0, 0x2c),
        Library::Nng => RGBColor(0x98, 0xc0, 0x4a),
        Library::ZmqRs => RGBColor(0x94, 0x67, 0xbd),
        Library::Rzmq => RGBColor(0xff, 0x9f, 0x0e),
        Library::Omq => RGBColor(0x17, 0xbe, 0xcf),
    }
}
