// A chart with what every chart here has: explanation, keyboard, a table of its data, and the page's colours.
import { init, use } from 'echarts/core';
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, DataZoomComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import { h } from './dom.js';
import { ink, onThemeChange } from './theme.js';

use([BarChart, LineChart, ScatterChart, AriaComponent, DataZoomComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

// A concrete list, not 'inherit': the library measures its labels with it.
const font = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif";
let patterns = false;
const drawn = new Map();  // figure -> {draw, dispose}

/** Draws all charts again; those that have left the page are given up. */
function redrawAll() {
  for (const [figure, { draw, dispose }] of drawn) {
    if (figure.isConnected) draw();
    else {
      dispose();
      drawn.delete(figure);
    }
  }
}
onThemeChange(redrawAll);

/** A check box that adds patterns to the colours of every chart. */
export function patternSwitch() {
  return h('label', { class: 'switch' }, h('input', {
    type: 'checkbox',
    onchange: (event) => { patterns = event.target.checked; redrawAll(); },
  }), 'Patterns');
}

/** Tooltip: a title and rows [colour, name, value]. */
export function tip(title, rows) {
  return h('div', { class: 'tip' }, h('strong', {}, title), h('table', {}, h('tbody', {}, rows.map(([colour, name, value]) =>
    h('tr', {}, h('td', {}, colour ? h('i', { style: `background:${colour}` }) : ''), h('td', {}, name), h('td', { class: 'n' }, value))))));
}

const axisStyle = (colour) => ({
  axisLine: { lineStyle: { color: colour.line } }, axisTick: { lineStyle: { color: colour.line } },
  axisLabel: { color: colour.muted, fontSize: 12 }, nameTextStyle: { color: colour.muted, fontSize: 12 },
  splitLine: { lineStyle: { color: colour.line, opacity: 0.6 } },
});

function decorate(option, colour) {
  const axes = (list) => [list].flat().map((axis) => ({ ...axisStyle(colour), ...axis, axisLabel: { ...axisStyle(colour).axisLabel, ...axis.axisLabel } }));
  return {
    animation: false, backgroundColor: 'transparent', textStyle: { color: colour.text, fontFamily: font },
    aria: { enabled: true, label: { enabled: false }, decal: { show: patterns } }, ...option,
    xAxis: axes(option.xAxis), yAxis: axes(option.yAxis),
    tooltip: { backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.text, fontSize: 13 }, confine: true, ...option.tooltip },
    legend: option.legend ? { type: 'scroll', top: 0, left: 0, icon: 'rect', itemWidth: 12, itemHeight: 12, textStyle: { color: colour.text }, inactiveColor: colour.muted, pageTextStyle: { color: colour.muted }, ...option.legend } : undefined,
  };
}

/** Arrow keys walk through the points; Escape hides the tooltip. */
function addKeyboard(box, chart, points) {
  let current = -1;
  box.addEventListener('keydown', (event) => {
    const all = points();
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') chart.dispatchAction({ type: 'hideTip' });
    if (event.key === 'Home') current = -1;
    if (event.key === 'End') current = all.length - 2;
    const move = step ?? (event.key === 'Home' || event.key === 'End' ? 1 : 0);
    if (!move || all.length === 0) return;
    event.preventDefault();
    current = (current + move + all.length) % all.length;
    chart.dispatchAction({ type: 'showTip', ...all[current] });
  });
  box.addEventListener('blur', () => chart.dispatchAction({ type: 'hideTip' }));
}

/**
 * `option()` is asked again whenever colours or choices change. `label`: what a screen reader says. `height`: pixels.
 * `points()`: the {seriesIndex, dataIndex} that the arrow keys visit. `data()`: a table element with the same numbers.
 * `click(point)`: a bar or point was chosen.
 */
export function chart({ label, height, option, points, data, click }) {
  const box = h('div', { class: 'chart', role: 'img', tabindex: '0', 'aria-label': `${label}. Arrow keys visit the values.`, style: `height:${height}px` });
  const details = h('details', { class: 'data' }, h('summary', {}, 'The numbers as a table'));
  const figure = h('figure', {}, box, details);
  let instance;
  const draw = () => {
    if (!instance) return;
    instance.setOption(decorate(option(), ink()), { notMerge: true });
    if (details.open) fill();
  };
  const fill = () => details.replaceChildren(details.firstChild, h('div', { class: 'scroll', tabindex: '0' }, data()));
  details.addEventListener('toggle', () => { if (details.open) fill(); });
  figure.start = () => {
    instance = init(box, null, { renderer: 'svg' });
    draw();
    if (click) instance.on('click', click);
    addKeyboard(box, instance, points);
    const observer = new ResizeObserver(() => instance.resize());
    observer.observe(box);
    drawn.set(figure, { draw, dispose: () => { observer.disconnect(); instance.dispose(); } });
  };
  figure.redraw = draw;
  return figure;
}
