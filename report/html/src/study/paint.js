// Pixels: colour maps, discs and density of lines, drawn into ImageData. Points in the tens of thousands are too many
// for a path each.

// Viridis (van der Walt and Smith, 2015) at nine places.
const viridis = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]];

const isDark = () => getComputedStyle(document.documentElement).colorScheme === 'dark';

/** 256 colours [r, g, b], without the end that would vanish in the page's background. */
export function colourMap() {
  const [from, to] = isDark() ? [0.15, 1] : [0, 0.93];
  return Array.from({ length: 256 }, (_, i) => {
    const at = (from + (to - from) * i / 255) * 8;
    const k = Math.min(7, Math.floor(at));
    return viridis[k].map((c, j) => Math.round(c + (viridis[k + 1][j] - c) * (at - k)));
  });
}

export const css = ([r, g, b]) => `rgb(${r},${g},${b})`;

/** '#rrggbb' -> [r, g, b]. */
export const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

export const pixelRatio = () => Math.min(2, window.devicePixelRatio || 1);

/** Sets the canvas to its size on the page; returns its width and height in device pixels. */
export function fit(canvas, width, height) {
  const ratio = pixelRatio();
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  return [canvas.width, canvas.height];
}

/** A disc of radius r for a picture of that width: pixels as offsets, with how much of each it covers, 0 to 1. */
export function disc(r, width) {
  const reach = Math.ceil(r);
  const cells = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const coverage = Math.min(1, Math.max(0, r + 0.5 - Math.hypot(x, y)));
      if (coverage > 0) cells.push([y * width + x, coverage]);
    }
  }
  return { reach, offsets: Int32Array.from(cells, ([offset]) => offset), coverage: Float32Array.from(cells, ([, coverage]) => coverage) };
}

/** [r, g, b] as an opaque pixel of a picture. */
export const pixel = ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0;

/**
 * Puts a disc over what is there; one that does not fit into the picture is left out. `picture`: {width, height, pixels
 * (Uint32Array)}. With an opacity of 1 its edge is sharp, which is several times faster.
 */
export function stamp(picture, x, y, shape, colour, opacity) {
  const { width, height, pixels } = picture;
  const { reach, offsets, coverage } = shape;
  if (x < reach || y < reach || x >= width - reach || y >= height - reach) return;
  const centre = y * width + x;
  for (let k = 0; k < offsets.length; k++) {
    const at = centre + offsets[k];
    if (opacity === 1) {
      if (coverage[k] >= 0.5) pixels[at] = colour;
      continue;
    }
    const over = coverage[k] * opacity;
    const below = pixels[at];
    const under = (below >>> 24) / 255 * (1 - over);
    const alpha = over + under;
    const mix = (shift) => ((colour >>> shift & 255) * over + (below >>> shift & 255) * under) / alpha;
    pixels[at] = (alpha * 255) << 24 | mix(16) << 16 | mix(8) << 8 | mix(0);
  }
}

/** An empty picture of the canvas's size. */
export function picture(canvas) {
  const image = new ImageData(canvas.width, canvas.height);
  return { image, width: canvas.width, height: canvas.height, pixels: new Uint32Array(image.data.buffer) };
}

/** How many lines cross each pixel, and the sum of their colour values (0 to 1). */
export function densityBuffer(width, height) {
  return { width, height, count: new Float32Array(width * height), sum: new Float32Array(width * height) };
}

/** A line of weight `count`, spread over the two nearest pixels of each column, or row where it is steep (Wu, 1991). */
export function addLine(buffer, x0, y0, x1, y1, count, sum) {
  const { width, height } = buffer;
  const dx = x1 - x0;
  const dy = y1 - y0;
  const steep = Math.abs(dy) > Math.abs(dx);
  const steps = Math.max(1, Math.ceil(steep ? Math.abs(dy) : Math.abs(dx)));  // whole x: no column is left out
  const stepX = dx / steps;
  const stepY = dy / steps;
  const across = steep ? 1 : width;
  for (let i = 0, x = x0, y = y0; i < steps; i++, x += stepX, y += stepY) {
    const column = x | 0;
    const row = y | 0;
    if (column < 0 || row < 0 || column >= width - 1 || row >= height - 1) continue;
    const part = steep ? x - column : y - row;
    const at = row * width + column;
    buffer.count[at] += count * (1 - part);
    buffer.count[at + across] += count * part;
    buffer.sum[at] += sum * (1 - part);
    buffer.sum[at + across] += sum * part;
  }
}

/** Opacity grows with the number of lines: 1 - (1 - single)^count. `colours`: 256 pixels for the mean of the sums. */
export function tone(buffer, pixels, colours, single) {
  const fine = 16;  // steps a line
  const opacity = Uint8Array.from({ length: 4096 }, (_, i) => Math.round(255 * (1 - (1 - single) ** (i / fine))));
  const { count, sum } = buffer;
  for (let i = 0; i < count.length; i++) {
    const lines = count[i];
    if (lines === 0) continue;
    pixels[i] = opacity[Math.min(4095, lines * fine | 0)] << 24 | colours[Math.min(255, sum[i] / lines * 255 | 0)] & 0xffffff;
  }
}
