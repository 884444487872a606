// Caches and HAL clients, as they come, against a demo server.
//   npm ci --prefix clients/caches && node clients/caches/caches.mjs http://localhost:8080
// A proxy in between sees what goes over the wire: a page that is held must cost a 304.
import assert from 'node:assert/strict';
import http from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const server = new URL(process.argv[2] ?? 'http://localhost:8080');
const TEXT = 'application/json;IEEE754Compatible=true';

let wire = [];
const proxy = http.createServer((request, response) => {
  const { hostname: host, port } = server;
  const { url, method, headers } = request;
  const upstream = http.request({ host, port, path: url, method, headers }, (answer) => {
    wire.push(answer.statusCode);
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', () => response.destroy());
  request.pipe(upstream);
});
await new Promise((done) => proxy.listen(0, done));
// Links have the host of the request, so they lead through the proxy too.
const base = `http://localhost:${proxy.address().port}`;

async function token(client) {
  const answer = await fetch(new URL('/oauth/token', server), {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client}:demo`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return (await answer.json()).access_token;
}

async function put(account) {
  const answer = await fetch(`${server.origin}/express/accounts/${account}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await token('pipeline')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ organization_id: account }),
  });
  assert.ok(answer.ok, await answer.text());
}

async function send(account, units) {
  const record = {
    id: crypto.randomUUID(),
    account_id: account,
    product_id: 'cached',
    occurred_at: '2026-10-01T00:00:00Z',
    type: 'OTHER',
    currency: 'EUR',
    unit: 'OTHER',
    number_of_units: units,
    total_amount: '16777217.1',
  };
  const answer = await fetch(`${server.origin}/express/usage/records`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token(account)}`, 'content-type': 'application/json' },
    body: JSON.stringify([record]),
  });
  assert.equal((await answer.json()).accepted, 1);
}

let passed = 0;
let failed = 0;
async function check(name, run) {
  try {
    console.log(`ok    ${name}: ${await run()}`);
    passed++;
  } catch (e) {
    console.log(`FAILS ${name}: ${e.message.split('\n').join(' ')}`);
    failed++;
  }
}

/**
 * Every cache must do this. `get` answers {status, body} for a target, a token and an Accept.
 * `renewed` is what a third read costs, with another token of the same organization.
 */
async function cached(get, renewed = 304) {
  const [mine, other] = ['cache', 'cache-other'].map((name) => `${name}-${crypto.randomUUID()}`);
  await put(mine);
  await put(other);
  await send(mine, 1);
  await send(other, 2);
  const page = `${base}/express/usage/month`;
  const first = await token(mine);
  const steps = [];
  const step = async (name, bearer, accept, expected) => {
    wire = [];
    const { status, body } = await get(page, bearer, accept);
    assert.equal(status, 200, `${name}: status ${status}`);
    steps.push(`${name} ${wire.join('+')}`);
    assert.deepEqual(wire, [expected], `${name}: ${wire.join('+') || 'nothing'} on the wire, not ${expected}`);
    return body;
  };
  const body = await step('first', first, 'application/json', 200);
  assert.match(body, /"number_of_units":1,/);
  assert.equal(await step('again', first, 'application/json', 304), body);
  assert.equal(await step('renewed token', await token(mine), 'application/json', renewed), body);
  const text = await step('decimals as text', first, TEXT, 200);
  assert.match(text, /"number_of_units":"1",/);
  assert.match(await step('another organization', await token(other), 'application/json', 200), /"number_of_units":2,/);
  await send(mine, 5);
  assert.match(await step('after a write', first, 'application/json', 200), /"number_of_units":6,/);
  return steps.join(', ');
}

await check('undici, interceptors.cache', async () => {
  const { Agent, interceptors, request } = await import('undici');
  const dispatcher = new Agent().compose(interceptors.cache({ type: 'private' }));
  return cached(async (url, bearer, accept) => {
    const { statusCode, body } = await request(url, {
      dispatcher,
      headers: { authorization: `Bearer ${bearer}`, accept },
    });
    return { status: statusCode, body: await body.text() };
    // With max-age=0 a 304 makes it drop the page, so each second read is a whole one.
  }, 200);
});

await check('make-fetch-happen', async () => {
  const { default: make } = await import('make-fetch-happen');
  const cachePath = await mkdtemp(path.join(os.tmpdir(), 'caches-'));
  const fetch = make.defaults({ cachePath, cache: 'default' });
  try {
    return await cached(async (url, bearer, accept) => {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${bearer}`, accept } });
      return { status: answer.status, body: await answer.text() };
    });
  } finally {
    await rm(cachePath, { recursive: true });
  }
});

const reseller = await token('reseller');
const auth = { authorization: `Bearer ${reseller}` };
let count = 0;
let next = `${base}/express/usage/month?per_page=250`;
while (next) {
  const page = await (await fetch(next, { headers: auth })).json();
  count += page.count;
  next = page.next?.href;
}

await check('ketting, from the root along next, with its embedded aggregates', async () => {
  const { Client } = await import('ketting');
  const client = new Client(`${base}/express`);
  client.use((request, onward) => {
    request.headers.set('authorization', auth.authorization);
    return onward(request);
  });
  let page = await client.follow('usage_by_month', { per_page: 250 });
  let found = 0;
  while (page) {
    const state = await page.get();
    const embedded = state.links.getMany('usage');
    found += embedded.length;
    page = state.links.has('next') ? state.follow('next') : null;
  }
  assert.equal(found, count);
  const aggregates = await client.follow('usage_by_month', { per_page: 1 }).followAll('usage');
  wire = [];
  const one = await aggregates[0].get();
  assert.deepEqual(wire, [], 'an embedded aggregate is not read again');
  const records = await (await one.follow('records')).get();
  assert.ok(records.links.has('self'));
  return `${found} of ${count} aggregates, the first with ${records.data.count} records`;
});

await check('Traverson with its HAL adapter', async () => {
  const { default: traverson } = await import('traverson');
  const { default: hal } = await import('traverson-hal');
  traverson.registerMediaType(hal.mediaType, hal);
  const walk = (...links) =>
    new Promise((done, fail) =>
      traverson
        .from(`${base}/express`)
        .jsonHal()
        .withRequestOptions({ headers: { ...auth, accept: 'application/hal+json' } })
        .withTemplateParameters({ per_page: 2 })
        .follow(...links)
        .getResource((error, resource) => (error ? fail(error) : done(resource))),
    );
  const second = await walk('usage_by_month', 'next', 'usage[1]');
  const records = await walk('usage_by_month', 'next', 'usage[1]', 'records');
  assert.ok(second.id && records.count >= 0 && records._links.self);
  return `aggregate ${second.id} by usage[1] of the second page, with ${records.count} records`;
});

console.log(`${passed} passed, ${failed} failed`);
proxy.closeAllConnections();
proxy.close();
process.exitCode = failed === 0 ? 0 : 1;
