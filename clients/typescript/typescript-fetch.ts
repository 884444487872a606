// openapi-generator's typescript-fetch.
import {
  Configuration,
  ErrorBodyFromJSON,
  IntakeApi,
  ResponseError,
  UsageApi,
  UsageType,
  UsageUnit,
} from './generated';
import { env, run } from './walk';

run((basePath, accessToken) => {
  const headers = env.ACCEPT ? { Accept: env.ACCEPT } : undefined;
  const configuration = new Configuration({ basePath, accessToken, headers });
  return {
    async page(filter, cursor) {
      try {
        const page = await new UsageApi(configuration).getMonthlyUsage({ perPage: 250, filter, cursor });
        return {
          sums: page.embedded.usage.map((each) => ({ units: each.numberOfUnits, amount: each.totalAmount })),
          next: page.next?.href,
        };
      } catch (e) {
        if (!(e instanceof ResponseError)) throw e;
        const error = ErrorBodyFromJSON(await e.response.json());
        return { status: e.response.status, code: error.code, fields: error.fields };
      }
    },
    async send(records) {
      const { accepted, rejected, errors } = await new IntakeApi(configuration).postUsageRecords({
        usageRecords: {
          records: records.map(({ id, account, product, units, amount }) => ({
            id,
            accountId: account,
            productId: product,
            occurredAt: new Date('2026-08-31T22:30:00Z'),
            type: UsageType.Call,
            currency: 'EUR',
            unit: UsageUnit.Minutes,
            numberOfUnits: units,
            totalAmount: amount,
          })),
        },
      });
      return { accepted, rejected, code: errors[0]?.code };
    },
  };
});
