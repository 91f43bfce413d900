#!/usr/bin/env python3
"""Draws docs/pictures/patterns.svg, the picture of the patterns in README.md: docs/pictures/patterns.py"""

import math
from pathlib import Path

WIDTH, HEIGHT, COLUMNS = 280, 170, 3
BLUE, GREY, TEXT = "#2f6f9f", "#6b7280", "#1f2937"
STYLE = 'font-family="system-ui, sans-serif" font-size="13"'


def box(x, y, label, filled):
    fill, colour = (BLUE, "#ffffff") if filled else ("#e5edf4", TEXT)
    return (
        f'<rect x="{x - 46}" y="{y - 13}" width="92" height="26" rx="5" fill="{fill}"/>'
        f'<text x="{x}" y="{y + 4.5}" text-anchor="middle" fill="{colour}">{label}</text>'
    )


def line(a, b, both=False, dashed=False):
    """An arrow between the boxes at a and b; it ends at their edges."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    # The part of the way that lies inside a box of 92 by 26, and a little more for the head of the arrow.
    inside = min(49 / abs(dx) if dx else 1e9, 16 / abs(dy) if dy else 1e9)
    x1, y1 = a[0] + dx * inside, a[1] + dy * inside
    x2, y2 = b[0] - dx * inside, b[1] - dy * inside
    start = ' marker-start="url(#head)"' if both else ""
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{GREY}" stroke-width="1.5"'
        f'{dash}{start} marker-end="url(#head)"/>'
    )


def one_to_three(one, three, both, some=(True, True, True)):
    centre, others = (60, 92), [(220, 52), (220, 92), (220, 132)]
    parts = [line(centre, other, both, not wanted) for other, wanted in zip(others, some)]
    parts.append(box(*centre, one, True))
    return parts + [box(*other, three, False) for other in others]


def pair():
    ends = (60, 92), (220, 92)
    return [line(*ends, both=True), box(*ends[0], "Pair", True), box(*ends[1], "Pair", True)]


def bus():
    places = [(140 + 92 * math.sin(a), 96 - 40 * math.cos(a)) for a in (0, math.tau / 3, 2 * math.tau / 3)]
    lines = [line(places[i], places[(i + 1) % 3], both=True) for i in range(3)]
    return lines + [box(x, y, "Bus", True) for x, y in places]


PICTURES = [
    ("each job to one worker", one_to_three("Push", "Pull", False, (True, False, False))),
    ("a request, and its answer", one_to_three("Req", "Rep", True, (True, False, False))),
    ("to all who subscribed", one_to_three("Pub", "Sub", False, (True, False, True))),
    ("a question to all, and their answers", one_to_three("Surveyor", "Respondent", True)),
    ("one to one", pair()),
    ("each to all others", bus()),
]


def picture():
    rows = -(-len(PICTURES) // COLUMNS)
    width, height = WIDTH * COLUMNS, HEIGHT * rows
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" {STYLE}>',
        '<title>The patterns: push and pull, req and rep, pub and sub, surveyor and respondent, pair, bus</title>',
        f'<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 z" fill="{GREY}"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for index, (title, inside) in enumerate(PICTURES):
        x, y = index % COLUMNS * WIDTH, index // COLUMNS * HEIGHT
        heading = f'<text x="140" y="24" text-anchor="middle" fill="{TEXT}" font-weight="600">{title}</text>'
        parts.append(f'<g transform="translate({x} {y})">{heading}{"".join(inside)}</g>')
    return "\n".join(parts + ["</svg>", ""])


if __name__ == "__main__":
    Path(__file__).with_name("patterns.svg").write_text(picture(), encoding="utf-8")
