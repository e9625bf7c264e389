// Training runs side by side: curves, what the methods follow layer by layer, and how weights and group norms spread.
import { chart, tip } from './chart.js';
import { choice, definitions, h, section, table } from './dom.js';
import { digits, percent, shortName, words } from './format.js';
import { bar, navigation } from './header.js';
import { grid } from './stacked.js';
import { ink, series } from './theme.js';

const shares = /zero|accuracy|sparsity|share/;
const formatOf = (name) => (shares.test(name) ? percent : digits);

/** Lines over epochs. `lines()`: [{name, points: [[x, y]], colour, dashed}]. */
function curves({ label, lines, format, height = 280, scroll = false }) {
  const option = () => {
    const all = lines();
    return {
      grid: grid({ top: 40, bottom: 24 }), legend: { data: all.map((line) => line.name), icon: 'roundRect', ...(scroll ? {} : { type: 'plain' }) },
      tooltip: {
        trigger: 'axis',
        formatter: (points) => tip(`epoch ${points[0].axisValue}`, points.map((point) => [point.color, point.seriesName, format(point.value[1])])),
      },
      xAxis: { type: 'value', name: 'epoch', nameLocation: 'middle', nameGap: 26, minInterval: 1, min: 'dataMin', max: 'dataMax', splitLine: { show: false } },
      yAxis: { type: 'value', scale: true, axisLabel: { formatter: format } },
      series: all.map((line) => ({
        name: line.name, type: 'line', data: line.points, symbolSize: 6, itemStyle: { color: line.colour },
        lineStyle: { color: line.colour, width: 2, type: line.dashed ? 'dashed' : 'solid' },
      })),
    };
  };
  return chart({
    label, height, option, points: () => (lines()[0]?.points ?? []).map((_, i) => ({ seriesIndex: 0, dataIndex: i })),
    data: () => {
      const all = lines();
      const epochs = [...new Set(all.flatMap((line) => line.points.map(([x]) => x)))].sort((a, b) => a - b);
      return table(['epoch', ...all.map((line) => line.name)], epochs.map((epoch) =>
        [epoch, ...all.map((line) => { const point = line.points.find(([x]) => x === epoch); return point ? format(point[1]) : '–'; })]), label);
    },
  });
}

const over = (run, value) => run.history.epochs.map((epoch) => [epoch.epoch, value(epoch)]);
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

function learning(runs) {
  const colour = () => series(runs.length);
  const lines = (value) => () => runs.map((run, i) => ({ name: run.label, colour: colour()[i], points: over(run, value) }));
  const accuracy = () => runs.flatMap((run, i) => [
    { name: run.label, colour: colour()[i], points: over(run, (epoch) => epoch.accuracy) },
    ...(run.history.epochs.some((epoch) => epoch.validation.length) ? [{ name: `${run.label}, validation`, colour: colour()[i], dashed: true, points: over(run, (epoch) => mean(epoch.validation)) }] : [])]);
  return section('learning', 'Loss and accuracy', 'Means over each epoch’s steps: the loss with its penalties, and the accuracy on the training images as they were shown. Dashed: on the validation images, after the epoch.',
    h('h3', {}, 'Loss'), curves({ label: 'Loss over epochs', lines: lines((epoch) => epoch.loss), format: digits }),
    h('h3', {}, 'Accuracy'), curves({ label: 'Accuracy over epochs', lines: accuracy, format: percent }),
    h('h3', {}, 'Learning rate at the end of the epoch'), curves({ label: 'Learning rate over epochs', lines: lines((epoch) => epoch.learning_rate), format: digits, height: 200 }));
}

/** {figure: [layers]} of "LAYER/figure" names, and the figures of the network. */
function figuresOf(names) {
  const layers = {};
  const network = [];
  for (const name of names) {
    const cut = name.lastIndexOf('/');
    if (cut < 0) network.push(name);
    else (layers[name.slice(cut + 1)] ??= []).push(name.slice(0, cut));
  }
  return { layers, network };
}

const metricNames = (runs) => [...new Set(runs.flatMap((run) => run.history.epochs.flatMap((epoch) => Object.keys(epoch.metrics))))];
const withMetric = (run, name) => run.history.epochs.filter((epoch) => name in epoch.metrics).map((epoch) => [epoch.epoch, epoch.metrics[name]]);

