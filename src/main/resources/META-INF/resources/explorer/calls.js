import { call } from './api.js';

/** The parameters that stand for what is chosen, in every call that adds usage up. */
function chosen({ kind }, filter) {
  return { kind: kind === 'consumption' ? null : kind, filter: filter || null };
}

/** Totals: of what, by which fields, of the aggregates that a filter finds. */
export function totals(title, state, groupBy, filter, more = {}) {
  return call(title, 'usage/month/totals', {
    group_by: groupBy.join(','),
    ...chosen(state, filter),
    per_page: 250,
    ...more,
  });
}

/** How groups changed from the month before. */
export function changes(title, state, groupBy, filter, more = {}) {
  return call(title, 'usage/month/changes', {
    month: state.month,
    with: state.previous,
    group_by: groupBy.join(','),
    ...chosen(state, filter),
    per_page: 250,
    ...more,
  });
}

/** By amount, the largest first. */
export const BY_AMOUNT = 'total_amount:desc';
