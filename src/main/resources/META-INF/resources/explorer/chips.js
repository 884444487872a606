import { call, get, rowsOf } from './api.js';
import { calendar } from './calendar.js';
import { BY_AMOUNT, totals } from './calls.js';
import { h, popup } from './dom.js';
import { all, COMPARISONS, read, write } from './filter.js';
import * as months from './month.js';
import { idBeside, nameOf, rememberAccount } from './names.js';
import { problemBox } from './problem.js';
import { ofCurrency, range } from './state.js';
import { rememberNames } from './series.js';
import { FIELDS, listed } from './words.js';

const MOST_OPTIONS = 50;

const CHIP_FIELDS = { ...FIELDS, month: { one: 'Month' } };

/** How each kind of field can be compared. */
function comparisonsOf(field) {
  if (field === 'month') {
    return ['is', 'isNot', 'from', 'to'];
  }
  return FIELDS[field].isEnum ? ['is', 'isNot'] : ['is', 'isNot', 'contains'];
}

/**
 * The filter: a chip for each of its clauses, each with a picker, and its text for those who know
 * its language.
 *
 * state says what can be picked; problem is what is wrong with the filter, if anything is; onFilter
 * gets the new text
 */
export function filterBar(state, problem, onFilter) {
  const clauses = read(state.filter);
  const isKnown =
    clauses?.every(({ field, comparison }) =>
      CHIP_FIELDS[field] ? comparisonsOf(field).includes(comparison) : false,
    ) ?? false;
  const apply = (index, clause) =>
    onFilter(write(clause ? clauses.toSpliced(index, 1, clause) : clauses.toSpliced(index, 1)));
  const form = textForm(state, problem, isKnown || state.filter === '', onFilter);
  return [
    h(
      'div',
      { class: 'chips', role: 'group', 'aria-label': 'Filter' },
      isKnown
        ? clauses.map((clause, index) => chip(state, clause, (changed) => apply(index, changed)))
        : null,
      popup(
        h('button', { type: 'button', class: 'quiet', 'data-key': 'add-filter' }, '+ Filter'),
        'Add to the filter',
        (close) =>
          adder(state, (clause) => {
            close();
            onFilter(isKnown ? write([...clauses, clause]) : all(state.filter, write([clause])));
          }),
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'quiet',
          'data-key': 'edit-filter',
          'aria-expanded': String(!form.hidden),
          onclick: ({ currentTarget }) => {
            form.hidden = !form.hidden;
            currentTarget.setAttribute('aria-expanded', String(!form.hidden));
            form.querySelector('input').focus();
          },
        },
        'Edit as text',
      ),
      state.filter
        ? h(
            'button',
            {
              type: 'button',
              class: 'quiet',
              'data-key': 'clear-filter',
              onclick: () => onFilter(''),
            },
            'Clear',
          )
        : null,
    ),
    form,
  ];
}

/** The accounts that chips name, so that they can be called by their names. */
export function accountsOf(filter) {
  return (read(filter) ?? [])
    .filter(({ field, comparison }) => field === 'account_id' && comparison !== 'contains')
    .flatMap(({ values }) => values);
}

function label(field, value) {
  if (field === 'month') {
    return months.isMonth(value) ? months.short(value) : String(value);
  }
  return nameOf(field, value);
}

function chip(state, clause, onChange) {
  const { field, comparison, values } = clause;
  const said =
    comparison === 'contains'
      ? `contains \u201c${values[0]}\u201d`
      : `${comparison === 'is' ? '' : `${COMPARISONS[comparison].text} `}${listed(
          values.map((value) => label(field, value)),
          'or',
        )}`;
  const text = `${CHIP_FIELDS[field].one}: ${said}`;
  return h(
    'span',
    { class: 'chip' },
    popup(
      h('button', { type: 'button', 'data-key': `chip-${field}-${comparison}` }, text),
      `Change the filter ${text}`,
      (close) =>
        editor(state, clause, (changed) => {
          close();
          onChange(changed);
        }),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'remove',
        'aria-label': `Remove the filter ${text}`,
        'data-key': `remove-${field}-${comparison}`,
        onclick: ({ target }) => {
          target.closest('.chips').querySelector('[data-key=add-filter]').focus();
          onChange(null);
        },
      },
      '\u00d7',
    ),
  );
}

/** First which field, then its picker. */
function adder(state, onClause) {
  const box = h('div', { class: 'fields' });
  box.append(
    ...Object.entries(CHIP_FIELDS).map(([field, { one }]) =>
      h(
        'button',
        {
          type: 'button',
          onclick: () => {
            const form = editor(state, { field, comparison: 'is', values: [] }, onClause);
            box.replaceChildren(form);
            form.querySelector('[data-first], input')?.focus();
          },
        },
        one,
      ),
    ),
  );
  return box;
}

