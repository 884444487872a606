/**
 * An element. Properties that begin with "on" are listeners, the others attributes: true is an
 * attribute without a value, null and false are none. Text is put in as text, never as markup.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Replaces what a container holds; the focus stays on what has the same data-key. */
export function fill(container, ...children) {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.dataset.key;
  container.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
  if (focused && !container.contains(document.activeElement)) {
    const same = key && container.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
    (same || document.getElementById('content')).focus({ preventScroll: true });
  }
}

/** Says something to those who listen to the page rather than look at it. */
export function announce(text) {
  document.getElementById('announcements').textContent = text;
}
