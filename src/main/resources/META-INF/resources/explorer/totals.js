import { call } from './api.js';

/**
 * A call for totals: of what, grouped by which fields and by unit, of the aggregates a filter finds.
 */
export function totals(title, { kind }, groupBy, filter, more = {}) {
  return call(title, 'usage/month/totals', {
    group_by: [...groupBy, 'unit'].join(','),
    kind: kind === 'consumption' ? null : kind,
    filter,
    include: 'unit_word',
    ...more,
  });
}

/** By amount, the largest first. */
export const BY_AMOUNT = 'total_amount:desc';
