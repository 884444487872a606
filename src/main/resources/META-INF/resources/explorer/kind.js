/** What of usage is added: what was consumed, or what was paid in. */
export const KINDS = { consumption: 'Consumption', top_up: 'Top-ups' };

const TOP_UPS = "type in ('CREDIT_COMMIT','RECHARGE')";

/** A kind as a clause of a filter, for calls that have no such parameter. */
export function isOfKind(kind) {
  return kind === 'top_up' ? TOP_UPS : `not ${TOP_UPS}`;
}
