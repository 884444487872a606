// The CNCF's JavaScript SDK, as it comes, against a demo server.
//   npm ci --prefix clients/cloudevents && node clients/cloudevents/cloudevents.mjs http://localhost:8080
import assert from 'node:assert/strict';
import { CloudEvent, HTTP, Mode, emitterFor, httpTransport } from 'cloudevents';

const base = process.argv[2] ?? 'http://localhost:8080';

async function token(client) {
  const answer = await fetch(`${base}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client}:demo`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return (await answer.json()).access_token;
}

const account = `events-${crypto.randomUUID()}`;
const made = await fetch(`${base}/express/accounts/${account}`, {
  method: 'PUT',
  headers: { authorization: `Bearer ${await token('pipeline')}`, 'content-type': 'application/json' },
  body: JSON.stringify({ organization_id: account }),
});
assert.equal(made.status, 201);
const authorization = `Bearer ${await token(account)}`;
const records = `${base}/express/usage/records`;

const event = (id, more = {}) =>
  new CloudEvent({
    source: '/meter/eu-1',
    id,
    type: 'com.example.usage.rated',
    time: '2026-10-01T12:00:00.000Z',
    data: {
      account_id: account,
      product_id: 'voice',
      type: 'CALL',
      currency: 'EUR',
      unit: 'MINUTES',
      number_of_units: '16777217',
      total_amount: '0.1',
    },
    ...more,
  });

async function post(message) {
  const answer = await fetch(records, {
    method: 'POST',
    headers: { ...message.headers, authorization },
    body: message.body,
  });
  const outcome = await answer.json();
  return answer.ok ? outcome : { code: outcome.code, description: outcome.description };
}

const show = (name, outcome) => console.log(`${name}: ${JSON.stringify(outcome)}`);
const counts = (outcome, accepted, duplicates, rejected) =>
  assert.deepEqual([outcome.accepted, outcome.duplicates, outcome.rejected], [accepted, duplicates, rejected]);

let outcome = await post(HTTP.binary(event('1')));
show('HTTP.binary', outcome);
counts(outcome, 1, 0, 0);

outcome = await post(HTTP.structured(event('1')));
show('HTTP.structured, the same event', outcome);
counts(outcome, 0, 1, 0);

for (const mode of [undefined, Mode.BINARY, Mode.STRUCTURED]) {
  const emit = emitterFor(httpTransport(records), mode && { mode });
  const answer = await emit(event('2'), { headers: { authorization } });
  outcome = JSON.parse(answer.body);
  show(`emitterFor(httpTransport), ${mode ?? 'its default mode'}`, outcome);
  counts(outcome, mode ? 0 : 1, mode ? 1 : 0, 0);
}

// The SDK has no batch mode for sending: its events are JSON.
outcome = await post({
  headers: { 'content-type': 'application/cloudevents-batch+json' },
  body: JSON.stringify([event('1'), event('3')]),
});
show('a batch of its events', outcome);
counts(outcome, 1, 1, 0);

outcome = await post(HTTP.binary(event('e 1 %41 é', { subject: 'ä' })));
show('binary, an id with a space, a percent sign and a letter beyond ASCII', outcome);
outcome = await post(HTTP.structured(event('e 1 %41 é', { subject: 'ä' })));
show('the same, structured', outcome);

outcome = await post(HTTP.structured(event('4', { data: Buffer.from('{}') })));
show('data_base64', outcome);

outcome = await post(HTTP.binary(event('5', { time: undefined })));
show('binary, without a time of its own', outcome);
console.log('ok');
