// @hey-api/openapi-ts with its fetch client.
import { createClient } from './generated/client';
import { getMonthlyUsage, postUsageRecords } from './generated';
import { env, run } from './walk';

run((baseUrl, token) => {
  const headers = env.ACCEPT ? { Accept: env.ACCEPT } : {};
  const client = createClient({ baseUrl, auth: token, headers });
  return {
    async page(filter, cursor) {
      const { data, error, response } = await getMonthlyUsage({ client, query: { per_page: 250, filter, cursor } });
      if (!data) return { status: response!.status, code: error!.code, fields: error!.fields };
      return {
        sums: data._embedded.usage.map((each) => ({ units: each.number_of_units, amount: each.total_amount })),
        next: data.next?.href,
      };
    },
    async send(records) {
      const { data } = await postUsageRecords({
        client,
        body: {
          records: records.map(({ id, account, product, units, amount }) => ({
            id,
            account_id: account,
            product_id: product,
            occurred_at: '2026-08-31T22:30:00Z',
            type: 'CALL' as const,
            currency: 'EUR',
            unit: 'MINUTES' as const,
            number_of_units: units,
            total_amount: amount,
          })),
        },
      });
      return { accepted: data!.accepted, rejected: data!.rejected, code: data!.errors[0]?.code };
    },
  };
});
