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
  element.append(...present(children));
  return element;
}

const present = (children) =>
  children.flat(Infinity).filter((child) => child !== null && child !== undefined);

/** Replaces what a container holds; the focus stays on what has the same data-key. */
export function fill(container, ...children) {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.dataset.key;
  container.replaceChildren(...present(children));
  if (focused && !container.contains(document.activeElement)) {
    const same = key && container.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
    (same || document.getElementById('content')).focus({ preventScroll: true });
  }
}

/** Says something to those who listen to the page rather than look at it. */
export function announce(text) {
  document.getElementById('announcements').textContent = text;
}

/**
 * A button that opens a small panel below itself, which Escape or a press elsewhere closes.
 *
 * build(close) makes what the panel holds, each time it opens
 */
export function popup(button, label, build) {
  const panel = h('div', { class: 'popup', popover: 'auto', role: 'dialog', 'aria-label': label });
  button.popoverTargetElement = panel;
  button.setAttribute('aria-haspopup', 'dialog');
  panel.addEventListener('beforetoggle', ({ newState }) => {
    if (newState === 'open') {
      panel.replaceChildren(build(() => panel.hidePopover()));
    }
  });
  panel.addEventListener('toggle', ({ newState }) => {
    button.setAttribute('aria-expanded', String(newState === 'open'));
    if (newState === 'open') {
      below(button, panel);
      panel.querySelector('[data-first], input, select, button')?.focus({ preventScroll: true });
    } else {
      panel.replaceChildren();
    }
  });
  button.setAttribute('aria-expanded', 'false');
  return [button, panel];
}

/** Puts a panel below a button, inside the window. */
function below(button, panel) {
  const at = button.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - panel.offsetWidth - 8));
  const top = Math.max(8, Math.min(at.bottom + 4, innerHeight - panel.offsetHeight - 8));
  panel.style.setProperty('left', `${left}px`);
  panel.style.setProperty('top', `${top}px`);
}
