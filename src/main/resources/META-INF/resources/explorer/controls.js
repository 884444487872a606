import { get, rowsOf } from './api.js';
import { h } from './dom.js';
import { FIELDS, WHOLE } from './fields.js';
import { all, contains, is, isNot } from './filter.js';
import { KINDS } from './kind.js';
import { problemBox } from './problem.js';
import { go, href } from './route.js';
import { addressed, range, SPANS } from './state.js';
import { BY_AMOUNT, totals } from './totals.js';

/** What can be chosen of the overview. problem is what is wrong with the filter, if anything is. */
export function controls(state, problem) {
  const change = (changes) => go(href('', { ...addressed(state), ...changes }));
  return h(
    'section',
    { class: 'panel controls', 'aria-label': 'What to show' },
    h(
      'div',
      { class: 'choices' },
      choice(
        'Group by',
        'group',
        state.group,
        entries(FIELDS, (field) => field.one),
        (group) => change({ group, order: null }),
      ),
      choice(
        'Show',
        'kind',
        state.kind,
        entries(KINDS, (kind) => kind),
        (kind) => change({ kind }),
      ),
      choice(
        'Currency',
        'currency',
        state.currency,
        state.currencies.map((each) => [each, each]),
        (currency) => change({ currency }),
      ),
      choice(
        'Months',
        'months',
        String(state.span),
        SPANS.map((each) => [each, each]),
        (months) => change({ months }),
      ),
    ),
    filterForm(state, problem, (filter) => change({ filter })),
  );
}

const entries = (names, nameOf) =>
  Object.entries(names).map(([value, name]) => [value, nameOf(name)]);

function choice(label, name, chosen, options, onChoice) {
  const id = `choice-${name}`;
  return h(
    'div',
    {},
    h('label', { for: id }, label),
    h(
      'select',
      { id, 'data-key': name, onchange: (event) => onChoice(event.target.value) },
      options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
    ),
  );
}

function filterForm(state, problem, onFilter) {
  const input = h('input', {
    id: 'filter',
    name: 'filter',
    value: state.filter,
    maxlength: '1200',
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
    placeholder: "account_id eq '\u2026' and type ne 'NUMBER'",
    'data-key': 'filter',
    'aria-invalid': problem ? 'true' : null,
    'aria-describedby': problem ? 'filter-problem' : null,
  });
  const apply = (filter) => {
    input.value = filter;
    onFilter(filter.trim());
  };
  return h(
    'form',
    {
      class: 'filter',
      onsubmit: (event) => {
        event.preventDefault();
        apply(input.value);
      },
    },
    h('label', { for: 'filter' }, 'Filter'),
    h(
      'div',
      { class: 'row' },
      input,
      h('button', { 'data-key': 'apply' }, 'Apply'),
      state.filter ? h('button', { type: 'button', onclick: () => apply('') }, 'Clear') : null,
    ),
    problem ? h('div', { id: 'filter-problem' }, problemBox(problem)) : null,
    builder(state, (clause) => apply(all(input.value.trim(), clause))),
  );
}

/** For those who do not know the filter's language: each clause it makes is seen in the text. */
function builder(state, onClause) {
  const field = h(
    'select',
    { id: 'builder-field' },
    entries(FIELDS, (each) => each.one).map(([value, text]) => h('option', { value }, text)),
  );
  const operator = h('select', { id: 'builder-operator' });
  const value = h('input', { id: 'builder-value', list: 'builder-values', autocomplete: 'off' });
  const values = h('datalist', { id: 'builder-values' });
  const offerOperators = () => {
    const operators = [
      ['is', 'is'],
      ['isNot', 'is not'],
      ...(WHOLE.has(field.value) ? [] : [['contains', 'contains']]),
    ];
    operator.replaceChildren(
      ...operators.map(([each, text]) => h('option', { value: each }, text)),
    );
  };
  const offerValues = async () => {
    const typed =
      value.value && !WHOLE.has(field.value) ? contains(field.value, value.value) : null;
    const wanted = totals(
      'Values',
      state,
      [field.value],
      all(typed, range(state), is('currency', state.currency)),
      { order_by: BY_AMOUNT, per_page: 100 },
    );
    const rows = await get(wanted).then(rowsOf, () => []);
    const found = new Set(rows.map((row) => row[field.value]).filter((each) => each !== null));
    values.replaceChildren(...[...found].map((each) => h('option', { value: each })));
  };
  let waiting;
  const offerValuesSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(offerValues, 250);
  };
  field.addEventListener('change', () => {
    value.value = '';
    offerOperators();
    offerValuesSoon();
  });
  value.addEventListener('focus', offerValuesSoon);
  value.addEventListener('input', offerValuesSoon);
  offerOperators();
  return h(
    'details',
    { class: 'builder' },
    h('summary', {}, 'Add to the filter'),
    h(
      'div',
      { class: 'row' },
      h('label', { for: 'builder-field' }, 'Field'),
      field,
      h('label', { for: 'builder-operator', class: 'visually-hidden' }, 'Comparison'),
      operator,
      h('label', { for: 'builder-value', class: 'visually-hidden' }, 'Value'),
      value,
      values,
      h(
        'button',
        {
          type: 'button',
          onclick: () => {
            if (value.value) {
              onClause({ is, isNot, contains }[operator.value](field.value, value.value));
            } else {
              value.focus();
            }
          },
        },
        'Add',
      ),
    ),
  );
}