/** The picker of one clause. Enter applies it. */
function editor(state, { field, comparison, values }, onClause) {
  const picked = new Set(comparison === 'contains' ? [] : values);
  const comparing = h(
    'select',
    { 'aria-label': 'Comparison' },
    comparisonsOf(field).map((each) =>
      h('option', { value: each, selected: each === comparison }, COMPARISONS[each].text),
    ),
  );
  const picker =
    field === 'month'
      ? monthPicker(state, picked, comparing)
      : valuePicker(state, field, picked, comparison === 'contains' ? values[0] : '');
  const complaint = h('p', { class: 'complaint', role: 'alert' });
  return h(
    'form',
    {
      class: 'editor',
      onkeydown: (event) => {
        // Enter applies, wherever in the picker; on a month it takes the month too.
        if (event.key === 'Enter' && event.target.matches('select, .months button')) {
          event.preventDefault();
          if (event.target.matches('[aria-pressed="false"]')) {
            event.target.click();
          }
          event.currentTarget.requestSubmit();
        }
      },
      onsubmit: (event) => {
        event.preventDefault();
        const chosen = picker.chosen(comparing.value);
        if (chosen.length > 0) {
          onClause({ field, comparison: comparing.value, values: chosen });
        } else {
          complaint.textContent = 'Choose a value first.';
        }
      },
    },
    h(
      'div',
      { class: 'row' },
      h('strong', {}, CHIP_FIELDS[field].one),
      comparing,
      h('button', { class: 'primary' }, 'Apply'),
    ),
    complaint,
    picker.element,
  );
}

function monthPicker(state, picked, comparing) {
  return {
    element: calendar({
      from: state.oldest,
      to: state.newest,
      chosen: picked,
      onChoose: (month) => {
        const isSingle = comparing.value === 'from' || comparing.value === 'to';
        if (isSingle) {
          picked.clear();
        }
        if (!picked.delete(month)) {
          picked.add(month);
        }
      },
    }),
    chosen: () => [...picked].sort(),
  };
}

/** Values to tick, found by their name or id. Enter takes the first that was found. */
function valuePicker(state, field, picked, typed) {
  const list = h('div', { class: 'options', role: 'group', 'aria-label': 'Values' });
  const search = h('input', {
    type: 'search',
    value: typed,
    maxlength: '100',
    'data-first': true,
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': 'Search by name or id',
    placeholder: 'Search by name or id',
  });
  let options = [];
  let asked = 0;
  const offer = async () => {
    const mine = ++asked;
    const text = search.value.trim();
    const found = await optionsOf(state, field, text).catch(() => null);
    if (mine !== asked) {
      return;
    }
    options = found ?? [];
    const first = text === '' ? [...picked].filter((value) => !options.includes(value)) : [];
    const shown = [...first, ...options].slice(0, MOST_OPTIONS);
    list.replaceChildren(
      ...(shown.length > 0
        ? shown.map((value) => option(field, value, picked))
        : [
            h(
              'p',
              { class: 'muted' },
              found ? 'Nothing is called so.' : 'These cannot be listed now.',
            ),
          ]),
    );
  };
  let waiting;
  search.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(offer, 200);
  });
  offer();
  return {
    element: h('div', { class: 'picker' }, search, list),
    chosen: (comparison) => {
      const text = search.value.trim();
      if (comparison === 'contains') {
        return text ? [text] : [];
      }
      if (picked.size === 0 && text) {
        return [options.includes(text) ? text : (options[0] ?? text)];
      }
      return [...picked];
    },
  };
}

function option(field, value, picked) {
  return h(
    'label',
    {},
    h('input', {
      type: 'checkbox',
      checked: picked.has(value),
      onchange: ({ target }) => (target.checked ? picked.add(value) : picked.delete(value)),
    }),
    h('span', {}, nameOf(field, value), idBeside(field, value)),
  );
}

/** The values of a field whose name or id holds a text, the most expensive first. */
async function optionsOf(state, field, text) {
  if (field === 'account_id') {
    const accounts = await accountsCalled(text).catch(unlessStopped);
    if (accounts) {
      return accounts;
    }
  }
  const values = async (...clauses) => {
    const wanted = totals(
      'Values',
      state,
      [field],
      ofCurrency({ ...state, where: '' }, range(state), ...clauses),
      {
        order_by: BY_AMOUNT,
        include: 'description',
      },
    );
    const page = await get(wanted);
    rememberNames(field, rowsOf(page));
    return { found: rowsOf(page).map((row) => row[field]), hasMore: Boolean(page.next) };
  };
  const { found, hasMore } = await values();
  const wanted = text.toLowerCase();
  const matches = found.filter((value) =>
    `${nameOf(field, value)} ${value ?? ''}`.toLowerCase().includes(wanted),
  );
  if (hasMore && text && !FIELDS[field].isEnum) {
    const { found: others } = await values(COMPARISONS.contains.written(field, [text]));
    return [...new Set([...matches, ...others])];
  }
  return matches;
}

/** Where accounts cannot be read, those with usage can be picked; who was signed out picks none. */
function unlessStopped(problem) {
  if (problem.name === 'AbortError') {
    throw problem;
  }
  return null;
}

async function accountsCalled(text) {
  const wanted = call('Accounts', 'accounts', { search: text || null, per_page: MOST_OPTIONS });
  const accounts = rowsOf(await get(wanted));
  accounts.forEach(rememberAccount);
  return accounts.map(({ id }) => id);
}

/** The filter's text, and what is wrong with it. */
function textForm(state, problem, isHidden, onFilter) {
  const input = h('input', {
    name: 'filter',
    value: state.filter,
    maxlength: '1200',
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
    placeholder: "account_id eq '\u2026' and type ne 'NUMBER'",
    'data-key': 'filter',
    'aria-label': 'Filter as text',
    'aria-invalid': problem ? 'true' : null,
    'aria-describedby': problem ? 'filter-problem' : null,
  });
  return h(
    'form',
    {
      class: 'filter-text',
      hidden: isHidden && !problem,
      onsubmit: (event) => {
        event.preventDefault();
        onFilter(input.value.trim());
      },
    },
    h('div', { class: 'row' }, input, h('button', { 'data-key': 'apply' }, 'Apply')),
    problem ? h('div', { id: 'filter-problem' }, problemBox(problem)) : null,
  );
}
