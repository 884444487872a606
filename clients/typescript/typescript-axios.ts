// openapi-generator's typescript-axios.
import { isAxiosError } from 'axios';
import { Configuration, ErrorBody, IntakeApi, UsageApi, UsageType, UsageUnit } from './generated';
import { env, run } from './walk';

run((basePath, accessToken) => {
  const baseOptions = env.ACCEPT ? { headers: { Accept: env.ACCEPT } } : {};
  const configuration = new Configuration({ basePath, accessToken, baseOptions });
  return {
    async page(filter, cursor) {
      try {
        const { data } = await new UsageApi(configuration).getMonthlyUsage(
          250, undefined, filter, undefined, undefined, cursor, undefined, undefined, baseOptions);
        return {
          sums: data._embedded.usage.map((each) => ({ units: each.number_of_units, amount: each.total_amount })),
          next: data.next?.href,
        };
      } catch (e) {
        if (!isAxiosError<ErrorBody>(e) || !e.response) throw e;
        return { status: e.response.status, code: e.response.data.code, fields: e.response.data.fields };
      }
    },
    async send(records) {
      const { data } = await new IntakeApi(configuration).postUsageRecords({
        records: records.map(({ id, account, product, units, amount }) => ({
          id,
          account_id: account,
          product_id: product,
          occurred_at: '2026-08-31T22:30:00Z',
          type: UsageType.Call,
          currency: 'EUR',
          unit: UsageUnit.Minutes,
          number_of_units: units,
          total_amount: amount,
        })),
      });
      return { accepted: data.accepted, rejected: data.rejected, code: data.errors[0]?.code };
    },
  };
});
