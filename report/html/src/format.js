// Numbers as people read them.

const prefixes = [[1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''], [1e-3, 'm'], [1e-6, 'µ'], [1e-9, 'n'], [1e-12, 'p']];

/** Three significant digits, without an exponent for what occurs here. */
export function digits(value) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 100) return Math.round(value).toString();
  if (magnitude < 1e-4) return value.toExponential(1);
  return Number(value.toPrecision(3)).toString();
}

function scaled(value, unit) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return `0 ${unit}`;
  const [factor, prefix] = prefixes.find(([f]) => Math.abs(value) >= f * 0.9995) ?? prefixes[prefixes.length - 1];
  return `${digits(value / factor)} ${prefix}${unit}`;
}

export const seconds = (value) => scaled(value, 's');
export const joules = (picojoules) => scaled(picojoules * 1e-12, 'J');
export const bytes = (value) => scaled(value, 'B');
export const watts = (value) => scaled(value, 'W');
export const rate = (value) => scaled(value, 'B/s');
export const hertz = (value) => scaled(value, 'Hz');
/** A count with a prefix, for axes: 1.2 M. */
export const short = (value) => scaled(value, '').trim();
/** A count in full, grouped by thousands; a mean over images keeps two decimals. */
export const count = (value) =>
  Number.isInteger(value) ? value.toLocaleString('en-US')
    : value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
export const percent = (fraction) => (Number.isFinite(fraction) ? `${digits(fraction * 100)} %` : '–');
/** Names of the schema as words: fill_drain -> fill drain. */
export const words = (name) => name.replaceAll('_', ' ');

/** A name cut in the middle: the ends tell layers apart. */
export function shortName(name, most = 20) {
  return name.length <= most ? name : `${name.slice(0, Math.floor(most / 3))}…${name.slice(name.length - most + Math.floor(most / 3) + 1)}`;
}

export function shape(s) {
  const kernel = s.R === 1 && s.S === 1 && s.H === 1 && s.W === 1 ? '' : ` · ${s.R}×${s.S}`;
  const map = s.H === 1 && s.W === 1 ? '' : ` · ${s.H}×${s.W}`;
  const stride = s.stride[0] === 1 && s.stride[1] === 1 ? '' : ` /${Math.max(...s.stride)}`;
  const groups = s.groups === 1 ? '' : ` · ${s.groups} groups`;
  return `${s.C}→${s.M}${kernel}${stride}${map}${groups}`;
}

export const sum = (values) => values.reduce((a, b) => a + b, 0);
/** Null when a value is missing or not positive. */
export const geometricMean = (values) => (values.length > 0 && values.every((value) => value > 0)
  ? Math.exp(sum(values.map(Math.log)) / values.length) : null);
export const dramTotal = (figures) => sum(Object.values(figures.dram_bytes));