/** From first to last layer: blue to red, so that depth can be seen. */
const depth = (n) => Array.from({ length: n }, (_, i) => `hsl(${Math.round(220 - (220 * i) / Math.max(1, n - 1))} 65% 52%)`);

/** Layers in the order of the network: that in which numbers in their names rise. */
const inOrder = (names) => [...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

function select(label, options, current, change) {
  return h('label', { class: 'search' }, `${label} `, h('select', { onchange: (event) => change(event.target.value) },
    options.map(([value, text]) => h('option', { value, selected: value === current }, text))));
}

function redrawn(build) {
  const box = h('div', {}, build());
  return [box, () => { box.replaceChildren(build()); for (const figure of box.querySelectorAll('figure')) figure.start(); }];
}

function layers(runs) {
  const figures = figuresOf(metricNames(runs)).layers;
  const names = Object.keys(figures).sort((a, b) => (b === 'threshold') - (a === 'threshold') || (b === 'zero_groups') - (a === 'zero_groups') || a.localeCompare(b));
  if (names.length === 0) return null;
  let run = runs.find((candidate) => Object.keys(candidate.history.epochs.at(-1)?.metrics ?? {}).some((name) => name.endsWith('/threshold'))) ?? runs[0];
  const chartOf = (figure) => {
    const of = inOrder(figures[figure]).filter((layer) => withMetric(run, `${layer}/${figure}`).length);
    if (of.length === 0) return null;
    return h('div', {}, h('h3', {}, words(figure)), curves({
      label: `${words(figure)} of each layer over epochs, ${run.label}`, format: formatOf(figure), height: 320, scroll: true,
      lines: () => of.map((layer, i) => ({ name: shortName(layer, 32), colour: depth(of.length)[i], points: withMetric(run, `${layer}/${figure}`) })),
    }));
  };
  const [box, redraw] = redrawn(() => h('div', {}, names.map(chartOf)));
  const choose = runs.length > 1 ? select('Run', runs.map((r) => [r.label, r.label]), run.label, (label) => { run = runs.find((r) => r.label === label); redraw(); }) : null;
  return section('layers', 'Layer by layer', 'What the methods follow after each epoch; blue lines are layers near the input, red ones near the output.', choose, box);
}

function wholeNetwork(runs) {
  const names = figuresOf(metricNames(runs)).network;
  if (names.length === 0) return null;
  return section('network', 'The whole network', 'What the methods follow over all layers that they cover.', ...names.flatMap((name) => [
    h('h3', {}, words(name)),
    curves({
      label: `${words(name)} over epochs`, format: formatOf(name), height: 220,
      lines: () => runs.map((run, i) => ({ name: run.label, colour: series(runs.length)[i], points: withMetric(run, name) })).filter((line) => line.points.length),
    })]));
}

/** Outline of a histogram as density, so that the area is 1 whatever the width of the parts: [[left, density], ..., [right, 0]]. */
function outline({ low, high, counts }) {
  const all = counts.reduce((a, b) => a + b, 0);
  const width = (high - low) / counts.length;
  return [...counts.map((count, i) => [low + width * i, count / all / (width || 1)]), [high, 0]];
}

function histogram(runs, name, label) {
  const of = runs.map((run, i) => ({ run, i, distribution: run.history.distributions[name] })).filter(({ distribution }) => distribution);
  const title = ({ run, distribution }) => `${run.label}: μ ${digits(distribution.mean)}, σ ${digits(distribution.deviation)}`;
  const option = () => {
    const colour = series(runs.length);
    return {
      grid: grid({ top: 24 + 22 * of.length, bottom: 4 }),
      legend: { data: of.map(title), type: 'plain', orient: 'vertical' },
      tooltip: { trigger: 'item', formatter: (point) => tip(point.seriesName, [[point.color, digits(point.value[0]), digits(point.value[1])]]) },
      xAxis: { type: 'value', scale: true, splitLine: { show: false }, axisLabel: { formatter: digits } }, yAxis: { type: 'value', name: 'density', nameTextStyle: { align: 'left' }, axisLabel: { formatter: digits } },
      series: of.map((entry) => ({
        name: title(entry), type: 'line', step: 'end', symbolSize: 3, data: outline(entry.distribution), itemStyle: { color: colour[entry.i] },
        lineStyle: { color: colour[entry.i], width: 1.5 }, areaStyle: { color: colour[entry.i], opacity: 0.15 },
      })),
    };
  };
  return chart({
    label: `${label}, ${name}`, height: 300, option, points: () => outline(of[0].distribution).map((_, i) => ({ seriesIndex: 0, dataIndex: i })),
    data: () => table(['run', 'mean', 'standard deviation', 'least', 'largest'], of.map(({ run, distribution }) =>
      [run.label, ...[distribution.mean, distribution.deviation, distribution.low, distribution.high].map(digits)]), label),
  });
}

/** One or two layers' histograms, all runs in each. */
function spread(runs, id, figure, title, explanation) {
  const layersOf = inOrder(new Set(runs.flatMap((run) => Object.keys(run.history.distributions)).filter((name) => name.endsWith(`/${figure}`)).map((name) => name.slice(0, name.lastIndexOf('/')))));
  if (layersOf.length === 0) return null;
  const chosen = [layersOf[Math.floor(layersOf.length * 0.4)], layersOf[Math.floor(layersOf.length * 0.8)]];
  return section(id, title, explanation, h('div', { class: 'pair' }, chosen.map((layer) => {
    let current = layer;
    const [box, redraw] = redrawn(() => histogram(runs, `${current}/${figure}`, title));
    return h('div', {}, select('Layer', layersOf.map((name) => [name, name]), current, (value) => { current = value; redraw(); }), box);
  })));
}

function overview(runs) {
  const network = figuresOf(metricNames(runs)).network;
  const last = (run) => run.history.epochs.at(-1);
  const tested = ({ history: { test } }) => (test ? [percent(test.before), Object.entries(test.after).map(([name, value]) => `${name} ${percent(value)}`.trim()).join(', ') || '–'] : ['–', '–']);
  return h('div', { class: 'scroll' }, table(
    ['run', 'network', 'recipe', 'epochs', 'loss', 'accuracy', 'test, before', 'test, after', ...network.map(words)],
    runs.map((run) => [run.label, run.history.network, run.history.recipe, `${run.history.epochs.length}${run.history.finished ? '' : ' (goes on)'}`,
      last(run) ? digits(last(run).loss) : '–', last(run) ? percent(last(run).accuracy) : '–', ...tested(run),
      ...network.map((name) => (last(run) && name in last(run).metrics ? formatOf(name)(last(run).metrics[name]) : '–'))]), 'After the last epoch', 3));
}

const origin = (runs) => runs.map((run) => h('details', {}, h('summary', {}, `Recipe and command of ${run.label}`), definitions([
  ['command', h('code', {}, run.history.provenance.command)], ['Rebasis', run.history.provenance.tool_version], ['recipe', h('code', { class: 'wrap' }, run.history.recipe_text)]])));

/** Two runs from files of one name are told apart by number. */
const labelled = (runs) => runs.map((run, i) => ({ ...run, label: runs.filter((other) => other.label === run.label).length > 1 ? `${run.label} (${i + 1})` : run.label }));

export function training(all) {
  const runs = labelled(all);
  const parts = [
    learning(runs), wholeNetwork(runs), layers(runs),
    spread(runs, 'norms', 'group_norms', 'Norms of the weight groups', 'L2 norms of the groups after the last epoch, as density: every outline has the area 1. Groups far left can go; a wide spread tells strong groups from weak ones.'),
    spread(runs, 'weights', 'weights', 'Weights', 'Trained weights after the last epoch, before methods change them, as density, with mean μ and standard deviation σ.')].filter(Boolean);
  return [
    bar(runs.length > 1 ? `${runs.length} training runs` : `Training of ${runs[0].history.network}`, runs.length > 1 ? runs.map((run) => run.label).join(', ') : runs[0].history.recipe),
    overview(runs), ...origin(runs),
    navigation(parts.map((part) => [part.id, part.querySelector('h2').textContent])), ...parts];
}
