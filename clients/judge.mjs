// Compares what a walk saw with what it should have seen.
//
//   node judge.mjs prepare          prints tokens and the product of a record with long decimals, for the walks
//   node judge.mjs row NAME OUTPUT  prints a row of the table in docs/clients.md; fails unless everything works
import { readFileSync } from 'node:fs';

const { API: api, READER: reader, WRITER: writer, PROBE: probe, RUN: run } = process.env;
const UNITS = '16777217';
const AMOUNT = '1234567890123456.789';

async function token(client) {
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const headers = { Authorization: 'Basic ' + Buffer.from(`${client}:demo`).toString('base64') };
  const answer = await fetch(`${api}/oauth/token`, { method: 'POST', headers, body });
  return (await answer.json()).access_token;
}

async function get(query, accept) {
  const headers = { Authorization: `Bearer ${reader}`, Accept: accept };
  return (await fetch(`${api}/express/usage/month${query}`, { headers })).text();
}

/** The number and the exact sum of the amounts of all aggregates, from an export. */
async function expected() {
  const amounts = [...(await get('', 'application/x-ndjson')).matchAll(/"total_amount":(-?[\d.]+)/g)].map((m) => m[1]);
  return [amounts.length, amounts.reduce((sum, amount) => sum + scaled(amount), 0n)];
}

/** A decimal as a whole number of 10^-30. */
function scaled(text) {
  const [whole, fraction = ''] = text.split('.');
  return BigInt(whole + fraction.slice(0, 30).padEnd(30, '0'));
}

async function prepare() {
  const [reading, writing] = [await token('reseller'), await token('pipeline')];
  const product = `probe-${Date.now()}`;
  const record =
    `{"records":[{"id":"${product}","account_id":"customer-001","product_id":"${product}","type":"CALL","unit":"MINUTES",` +
    `"occurred_at":"2026-08-31T22:30:00Z","currency":"EUR","number_of_units":${UNITS},"total_amount":${AMOUNT}}]}`;
  const headers = { Authorization: `Bearer ${writing}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${api}/express/usage/records`, { method: 'POST', headers, body: record });
  if (!/"accepted":1,/.test(await answer.text())) throw new Error('the probe was not accepted');
  console.log(`READER=${reading}\nWRITER=${writing}\nPROBE=${product}`);
}

/** How well a decimal of 19 digits and the first whole number past a float's came over. */
function decimals(units, amount) {
  if (units === UNITS && amount === AMOUNT) return 'exact';
  if (Number(units) === Number(UNITS)) return Number(amount) === Number(AMOUNT) ? 'double' : 'wrong';
  return 'float';
}

async function row(name, output) {
  const lines = readFileSync(output, 'utf8').split('\n').map((line) => line.split(' '));
  const saw = (key) => lines.find((line) => line[0] === key)?.slice(1) ?? [];
  const [count, sum] = await expected();
  // The walk sent its own records after its first pass over the pages.
  const stored = await get(`?filter=${encodeURIComponent(`product_id eq '${run}'`)}`, 'application/json');
  const sent = ['number_of_units', 'total_amount'].map((field) => stored.match(`"${field}":([\\d.]+)`)?.[1] ?? '0');
  const [walked, total] = saw('walk');
  const [accepted, rejected, code] = saw('sent');
  const checks = {
    pages: Number(walked) === count - 1,
    sum: total !== undefined && Math.abs(Number(scaled(total) + scaled(sent[1]) - sum)) < 1e30,
    intake: accepted === '1' && rejected === '1' && code === 'account_not_in_organization',
    400: saw('400').slice(0, 2).join(' ') === '400 invalid_filter',
    403: saw('403').slice(0, 2).join(' ') === '403 account_not_in_organization',
    tomorrow: Number(saw('tomorrow')[0]) === count && saw('tomorrow400')[1] === 'code_of_tomorrow',
  };
  const cells = Object.values(checks).map((works) => (works ? 'yes' : '**no**'));
  console.log(['', name, ...cells, decimals(...saw('read')), decimals(...sent), ''].join(' | ').trim());
  const failed = Object.keys(checks).filter((check) => !checks[check]);
  if (failed.length > 0) {
    console.error(`${name}: ${failed.join(', ')}; expected ${count - 1}, saw:\n${readFileSync(output, 'utf8')}`);
    process.exit(1);
  }
}

const [command, ...rest] = process.argv.slice(2);
await (command === 'prepare' ? prepare() : row(...rest));
