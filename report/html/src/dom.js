// Elements with text that is never parsed as HTML: names in a result come from strangers.

/** h('td', {class: 'n'}, 'text', child) */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

/** A plain table: `rows` of cells; those behind the first `texts` are numbers, aligned right by the class `n`. */
export function table(head, rows, caption, texts = 1) {
  const cell = (tag, value, i) => h(tag, { class: i >= texts ? 'n' : null, scope: tag === 'th' ? 'col' : null }, value);
  return h('table', {},
    caption ? h('caption', {}, caption) : null,
    h('thead', {}, h('tr', {}, head.map((value, i) => cell('th', value, i)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map((value, i) => cell('td', value, i))))));
}

export const definitions = (entries) =>
  h('dl', {}, entries.flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));

export const section = (id, title, explanation, ...children) =>
  h('section', { id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title),
    explanation ? h('p', { class: 'explain' }, explanation) : null, ...children);

/** Radio buttons that look like one control. `choices`: [[value, label]...]; calls `change(value)`. */
export function choice(legend, choices, current, change) {
  const name = `choice-${choice.next++}`;
  return h('fieldset', { class: 'choice' }, h('legend', {}, legend), choices.map(([value, label]) =>
    h('label', {}, h('input', { type: 'radio', name, value, checked: value === current, onchange: () => change(value) }),
      h('span', {}, label))));
}
choice.next = 0;
