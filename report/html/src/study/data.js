// The points of a study, decoded from the page's data into typed arrays, and the variables that charts can show.
import { digits, joules, bytes, seconds, short } from '../format.js';

const arrays = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };
export const statuses = ['queued', 'running', 'done', 'infeasible', 'failed'];
export const done = statuses.indexOf('done');

function typed({ type, data }) {
  const text = atob(data);
  const raw = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) raw[i] = text.charCodeAt(i);
  return new arrays[type](raw.buffer);
}

const noCode = (codes) => 2 ** (8 * codes.BYTES_PER_ELEMENT) - 1;

function numbers(column) {
  if (!column.values) return typed(column);
  const codes = typed(column.codes);
  const none = noCode(codes);
  return Float64Array.from(codes, (code) => (code === none ? NaN : column.values[code]));
}

const unitTexts = {
  pJ: joules, 'pJ s': (value) => joules(value).replace(/J$/, 'J s'), s: seconds, B: bytes,
};

/** The text of a metric's value. */
const metricText = (unit) => unitTexts[unit] ?? ((value) => (Math.abs(value) >= 1e4 ? short(value) : digits(value)) + (unit ? ` ${unit}` : ''));

/**
 * A variable: `at` holds the place of each point on its axis, 0 to 1, NaN without a value; `text(row)` the value.
 * A setting has `codes`, a metric `values`.
 */
function settingVariable(raw) {
  const codes = typed(raw.codes);
  const none = noCode(codes);
  const last = Math.max(1, raw.values.length - 1);
  const place = (code) => (raw.values.length === 1 ? 0.5 : code / last);
  return {
    kind: 'setting', name: raw.name, dimension: raw.dimension, texts: raw.values, codes, none, better: 0, log: false,
    numbers: raw.numbers.length ? raw.numbers : null, levels: raw.values.length, place,
    at: Float32Array.from(codes, (code) => (code === none ? NaN : place(code))),
    text: (row) => (codes[row] === none ? '–' : raw.values[codes[row]]),
    cell: (row) => (codes[row] === none ? '' : raw.numbers.length ? raw.numbers[codes[row]] : raw.values[codes[row]]),
    label: raw.name,
  };
}

function metricVariable(raw, objective) {
  const values = numbers(raw.column);
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const show = metricText(raw.unit);
  // Nothing is known of a metric without a description.
  const better = objective ? (objective.maximise ? 1 : -1) : raw.better_high ? 1 : raw.description ? -1 : 0;
  const variable = {
    kind: 'metric', name: raw.name, unit: raw.unit, description: raw.description, values, low, high, better, objective: !!objective,
    log: low > 0 && high / low > 30, at: new Float32Array(values.length), format: show,
    text: (row) => (Number.isNaN(values[row]) ? '–' : show(values[row])),
    cell: (row) => (Number.isNaN(values[row]) ? '' : values[row]),
    label: raw.name, empty: !(high >= low),
  };
  variable.place = (value) => {
    if (!(variable.high > variable.low)) return 0.5;
    return variable.log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  };
  variable.value = (at) => (variable.log ? low * (high / low) ** at : low + (high - low) * at);
  variable.rescale = () => { for (let i = 0; i < values.length; i++) variable.at[i] = variable.place(values[i]); };
  variable.rescale();
  return variable;
}

/** What the page's charts work on. */
export function decode(raw) {
  const count = raw.points.count;
  const settings = raw.settings.map(settingVariable);
  const objectives = raw.study.objectives;
  const metrics = raw.metrics.map((metric, i) => metricVariable(metric, objectives.find((objective) => objective.metric === i)));
  let breakdowns = null;  // large, and not needed before a point is chosen
  const onFront = new Uint8Array(count);
  for (const row of raw.front) onFront[row] = 1;
  return {
    count, study: raw.study, settings, metrics, onFront, front: raw.front, best: raw.best,
    ids: numbers(raw.points.ids), status: typed(raw.points.status), admissible: typed(raw.points.admissible),
    reason: typed(raw.points.reason), reasons: raw.points.reasons, seconds: numbers(raw.points.seconds),
    objectives: objectives.map((objective) => metrics[objective.metric]),
    dimensions: settings.filter((setting) => setting.dimension && setting.levels > 1),
    shownMetrics: metrics.filter((metric) => !metric.empty),
    volume: raw.volume, sensitivity: raw.sensitivity, breakdowns: () => { breakdowns ??= JSON.parse(raw.breakdowns); return breakdowns; }, compare: raw.compare,
  };
}
