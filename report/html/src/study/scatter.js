// Two chosen metrics against each other, with the Pareto front; a third as colour. Drag to filter, click to choose.
import { h } from '../dom.js';
import { ink, onThemeChange } from '../theme.js';
import { s, ticks } from './axes.js';
import { filterFor, interval } from './selection.js';
import { colourMap, css, disc, fit, picture, pixel, pixelRatio, rgb, stamp } from './paint.js';

const margin = { left: 74, right: 18, top: 14, bottom: 46 };
const padding = 0.03;  // of an axis, so that points at its ends are whole

/** Rows that have both variables, in the order in which a sweep finds their front. */
function sweepOrder(x, y) {
  const rows = [];
  for (let i = 0; i < x.values.length; i++) if (x.values[i] === x.values[i] && y.values[i] === y.values[i]) rows.push(i);
  return rows.sort((a, b) => (x.values[b] - x.values[a]) * x.better || (y.values[b] - y.values[a]) * y.better || a - b);
}

/** Rows of the front of two variables among the visible points; empty without a better direction. */
export function frontOfTwo(x, y, order, visible) {
  if (!x.better || !y.better || x === y) return [];
  const front = [];
  let best = -Infinity;
  for (const row of order) {
    if (!visible[row] || y.values[row] * y.better <= best) continue;
    best = y.values[row] * y.better;
    front.push(row);
  }
  return front;
}

const radius = (count) => (count < 1000 ? 3.5 : count < 10000 ? 2.5 : count < 40000 ? 1.5 : 1);
const sharp = 10000;  // from so many points on, edges are not smoothed

