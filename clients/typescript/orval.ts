// orval with its fetch client. It knows one server, so the address and the token are put in by a function of ours.
import { getMonthlyUsage, postUsageRecords } from './generated/api';
import { env, run } from './walk';

run((address, token) => {
  const options = {
    address,
    headers: { Authorization: `Bearer ${token}`, ...(env.ACCEPT && { Accept: env.ACCEPT }) },
  };
  return {
    async page(filter, cursor) {
      const answer = await getMonthlyUsage({ per_page: 250, filter, cursor }, options);
      if (answer.status === 304) throw new Error('unexpected');
      if (answer.status !== 200) return { status: answer.status, code: answer.data.code, fields: answer.data.fields };
      return {
        sums: answer.data._embedded.usage.map((each) => ({ units: each.number_of_units, amount: each.total_amount })),
        next: answer.data.next?.href,
      };
    },
    async send(records) {
      const answer = await postUsageRecords(
        {
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
        options,
      );
      // 422 is for those who ask for all or nothing by Prefer, and has a result instead of a code.
      if (answer.status !== 200) throw new Error(answer.status === 422 ? 'unexpected' : answer.data.code);
      return { accepted: answer.data.accepted, rejected: answer.data.rejected, code: answer.data.errors[0]?.code };
    },
  };
});
