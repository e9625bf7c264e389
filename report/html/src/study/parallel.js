// Parallel coordinates: an axis a dimension and objective, a line a point. All lines are drawn, as density: those that
// run through the same places are counted, not drawn again. Drag along an axis to filter, click a line to choose it.
import { h } from '../dom.js';
import { ink, onThemeChange } from '../theme.js';
import { shortName } from '../format.js';
import { s, ticks } from './axes.js';
import { filterFor, interval } from './selection.js';
import { addLine, colourMap, densityBuffer, fit, picture, pixel, pixelRatio, rgb, tone } from './paint.js';

const margin = { left: 62, right: 62, top: 48, bottom: 26 };
const rows = 256;  // places on an axis that lines are told apart by; one more for "no value"
const reach = 16;  // pixels beside an axis that belong to it

/** Lines of the marked points between two axes, by their places on both. */
function countLines(a, b, marked, colour, counts, sums, touched) {
  const quantised = (at) => (at === at ? Math.round(at * (rows - 1)) : rows);
  let used = 0;
  for (let i = 0; i < marked.length; i++) {
    if (marked[i] === 0) continue;
    const key = quantised(a[i]) * (rows + 1) + quantised(b[i]);
    if (counts[key] === 0) touched[used++] = key;
    counts[key]++;
    sums[key] += colour ? (colour[i] === colour[i] ? colour[i] : 0) : 0;
  }
  return used;
}

