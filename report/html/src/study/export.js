// The points within the filters as CSV, in the columns of `rebasis report --csv`.
import { statuses } from './data.js';

const quoted = (value) => (/[",\r\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

/** RFC 4180; numbers without units. */
export function toCsv(data, rows) {
  const fixed = ['id', 'status', 'reason', 'admissible', 'front'];
  const taken = new Set([...fixed, ...data.metrics.map((metric) => metric.name)]);
  const lines = [[...fixed, ...data.settings.map(({ name }) => (taken.has(name) ? `setting.${name}` : name)), ...data.metrics.map((metric) => metric.name)].map(quoted).join(',')];
  for (const row of rows) {
    lines.push([data.ids[row], statuses[data.status[row]], quoted(data.reasons[data.reason[row]]), data.admissible[row], data.onFront[row],
      ...data.settings.map((setting) => quoted(setting.cell(row))), ...data.metrics.map((metric) => metric.cell(row))].join(','));
  }
  return `${lines.join('\r\n')}\r\n`;
}

export function exportCsv(data, state) {
  const rows = [];
  for (let i = 0; i < data.count; i++) if (state.visible[i]) rows.push(i);
  const url = URL.createObjectURL(new Blob([toCsv(data, rows)], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${data.study.name.replace(/[^\w.-]+/g, '_')}-selection.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
