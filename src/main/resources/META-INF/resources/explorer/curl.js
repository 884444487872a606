import { address } from './api.js';
import { announce, h } from './dom.js';

/** The calls behind a view, each as a command that can be copied. The token is not in it. */
export function callsBehind(calls) {
  return h(
    'details',
    { class: 'calls' },
    h('summary', {}, calls.length === 1 ? 'The API call behind this' : 'The API calls behind this'),
    calls.map((each) => {
      const code = h('code', {}, command(each));
      return h(
        'div',
        { class: 'call' },
        h('p', {}, each.title),
        h('pre', { tabindex: '0', role: 'region', 'aria-label': each.title }, code),
        h('button', { type: 'button', onclick: () => copy(code) }, 'Copy'),
      );
    }),
  );
}

/** A call as a command for a shell, with the token in a variable of it. */
export function command(wanted) {
  const { origin, pathname } = address(wanted);
  return [
    `curl -G -H "Authorization: Bearer $TOKEN" ${quoted(origin + pathname)}`,
    ...Object.entries(wanted.parameters).map(
      ([name, value]) => `  --data-urlencode ${quoted(`${name}=${value}`)}`,
    ),
  ].join(' \\\n');
}

/** Filters are full of single quotes; in double ones a shell reads four characters its own way. */
function quoted(text) {
  return text.includes("'") && !text.includes('!')
    ? `"${text.replace(/[\\"$`]/g, '\\$&')}"`
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    announce('Copied.');
  } catch {
    // Browsers give the clipboard to pages from https and localhost alone.
    getSelection().selectAllChildren(code);
    announce('Selected, to be copied with the keyboard.');
  }
}
