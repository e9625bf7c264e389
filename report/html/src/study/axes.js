// Axes in SVG.

const space = 'http://www.w3.org/2000/svg';

/** s('line', {x1: 0}, 'text') */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

function linearTicks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.99) * power;
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push(k * step);
  return ticks;
}

function logTicks(low, high, wanted) {
  const decades = Math.log10(high / low);
  const factors = decades > wanted ? [1] : decades > wanted / 2 ? [1, 3] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= low * 0.999 && value <= high * 1.001) ticks.push(value);
    }
  }
  return ticks.length > 1 ? ticks : linearTicks(low, high, wanted);
}

/** [{at: 0 to 1, text}] for a variable, about `wanted` of them. */
export function ticks(variable, wanted) {
  if (variable.kind === 'setting') {
    const every = Math.max(1, Math.ceil(variable.levels / wanted));
    return variable.texts.map((text, code) => ({ at: variable.place(code), text, code })).filter(({ code }) => code % every === 0);
  }
  if (!(variable.high > variable.low)) return [{ at: 0.5, text: variable.format(variable.low) }];
  const values = variable.log ? logTicks(variable.low, variable.high, wanted) : linearTicks(variable.low, variable.high, wanted);
  return values.map((value) => ({ at: variable.place(value), text: value === 0 ? '0' : variable.format(value) }));
}
