// A walk with the TypeScript clients, as docs/clients.md describes it. Each has its calls in a file of its own.

/** An aggregate's sums, as the client has them: numbers, or texts if it asks for them. */
export interface Sums {
  units: number | string;
  amount: number | string;
}

/** An error of the server, as the client decodes it. */
export interface Failure {
  status: number;
  code: string;
  fields: unknown[];
}

export interface Calls {
  page(filter?: string, cursor?: string): Promise<{ sums: Sums[]; next?: string } | Failure>;
  send(records: Sent[]): Promise<{ accepted: number; rejected: number; code?: string }>;
}

export interface Sent {
  id: string;
  account: string;
  product: string;
  units: number;
  amount: number;
}

declare const process: { env: Record<string, string> };
export const env = process.env;

/** Adds decimals digit by digit. */
function add(texts: string[]): string {
  const places = Math.max(...texts.map((text) => (text.split('.')[1] ?? '').length));
  const sum = texts.reduce((total, text) => {
    const [whole, fraction = ''] = text.split('.');
    return total + BigInt(whole + fraction.padEnd(places, '0'));
  }, 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0');
  const cut = digits.length - places;
  const text = `${digits.slice(0, cut)}.${digits.slice(cut)}`.replace(/\.?0+$/, '');
  return (sum < 0n ? '-' : '') + text;
}

async function walk(name: string, calls: Calls) {
  const amounts: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await calls.page(undefined, cursor);
    if ('status' in page) throw new Error(`${page.status} ${page.code}`);
    amounts.push(...page.sums.map((each) => String(each.amount)));
    cursor = page.next && (new URL(page.next).searchParams.get('cursor') ?? undefined);
  } while (cursor);
  console.log(name, amounts.length, add(amounts));
}

async function failure(name: string, calls: Calls, filter: string) {
  const failed = await calls.page(filter);
  if ('status' in failed) console.log(name, failed.status, failed.code, failed.fields.length);
}

export async function run(client: (address: string, token: string) => Calls) {
  const reader = client(env.API, env.READER);
  const writer = client(env.API, env.WRITER);
  const tomorrow = client(env.STRANGER, env.READER);
  await walk('walk', reader);
  const sent = await writer.send([
    // Rounded to a double already here: send such amounts as another client, or as a text.
    { id: `${env.RUN}-good`, account: 'customer-001', product: env.RUN, units: 16777217, amount: 1234567890123456.789 },
    { id: `${env.RUN}-bad`, account: 'nobody', product: env.RUN, units: 1, amount: 1 },
  ]);
  console.log('sent', sent.accepted, sent.rejected, sent.code);
  const read = await reader.page(`product_id eq '${env.PROBE}'`);
  if ('sums' in read) console.log('read', String(read.sums[0].units), String(read.sums[0].amount));
  await failure('400', reader, 'nonsense');
  await failure('403', reader, "account_id eq 'nobody'");
  await walk('tomorrow', tomorrow);
  await failure('tomorrow400', tomorrow, 'nonsense');
}
