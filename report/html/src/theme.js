// One colour a meaning, the same in every chart: what waits for DRAM, moves over it and costs its energy is one colour.

const meanings = [
  [/^dram/, 'red'],
  [/^(busy|compute)|mac|multipl|^pe/, 'teal'],
  [/imbalance/, 'orange'],
  [/index|selector/, 'olive'],
  [/basis|rebuild|^re\b/, 'brown'],
  [/weight|coefficient|synapse/, 'blue'],
  [/input|activation/, 'purple'],
  [/output|accumul/, 'cyan'],
  [/fill|drain|control|leak|^other/, 'grey'],
];
const spare = ['pink', 'orange', 'brown', 'cyan', 'olive', 'blue', 'purple', 'teal', 'grey', 'red'];

const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** name -> colour for the names of one chart; two names share a colour only when there are more names than colours. */
export function colours(names) {
  const taken = new Set();
  const out = {};
  const rest = [];
  for (const name of names) {
    const match = meanings.find(([pattern, colour]) => pattern.test(name) && !taken.has(colour));
    if (match) {
      taken.add(match[1]);
      out[name] = variable(match[1]);
    } else {
      rest.push(name);
    }
  }
  const free = spare.filter((colour) => !taken.has(colour));
  rest.forEach((name, i) => { out[name] = variable((free.length ? free : spare)[i % (free.length || spare.length)]); });
  return out;
}

export const ink = () => ({
  text: variable('text'), muted: variable('muted'), line: variable('line'), surface: variable('surface'), accent: variable('blue'),
});

const listeners = [];
export const onThemeChange = (listener) => listeners.push(listener);

/** Follows the system until the reader chooses. */
export function themeButton(h) {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';
  const button = h('button', { type: 'button', class: 'theme' });
  const update = () => {
    button.textContent = isDark() ? 'Light colours' : 'Dark colours';
    listeners.forEach((listener) => listener());
  };
  button.addEventListener('click', () => {
    document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
    update();
  });
  dark.addEventListener('change', update);
  update();
  return button;
}

/** `n` colours that mean nothing but "another one". */
export function series(n) {
  const order = ['blue', 'orange', 'teal', 'purple', 'red', 'cyan', 'olive', 'pink', 'brown', 'grey'];
  return Array.from({ length: n }, (_, i) => variable(order[i % order.length]));
}
