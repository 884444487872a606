import { getCsv } from './api.js';
import { announce, h } from './dom.js';
import { problemBox } from './problem.js';

/** A button that downloads all of a call as CSV; pressed again meanwhile it stops. */
export function downloadButton(label, wanted, file) {
  let running = null;
  const button = h('button', { type: 'button', 'data-key': `csv-${file}` }, label);
  const outcome = h('div', { class: 'outcome' });
  button.addEventListener('click', async () => {
    if (running) {
      running.abort();
      return;
    }
    running = new AbortController();
    button.textContent = 'Stop the download';
    outcome.replaceChildren();
    try {
      save(await getCsv(wanted, running.signal), file);
      announce(`Downloaded ${file}.`);
    } catch (problem) {
      if (problem.status === 401) {
        dispatchEvent(new CustomEvent('token-refused'));
      } else if (problem.name !== 'AbortError') {
        outcome.replaceChildren(problemBox(problem));
      }
    } finally {
      running = null;
      button.textContent = label;
    }
  });
  return h('div', { class: 'download' }, button, outcome);
}

function save(blob, file) {
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: file }).click();
  // The browser has begun to read it by then; what it holds is let go.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
