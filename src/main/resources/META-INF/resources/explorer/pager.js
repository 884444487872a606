import { follow } from './api.js';
import { h } from './dom.js';

/** Leads to the pages before and after one, where there are such. */
export function pager(wanted, page, hrefAt) {
  const link = (name, label) => {
    const call = follow(wanted, page[name]);
    return call
      ? h('a', { class: 'button', href: hrefAt(call.parameters.cursor), 'data-key': name }, label)
      : null;
  };
  const links = [link('prev', 'Previous page'), link('next', 'Next page')].filter(Boolean);
  return links.length > 0 ? h('nav', { class: 'pager', 'aria-label': 'Pages' }, links) : null;
}
