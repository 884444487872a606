/**
 * What is looked at stands in the address, after the #, which is not sent to the server; so a view
 * can be kept, sent to somebody, and gone back to. A token is never part of it.
 */
export function read() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [view, id] = path.split('/');
  return {
    view: view || 'overview',
    id: id ? decodeURIComponent(id) : null,
    parameters: new URLSearchParams(query ?? ''),
  };
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

/** Goes to a view. */
export function go(address) {
  location.hash = address;
}
