/**
 * What is looked at stands in the address, after the #, which is not sent to the server; so a view
 * can be kept, sent to somebody, and gone back to. A token is never part of it.
 */
export function read() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [view, id] = path.split('/');
  return {
    view: view || 'overview',
    id: id ? decoded(id) : null,
    parameters: new URLSearchParams(query ?? ''),
  };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a view; parameters that are null are left out. */
export function href(path, parameters) {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') {
      given.set(name, value);
    }
  }
  const query = given.toString();
  return `#/${path}${query ? `?${query}` : ''}`;
}

/** Where one was in each entry of the history: how far down, and on what. */
const places = new Map();
const newEntry = () => Date.now() + Math.random();
let entry = newEntry();
let show = () => {};

const place = () => ({
  top: scrollY,
  key: document.activeElement?.closest('[data-key]')?.dataset.key,
});

/**
 * Shows a view whenever the address changes.
 *
 * onShow gets the place to return to, or null where one comes for the first time, and whether the
 * same entry of the history was changed
 */
export function follow(onShow) {
  show = onShow;
  history.scrollRestoration = 'manual';
  history.replaceState({ entry }, '');
  addEventListener('popstate', ({ state }) => {
    places.set(entry, place());
    if (state?.entry === undefined) {
      // An address that was typed, or a link that was not pressed by a plain click.
      entry = newEntry();
      history.replaceState({ entry }, '');
    } else {
      ({ entry } = state);
    }
    show(places.get(entry) ?? null);
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#/"]');
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (link && isPlain && event.button === 0) {
      event.preventDefault();
      if (link.dataset.replace === undefined) {
        go(link.getAttribute('href'));
      } else {
        change(link.getAttribute('href'));
      }
    }
  });
}

/** Goes deeper: back leads here again, to the same place. */
export function go(address) {
  places.set(entry, place());
  entry = newEntry();
  history.pushState({ entry }, '', address);
  show(null);
}

/** Shows something else in the same place: a control was changed. */
export function change(address) {
  history.replaceState({ entry }, '', address);
  show(null);
}
