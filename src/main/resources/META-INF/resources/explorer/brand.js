import { settings } from './settings.js';

/** Shows the vendor's name and logo; brand.css has the colours. */
export function showBrand() {
  const { name, logo } = settings;
  document.getElementById('brand-name').textContent = name;
  if (logo) {
    const image = document.getElementById('brand-logo');
    image.src = new URL(logo, import.meta.url).href;
    // Its height stays, its width is its own.
    image.removeAttribute('width');
  }
}

/** Names the page in the browser's tab: what it shows, and the vendor's name for it. */
export function setTitle(text) {
  document.title = text ? `${text} \u2013 ${settings.name}` : settings.name;
}
