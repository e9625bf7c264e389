"""Charts as SVG files, from the standard library alone: lines over a logarithmic axis, and tables of shaded cells."""
import math
from xml.sax.saxutils import escape

INK, GRID, COLOURS = "#222", "#ddd", ["#1b6ca8", "#c8553d", "#3d8361", "#8e5ea2", "#b8860b", "#555"]
STYLE = f"font-family: sans-serif; font-size: 12px; fill: {INK}"


def text(x, y, words, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(str(words))}</text>'


def write(path, width, height, title, parts):
    with open(path, "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" style="{STYLE}">\n')
        file.write(f'<rect width="{width}" height="{height}" fill="white"/>\n')
        file.write("\n".join([text(width / 2, 18, title, more='font-weight="bold"'), *parts]) + "\n</svg>\n")


def ticks(low, high, logarithmic):
    if logarithmic:
        steps = [m * 10.0**e for e in range(-15, 16) for m in (1, 2, 5)]
    else:
        raw = (high - low) / 5 or 1
        unit = 10.0 ** math.floor(math.log10(raw))
        step = next(s * unit for s in (1, 2, 5, 10) if s * unit >= raw)
        steps = [step * i for i in range(math.floor(low / step), math.ceil(high / step) + 1)]
    return [value for value in steps if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


class Axis:
    def __init__(self, values, start, end, logarithmic):
        scale = math.log10 if logarithmic else float
        low, high = min(values), max(values)
        margin = (scale(high) - scale(low)) * 0.04
        self.place = lambda v: start + (end - start) * (scale(v) - scale(low) + margin) / ((scale(high) - scale(low) + 2 * margin) or 1)
        self.ticks = ticks(low, high, logarithmic)


def lines(path, title, x_title, y_title, series, x_log=True, y_log=False, dots=True):
    """`series`: (name, [(x, y), ...]) each; a name that begins with '-' is drawn dashed in the colour of the line before."""
    width, height, left, right, top, bottom = 680, 380, 70, 500, 34, 330
    x_axis = Axis([x for _, points in series for x, _ in points], left, right, x_log)
    y_axis = Axis([y for _, points in series for _, y in points], bottom, top, y_log)
    parts = []
    for x in x_axis.ticks:
        parts += [f'<path d="M{x_axis.place(x):.1f} {top}V{bottom}" stroke="{GRID}"/>', text(x_axis.place(x), bottom + 16, f"{x:g}")]
    for y in y_axis.ticks:
        parts += [f'<path d="M{left} {y_axis.place(y):.1f}H{right}" stroke="{GRID}"/>', text(left - 6, y_axis.place(y) + 4, f"{y:g}", "end")]
    colour = -1
    for i, (name, points) in enumerate(series):
        dashed = name.startswith("-")
        colour += 0 if dashed else 1
        stroke = COLOURS[colour % len(COLOURS)]
        path_data = "M" + "L".join(f"{x_axis.place(x):.1f} {y_axis.place(y):.1f}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        parts.append(f'<path d="{path_data}" fill="none" stroke="{stroke}" stroke-width="2"{dash}/>')
        parts += [f'<circle cx="{x_axis.place(x):.1f}" cy="{y_axis.place(y):.1f}" r="3" fill="{stroke}"/>' for x, y in points if dots]
        y = top + 14 + 18 * i
        parts += [f'<path d="M{right + 12} {y - 4}h22" stroke="{stroke}" stroke-width="2"{dash}/>', text(right + 40, y, name.lstrip("-"), "start")]
    parts += [text((left + right) / 2, height - 12, x_title), text(0, 0, y_title, more=f'transform="translate(16 {(top + bottom) / 2}) rotate(-90)"')]
    write(path, width, height, title, parts)


def shaded(path, title, x_title, y_title, columns, rows, value, label):
    """A cell for each row and column: `value(row, column)` shades it (least is darkest), None leaves it empty; `label` is what it says."""
    cell_width, cell_height, left, top = 62, 26, 90, 62
    width, height = left + cell_width * len(columns) + 20, top + cell_height * len(rows) + 20
    known = [value(r, c) for r in rows for c in columns if value(r, c) is not None]
    low, high = math.log(min(known)), math.log(max(known))
    parts = [text(left + cell_width * len(columns) / 2, 38, x_title), text(0, 0, y_title, more=f'transform="translate(16 {(top + height - 20) / 2}) rotate(-90)"')]
    parts += [text(left + cell_width * (i + 0.5), top - 8, column) for i, column in enumerate(columns)]
    for j, row in enumerate(rows):
        parts.append(text(left - 8, top + cell_height * (j + 0.65), row, "end"))
        for i, column in enumerate(columns):
            shade = value(row, column)
            if shade is None:
                continue
            weight = 1 - (math.log(shade) - low) / ((high - low) or 1)
            x, y = left + cell_width * i, top + cell_height * j
            fill = "#" + "".join(f"{round(255 + (end - 255) * weight**2):02x}" for end in (27, 108, 168))
            parts += [f'<rect x="{x}" y="{y}" width="{cell_width - 1}" height="{cell_height - 1}" fill="{fill}"/>',
                      text(x + cell_width / 2, y + cell_height * 0.65, label(row, column), more='fill="white"' if weight > 0.75 else "")]
    write(path, width, height, title, parts)
