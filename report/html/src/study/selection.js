// Which points are within the filters, and which one is chosen: the one state that all charts show.
import { done } from './data.js';

/** A filter of a metric: {low, high} in its unit. Of a setting: a Uint8Array, 1 for each value that may be. */
export function selection(data) {
  const listeners = { points: [], settled: [], chosen: [], look: [] };
  let settling = 0;
  const tell = (what) => {
    listeners[what].forEach((listener) => listener());
    if (what !== 'points') return;
    clearTimeout(settling);
    settling = setTimeout(() => tell('settled'), 100);
  };
  const filters = new Map();
  const state = {
    filters, statuses: new Set([done]), admissibleOnly: true, chosen: -1, hovered: -1, colour: null,
    base: new Uint8Array(data.count),  // by status and constraints
    visible: new Uint8Array(data.count),  // and by filters
    baseCount: 0, visibleCount: 0,
    /** points: the visible ones changed; settled: they did and a brush now rests; chosen; look: colours, scales or axes. */
    on: (what, listener) => listeners[what].push(listener),
    restyle: () => tell('look'),
  };

  function filterBase() {
    state.baseCount = 0;
    for (let i = 0; i < data.count; i++) {
      const shown = state.statuses.has(data.status[i]) && (!state.admissibleOnly || data.status[i] !== done || data.admissible[i] === 1);
      state.base[i] = shown ? 1 : 0;
      state.baseCount += state.base[i];
    }
  }

  function filterVisible() {
    const visible = state.visible;
    visible.set(state.base);
    for (const [variable, filter] of filters) {
      if (variable.kind === 'setting') {
        const { codes, none } = variable;
        for (let i = 0; i < visible.length; i++) if (codes[i] === none || filter[codes[i]] === 0) visible[i] = 0;
      } else {
        const { values } = variable;
        const { low, high } = filter;
        for (let i = 0; i < visible.length; i++) if (!(values[i] >= low && values[i] <= high)) visible[i] = 0;
      }
    }
    let count = 0;
    for (let i = 0; i < visible.length; i++) count += visible[i];
    state.visibleCount = count;
  }

  state.refilter = () => { filterBase(); filterVisible(); tell('points'); };
  /** `filter` null removes it. */
  state.filter = (changes) => {
    for (const [variable, filter] of changes) {
      if (filter) filters.set(variable, filter);
      else filters.delete(variable);
    }
    filterVisible();
    tell('points');
  };
  state.clear = () => { filters.clear(); filterVisible(); tell('points'); };
  state.choose = (row) => { state.chosen = row; tell('chosen'); };
  /** From outside the charts: shows the details, too. */
  state.present = (row) => {
    state.choose(row);
    document.getElementById('detail').scrollIntoView({ block: 'center' });
  };
  state.hover = (row) => {
    if (row === state.hovered) return;
    state.hovered = row;
    tell('chosen');
  };
  filterBase();
  filterVisible();
  return state;
}

/** The part of an axis, 0 to 1, that a filter leaves: [low, high]; null without a filter. */
export function interval(variable, filter) {
  if (!filter) return null;
  if (variable.kind === 'metric') return [variable.place(Math.max(filter.low, variable.low)), variable.place(Math.min(filter.high, variable.high))];
  const first = filter.indexOf(1);
  return first < 0 ? [0, 0] : [variable.place(first), variable.place(filter.lastIndexOf(1))];
}

/** The filter for a part of an axis; null when it is all of it. */
export function filterFor(variable, from, to) {
  const [low, high] = from < to ? [from, to] : [to, from];
  if (low <= 0 && high >= 1) return null;
  if (variable.kind === 'metric') return { low: low <= 0 ? -Infinity : variable.value(low), high: high >= 1 ? Infinity : variable.value(high) };
  const slack = 0.5 / Math.max(1, variable.levels - 1);
  return Uint8Array.from({ length: variable.levels }, (_, code) => (variable.place(code) >= low - slack / 2 && variable.place(code) <= high + slack / 2 ? 1 : 0));
}