/** `view`: {x, y, colour} variables, which the page's controls change. Returns {element, redraw}. */
export function scatter(data, state, view) {
  const back = h('canvas', { 'aria-hidden': 'true' });
  const canvas = h('canvas', { 'aria-hidden': 'true', class: 'points' });
  const svg = s('svg', { 'aria-hidden': 'true' });
  const tip = h('div', { class: 'point-tip', hidden: true });
  const box = h('div', { class: 'plot scatter', role: 'application', tabindex: '0' }, back, canvas, svg, tip);
  let width = 0;
  let height = 0;
  const px = new Float32Array(data.count);
  const py = new Float32Array(data.count);
  let look = null;  // colours of the theme, asked once a redraw: asking costs a layout
  let order = [];
  let ordered = [];  // the variables of the order
  let drag = null;
  let walk = -1;

  const plotWidth = () => width - margin.left - margin.right;
  const plotHeight = () => height - margin.top - margin.bottom;
  const toX = (at) => margin.left + (padding + at * (1 - 2 * padding)) * plotWidth();
  const toY = (at) => margin.top + (1 - padding - at * (1 - 2 * padding)) * plotHeight();
  const fromX = (pixel) => ((pixel - margin.left) / plotWidth() - padding) / (1 - 2 * padding);
  const fromY = (pixel) => (1 - padding - (pixel - margin.top) / plotHeight()) / (1 - 2 * padding);
  const drawable = (row) => px[row] === px[row] && py[row] === py[row];

  function place() {
    for (let i = 0; i < data.count; i++) {
      px[i] = toX(view.x.at[i]);
      py[i] = toY(view.y.at[i]);
    }
    if (ordered[0] === view.x && ordered[1] === view.y) return;
    ordered = [view.x, view.y];
    order = sweepOrder(view.x, view.y);
  }

  /** A function that puts points into the canvas's picture. */
  function painter(target) {
    fit(target, width, height);
    const into = picture(target);
    const ratio = pixelRatio();
    return {
      put: (row, shape, colour, opacity) => stamp(into, Math.round(px[row] * ratio), Math.round(py[row] * ratio), shape, colour, opacity),
      form: (r) => disc(r * ratio, into.width),
      show: () => target.getContext('2d').putImageData(into.image, 0, 0),
    };
  }

  /** All points, grey: what filters leave out stays visible. */
  function paintBack() {
    const { put, form, show } = painter(back);
    const shape = form(radius(state.baseCount) * 0.7);
    const grey = pixel(rgb(look.muted));
    for (let i = 0; i < data.count; i++) if (state.base[i] && drawable(i)) put(i, shape, grey, 0.25);
    show();
  }

  function paintPoints() {
    const { put, form, show } = painter(canvas);
    const { text, muted, accent, colours } = look;
    const [plain, grey] = [pixel(rgb(accent)), pixel(rgb(muted))];
    const at = view.colour?.at;
    const colourOf = (row) => (!at ? plain : at[row] === at[row] ? colours[Math.round(at[row] * 255)] : grey);
    const r = radius(state.baseCount);
    const shape = form(r);
    const opacity = state.visibleCount < sharp ? 0.85 : 1;
    let drawn = 0;
    for (let i = 0; i < data.count; i++) {
      if (!state.visible[i] || !drawable(i)) continue;
      put(i, shape, colourOf(i), opacity);
      drawn++;
    }
    const [rim, core] = [form(r + 2), form(r + 0.7)];
    for (const row of data.front) {
      if (!state.visible[row] || !drawable(row)) continue;
      put(row, rim, pixel(rgb(text)), 0.999);
      put(row, core, colourOf(row), 0.999);
    }
    show();
    canvas.dataset.points = drawn;
  }

  function axis(variable, horizontal) {
    const { line } = look;
    const marks = ticks(variable, horizontal ? Math.max(3, plotWidth() / 90) : Math.max(3, plotHeight() / 50));
    const direction = variable.better > 0 ? (horizontal ? ' (more is better →)' : ' (more is better ↑)') : variable.better < 0 ? (horizontal ? ' (← less is better)' : ' (less is better ↓)') : '';
    const group = marks.map(({ at, text }) => (horizontal
      ? [s('line', { x1: toX(at), x2: toX(at), y1: margin.top, y2: height - margin.bottom, stroke: line, 'stroke-opacity': 0.6 }), s('text', { x: toX(at), y: height - margin.bottom + 17, 'text-anchor': 'middle' }, text)]
      : [s('line', { x1: margin.left, x2: width - margin.right, y1: toY(at), y2: toY(at), stroke: line, 'stroke-opacity': 0.6 }), s('text', { x: margin.left - 8, y: toY(at) + 4, 'text-anchor': 'end' }, text)]));
    const name = horizontal
      ? s('text', { class: 'name', x: margin.left + plotWidth() / 2, y: height - 8, 'text-anchor': 'middle' }, variable.label + direction)
      : s('text', { class: 'name', x: 0, y: 0, transform: `translate(13 ${margin.top + plotHeight() / 2}) rotate(-90)`, 'text-anchor': 'middle' }, variable.label + direction);
    return [...group.flat(), name];
  }

  function staircase(rows) {
    const { text } = look;
    let path = '';
    rows.forEach((row, i) => { path += i === 0 ? `M${px[row]} ${py[row]}` : `L${px[row]} ${py[rows[i - 1]]}L${px[row]} ${py[row]}`; });
    return s('path', { class: 'front', d: path, fill: 'none', stroke: text, 'stroke-width': 1.6, 'stroke-opacity': 0.75 });
  }

  /** The second study's front, as crosses. */
  function otherFront() {
    if (!data.compare) return [];
    const index = (variable) => data.objectives.indexOf(variable);
    if (index(view.x) < 0 || index(view.y) < 0) return [];
    return data.compare.front.map(({ id, values }) => {
      const [x, y] = [toX(view.x.place(values[index(view.x)])), toY(view.y.place(values[index(view.y)]))];
      return s('path', { class: 'other', d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8` }, s('title', {}, `${data.compare.name}, point ${id}`));
    });
  }

  function brush() {
    const [fx, fy] = [interval(view.x, state.filters.get(view.x)), interval(view.y, state.filters.get(view.y))];
    if (!fx && !fy) return null;
    const [x0, x1] = fx ? fx.map(toX) : [margin.left, width - margin.right];
    const [y1, y0] = fy ? fy.map(toY) : [height - margin.bottom, margin.top];
    return s('rect', { class: 'brush', x: x0 - 1, y: y0 - 1, width: Math.max(2, x1 - x0 + 2), height: Math.max(2, y1 - y0 + 2) });
  }

  const grid = s('g', { class: 'grid' });
  const marks = s('g', {});
  svg.append(grid, marks);
  function paintOver() {
    const front = frontOfTwo(view.x, view.y, order, state.visible);
    const ring = (row, name) => (row >= 0 && drawable(row) ? s('circle', { class: name, cx: px[row], cy: py[row], r: 8 }) : null);
    marks.replaceChildren(...[staircase(front), brush(), ring(state.hovered, 'hovered'), ring(state.chosen, 'chosen')].filter(Boolean));
    box.setAttribute('aria-label', `Scatter of ${view.x.label} and ${view.y.label}: ${canvas.dataset.points} points, ${front.length} on the front of the two. Arrow keys walk along the front, Enter shows a point's details, Escape removes the filters of the two.`);
  }

  function redraw() {
    if (!box.isConnected || box.clientWidth === 0) return;
    width = box.clientWidth;
    height = box.clientHeight;
    look = { ...ink(), colours: colourMap().map(pixel) };
    place();
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    grid.replaceChildren(...axis(view.x, true), ...axis(view.y, false), ...otherFront());
    paintBack();
    paintPoints();
    paintOver();
    painted = state.baseCount;
  }

  let painted = -1;
  function filtered() {
    if (!width) return;
    if (painted !== state.baseCount) paintBack();
    painted = state.baseCount;
    paintPoints();
    paintOver();
  }

  function nearest(x, y, reach) {
    let found = -1;
    let least = reach * reach;
    for (let i = 0; i < data.count; i++) {
      if (!state.visible[i]) continue;
      const distance = (px[i] - x) ** 2 + (py[i] - y) ** 2;
      if (distance < least || (distance === least && data.onFront[i])) {
        least = distance;
        found = i;
      }
    }
    return found;
  }

  function showTip(row) {
    state.hover(row);
    tip.hidden = row < 0;
    if (row < 0) return;
    const lines = [view.x, view.y, view.colour].filter(Boolean).map((variable) => h('div', {}, `${variable.label}: ${variable.text(row)}`));
    tip.replaceChildren(h('strong', {}, `point ${data.ids[row]}`), ...lines);
    const left = px[row] > width / 2;
    tip.style.cssText = `${left ? `right:${width - px[row] + 14}px` : `left:${px[row] + 14}px`};top:${Math.max(0, Math.min(height - 90, py[row] - 30))}px`;
  }

  const spot = (event) => { const at = box.getBoundingClientRect(); return [event.clientX - at.left, event.clientY - at.top]; };
  let waiting = 0;
  box.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    drag = { from: spot(event), moved: false };
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener('pointermove', (event) => {
    const [x, y] = spot(event);
    if (!drag) {
      if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; showTip(nearest(x, y, 14)); });
      return;
    }
    if (!drag.moved && Math.hypot(x - drag.from[0], y - drag.from[1]) < 5) return;
    drag.moved = true;
    drag.to = [x, y];
    tip.hidden = true;
    // One filtering a frame: a mouse reports more moves than a screen shows.
    if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; if (drag) filterTo(drag.to); });
  });
  const filterTo = ([x, y]) => state.filter([[view.x, filterFor(view.x, fromX(drag.from[0]), fromX(x))], [view.y, filterFor(view.y, fromY(drag.from[1]), fromY(y))]]);
  box.addEventListener('pointerup', (event) => {
    const [x, y] = spot(event);
    if (drag?.moved) filterTo([x, y]);
    else if (drag && nearest(x, y, 14) >= 0) state.choose(nearest(x, y, 14));
    drag = null;
  });
  box.addEventListener('pointercancel', () => { drag = null; });
  box.addEventListener('pointerleave', () => { if (!drag) showTip(-1); });
  box.addEventListener('dblclick', () => state.filter([[view.x, null], [view.y, null]]));
  box.addEventListener('keydown', (event) => {
    const front = frontOfTwo(view.x, view.y, order, state.visible);
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step && front.length) {
      event.preventDefault();
      walk = (Math.max(-1, walk) + step + front.length + (walk < 0 && step < 0 ? 1 : 0)) % front.length;
      showTip(front[walk]);
    }
    if (event.key === 'Enter' && state.hovered >= 0) state.choose(state.hovered);
    if (event.key === 'Escape') state.filter([[view.x, null], [view.y, null]]);
  });

  state.on('points', filtered);
  state.on('look', redraw);
  state.on('chosen', () => { if (width) paintOver(); });
  onThemeChange(redraw);
  new ResizeObserver(() => { if (box.clientWidth !== width || box.clientHeight !== height) redraw(); }).observe(box);
  return { element: box, redraw };
}

/** The colours of the third variable, low to high. */
export function legend(view) {
  const element = h('div', { class: 'ramp' });
  const draw = () => {
    if (!view.colour) return element.replaceChildren();
    const stops = colourMap().filter((_, i) => i % 15 === 0).map(css).join(',');
    const ends = view.colour.kind === 'setting' ? [view.colour.texts[0], view.colour.texts.at(-1)] : [view.colour.format(view.colour.low), view.colour.format(view.colour.high)];
    return element.replaceChildren(h('span', {}, `${view.colour.label}: ${ends[0]}`), h('i', { style: `background:linear-gradient(90deg,${stops})` }), h('span', {}, ends[1]));
  };
  draw();
  onThemeChange(draw);
  return { element, draw };
}
