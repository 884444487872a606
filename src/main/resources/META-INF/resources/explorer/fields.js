/** The fields usage can be grouped by and filtered on, as people call them. */
export const FIELDS = {
  product_id: { one: 'Product', many: 'products' },
  account_id: { one: 'Account', many: 'accounts' },
  aggr_product_id: { one: 'Aggregated product', many: 'aggregated products' },
  type: { one: 'Type', many: 'types' },
  direction: { one: 'Direction', many: 'directions' },
  resolution: { one: 'Resolution', many: 'resolutions' },
  wallet_name: { one: 'Wallet', many: 'wallets' },
};

/** Of these a filter takes no parts, only values as a whole. */
export const WHOLE = new Set(['type', 'direction', 'resolution']);

/** What stands for a value of a field. */
export function nameOf(field, value) {
  return value === null ? `no ${FIELDS[field].one.toLowerCase()}` : value;
}