/** `view`: {axes: variables, colour}. Returns {element, redraw}. */
export function parallel(data, state, view) {
  const back = h('canvas', { 'aria-hidden': 'true' });
  const front = h('canvas', { 'aria-hidden': 'true', class: 'lines' });
  const svg = s('svg', { 'aria-hidden': 'true' });
  const box = h('div', { class: 'plot parallel', role: 'img' }, back, front, svg);
  const counts = new Uint32Array((rows + 1) ** 2);
  const sums = new Float32Array((rows + 1) ** 2);
  const touched = new Uint32Array(Math.min(data.count, (rows + 1) ** 2));
  let buffer = null;
  let look = null;  // colours of the theme
  let width = 0;
  let height = 0;
  let drag = null;
  let waiting = 0;

  const toX = (i) => margin.left + (view.axes.length < 2 ? 0.5 : i / (view.axes.length - 1)) * (width - margin.left - margin.right);
  const low = () => height - margin.bottom;
  const toY = (at) => (at === at ? low() - at * (low() - margin.top) : height - 8);
  const fromY = (pixel) => (low() - pixel) / (low() - margin.top);

  function paintLines(canvas, marked, count, colours, colour, single) {
    fit(canvas, width, height);
    const into = picture(canvas);
    const ratio = pixelRatio();
    if (buffer?.width !== into.width || buffer.height !== into.height) buffer = densityBuffer(into.width, into.height);
    buffer.count.fill(0);
    buffer.sum.fill(0);
    const place = (row) => toY(row === rows ? NaN : row / (rows - 1)) * ratio;
    for (let i = 0; i + 1 < view.axes.length && count > 0; i++) {
      const used = countLines(view.axes[i].at, view.axes[i + 1].at, marked, colour, counts, sums, touched);
      for (let k = 0; k < used; k++) {
        const key = touched[k];
        addLine(buffer, Math.round(toX(i) * ratio), place(Math.floor(key / (rows + 1))), Math.round(toX(i + 1) * ratio), place(key % (rows + 1)), counts[key], sums[key]);
        counts[key] = 0;
        sums[key] = 0;
      }
    }
    tone(buffer, into.pixels, colours, single);
    canvas.getContext('2d').putImageData(into.image, 0, 0);
    canvas.dataset.lines = count;
  }

  const opacity = (count, least) => Math.min(0.85, Math.max(least, 3 / Math.sqrt(Math.max(1, count))));
  function paintBack() {
    paintLines(back, state.base, state.baseCount, Array(256).fill(pixel(rgb(look.muted))), null, opacity(state.baseCount, 0.01) * 0.25);
  }
  function paintFront() {
    const colours = view.colour ? look.colours : Array(256).fill(pixel(rgb(look.accent)));
    paintLines(front, state.visible, state.visibleCount, colours, view.colour?.at, opacity(state.visibleCount, 0.03));
  }

  function axis(variable, i) {
    const x = toX(i);
    const { muted } = look;
    const last = i === view.axes.length - 1;
    const marks = ticks(variable, (low() - margin.top) / (variable.levels <= 10 ? 26 : 52)).map(({ at, text }) => [
      s('line', { x1: x - 4, x2: x, y1: toY(at), y2: toY(at), stroke: muted }),
      s('text', { class: 'tick', x: last ? x + 6 : x - 7, y: toY(at) + 4, 'text-anchor': last ? 'start' : 'end' }, shortName(text, 12))]);
    // Names share two rows where one would not hold them.
    const room = Math.floor((width - margin.left - margin.right) / Math.max(1, view.axes.length - 1) / 7.4);
    const crowded = view.axes.some((other) => other.label.length + 2 > room);
    const anchor = i === 0 ? 'start' : last ? 'end' : 'middle';
    const name = s('text', { class: 'name', x, y: crowded && i % 2 ? 14 : 32, 'text-anchor': anchor, dx: i === 0 ? -58 : last ? 58 : 0 },
      shortName(variable.label, Math.max(8, crowded ? 2 * room - 3 : room)) + (variable.objective ? (variable.better > 0 ? ' ↑' : ' ↓') : ''), s('title', {}, variable.label));
    return [s('line', { x1: x, x2: x, y1: margin.top, y2: low(), stroke: muted, 'stroke-width': 1.2 }), ...marks.flat(), name];
  }

  function brush(variable, i) {
    const kept = interval(variable, state.filters.get(variable));
    return kept && s('rect', { class: 'brush', x: toX(i) - 7, width: 14, y: toY(kept[1]) - 3, height: Math.max(6, toY(kept[0]) - toY(kept[1]) + 6), rx: 3 });
  }

  const path = (row) => view.axes.map((variable, i) => `${i ? 'L' : 'M'}${toX(i)} ${toY(variable.at[row])}`).join('');
  const axes = s('g', {});
  const overlay = s('g', {});
  svg.append(axes, overlay);
  function paintOver() {
    const line = (row, name) => (row >= 0 ? s('path', { class: name, d: path(row), fill: 'none' }) : null);
    overlay.replaceChildren(...[...view.axes.map(brush), line(state.hovered, 'hovered'), line(state.chosen, 'chosen')].filter(Boolean));
    box.setAttribute('aria-label', `Parallel coordinates of ${view.axes.map((variable) => variable.label).join(', ')}: ${state.visibleCount} of ${state.baseCount} points within the filters. The filters below do the same by keyboard.`);
  }

  function resize() {
    width = box.clientWidth;
    height = box.clientHeight;
  }
  function redraw() {
    if (!box.isConnected || box.clientWidth === 0) return;
    resize();
    look = { ...ink(), colours: colourMap().map(pixel) };
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    axes.replaceChildren(...view.axes.flatMap(axis));
    paintBack();
    paintFront();
    paintOver();
  }

  let painted = 0;
  function filtered() {
    if (!width) return;
    if (painted !== state.baseCount) paintBack();
    painted = state.baseCount;
    paintFront();
    paintOver();
  }

  function nearest(x, y) {
    const i = Math.max(0, Math.min(view.axes.length - 2, Math.floor((x - toX(0)) / (toX(1) - toX(0)))));
    const part = (x - toX(i)) / (toX(i + 1) - toX(i));
    const [a, b] = [view.axes[i].at, view.axes[i + 1].at];
    let found = -1;
    let least = 8;
    for (let row = 0; row < data.count; row++) {
      if (!state.visible[row]) continue;
      const distance = Math.abs(toY(a[row]) * (1 - part) + toY(b[row]) * part - y);
      if (distance < least) {
        least = distance;
        found = row;
      }
    }
    return found;
  }

  const spot = (event) => { const at = box.getBoundingClientRect(); return [event.clientX - at.left, event.clientY - at.top]; };
  const axisAt = (x) => view.axes.findIndex((_, i) => Math.abs(toX(i) - x) <= reach);
  const filterTo = (y) => state.filter([[view.axes[drag.axis], filterFor(view.axes[drag.axis], fromY(drag.from), fromY(y))]]);
  box.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const [x, y] = spot(event);
    drag = { axis: axisAt(x), from: y, moved: false };
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener('pointermove', (event) => {
    const [x, y] = spot(event);
    box.style.cursor = axisAt(x) >= 0 ? 'ns-resize' : 'default';
    if (!drag || drag.axis < 0) return;
    drag.moved ||= Math.abs(y - drag.from) > 4;
    drag.to = y;
    if (drag.moved && !waiting) waiting = requestAnimationFrame(() => { waiting = 0; if (drag) filterTo(drag.to); });
  });
  box.addEventListener('pointerup', (event) => {
    const [x, y] = spot(event);
    if (drag?.moved) filterTo(y);
    else if (drag && drag.axis >= 0 && state.filters.has(view.axes[drag.axis])) state.filter([[view.axes[drag.axis], null]]);
    else if (drag && nearest(x, y) >= 0) state.choose(nearest(x, y));
    drag = null;
  });
  box.addEventListener('pointercancel', () => { drag = null; });

  state.on('points', filtered);
  state.on('look', redraw);
  state.on('chosen', () => { if (width) paintOver(); });
  onThemeChange(redraw);
  new ResizeObserver(() => { if (box.clientWidth !== width) redraw(); }).observe(box);
  return { element: box, redraw };
}
