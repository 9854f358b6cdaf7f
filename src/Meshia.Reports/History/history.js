
const experiments = (() => {
  'use strict';

  const data = JSON.parse(document.getElementById('data').textContent);
  const count = data.id.length;
  const collator = new Intl.Collator(undefined, { numeric: true });
  const many = number => number.toLocaleString('en-US');

  // Every text becomes a text node or an attribute, never markup.
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes))
      if (value !== null && value !== undefined)
        made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  // Numbers as everywhere in Meshia: with five digits to read, and with all of them in the title.
  const written = (text, most, plain) => {
    const [digits, power] = text.split('e');
    const exponent = Number(power);
    return exponent > -5 && exponent < most ? plain() : `${Number(digits)}E${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  };
  const readable = number => Number.isInteger(number) && Math.abs(number) <= 2 ** 53 ? String(number)
    : written(number.toExponential(4), 5, () => String(Number(number.toPrecision(5))));
  const exact = number => written(number.toExponential(), 15, () => String(number));
  const time = value => value === null ? '' : `${new Date(value).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const duration = value => {
    if (value === null)
      return '';
    const two = part => String(Math.floor(part)).padStart(2, '0');
    return `${Math.floor(value / 3600)}:${two(value / 60 % 60)}:${two(value % 60)}`;
  };
  const shown = value => value === null ? '' : typeof value === 'number' ? readable(value) : Array.isArray(value) ? value[1] : value;
  const numberOf = value => typeof value === 'number' ? value : Array.isArray(value) ? value[0] : NaN;

  const dense = ({ rows, values }) => {
    if (!rows)
      return values;
    const all = new Array(count).fill(null);
    rows.forEach((row, index) => { all[row] = values[index]; });
    return all;
  };
  const fixed = (key, label, values, show = value => value ?? '') => ({ key, label, values, show, isFixed: true, isShown: true });
  const read = (column, kind) => ({
    key: column.key, label: column.key, kind, goal: column.goal, varies: column.varies, isShown: column.shown, values: dense(column), show: shown,
    note: kind === 'config' ? 'configuration' : column.goal ? `${column.goal} is better` : 'metric',
  });
  const metrics = data.metrics.map(column => read(column, 'metric'));
  const config = data.config.map(column => read(column, 'config'));
  const columns = [
    fixed('name', 'Experiment', data.name), fixed('id', 'Id', data.id), fixed('session', 'Session', data.session), fixed('status', 'Status', data.status),
    fixed('created', 'Created', data.created, time), fixed('duration', 'Duration', data.duration, duration),
    ...metrics, ...config,
  ];
  columns.forEach(column => { column.number = row => numberOf(column.values[row]); column.text = row => column.show(column.values[row]); });
  const gone = new Set(data.gone);

  // Sorting: numbers first, then texts, then what is not there, whichever the direction.
  const keysOf = column => column.keys ??= (() => {
    const group = new Uint8Array(count);
    const key = new Float64Array(count);
    const texts = new Map();
    for (let row = 0; row < count; row++) {
      const number = column.number(row);
      if (!Number.isNaN(number))
        key[row] = number;
      else {
        const text = column.text(row);
        group[row] = text === '' ? 2 : 1;
        texts.set(text, 0);
      }
    }
    [...texts.keys()].sort(collator.compare).forEach((text, place) => texts.set(text, place));
    for (let row = 0; row < count; row++)
      if (group[row] === 1)
        key[row] = texts.get(column.text(row));
    return { group, key };
  })();

  // Filters: words anywhere in the texts of an experiment, and conditions on a column.
  let words = null;
  const wordsOf = row => (words ??= new Array(count))[row] ??=
    [data.name[row], data.id[row], data.session[row], data.status[row], ...columns.filter(column => column.kind).map(column => column.kind === 'config' || typeof column.values[row] === 'string' ? column.text(row) : '')].join('\n').toLowerCase();
  const operators = { '<': (a, b) => a < b, '>': (a, b) => a > b, '<=': (a, b) => a <= b, '>=': (a, b) => a >= b, '=': (a, b) => a === b, '!=': (a, b) => a !== b };
  const testOf = (column, operator, text) => {
    const wanted = column.key === 'created' ? Date.parse(text) : text.trim() === '' ? NaN : Number(text);
    const compare = operators[operator];
    const isEqual = operator === '=' || operator === '!=';
    return row => {
      const number = column.number(row);
      if (!Number.isNaN(wanted) && !Number.isNaN(number))
        return compare(number, wanted);
      return isEqual && compare(column.text(row).toLowerCase(), text.toLowerCase());
    };
  };
  const parse = query => {
    const unknown = [];
    const tests = (query.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []).map(term => {
      const text = term.replaceAll('"', '');
      const parts = /^([^<>=!]+)(<=|>=|!=|=|<|>)(.*)$/.exec(text);
      const named = parts && columns.filter(column => column.key.toLowerCase() === parts[1].toLowerCase());
      if (named?.length > 0) {
        const any = named.map(column => testOf(column, parts[2], parts[3]));
        return row => any.some(test => test(row));
      }
      if (parts)
        unknown.push(parts[1]);
      const word = text.toLowerCase();
      return row => wordsOf(row).includes(word);
    });
    return { tests, unknown };
  };

  document.getElementById('no-script').remove();
  const table = document.querySelector('#experiments ~ .scroll table');
  const status = document.getElementById('sorted');
  const listeners = [];
  let sort = { column: null, order: null };
  let order = Uint32Array.from({ length: count }, (_, row) => row);
  let matched = Array.from(order);
  let page = 0;

  const cell = (column, row) => {
    const value = column.values[row];
    if (column.key === 'name' && column.isFixed)
      return element('th', { scope: 'row' }, element('bdi', {}, value));
    if (column.key === 'status' && column.isFixed)
      return element('td', {}, element('span', { class: value === 'completed' || value === '' ? null : value === 'failed' ? 'failed' : 'unfinished' }, value), ...gone.has(row) ? [element('small', {}, 'only in the archive')] : []);
    if (column.isFixed)
      return element('td', { class: 'fixed' }, column.text(row));
    if (value === null)
      return element('td', { class: 'none' }, element('span', { 'aria-hidden': 'true' }, '–'), element('span', { class: 'unseen' }, 'not there'));
    const text = column.text(row);
    const title = typeof value === 'number' && Number(text) !== value ? exact(value) : null;
    return element('td', { class: Number.isNaN(column.number(row)) ? null : 'number', title }, element('bdi', {}, text));
  };
  const visible = () => columns.filter(column => column.isShown);
  const showRows = () => {
    const pages = Math.max(1, Math.ceil(matched.length / data.perPage));
    page = Math.min(Math.max(page, 0), pages - 1);
    const first = page * data.perPage;
    const rows = matched.slice(first, first + data.perPage);
    const shownColumns = visible();
    table.tBodies[0].replaceChildren(...rows.map(row => element('tr', {}, ...shownColumns.map(column => cell(column, row)))));
    previous.setAttribute('aria-disabled', String(page === 0));
    next.setAttribute('aria-disabled', String(page === pages - 1));
    position.textContent = matched.length === 0 ? 'No experiments match the filter.' : `Rows ${many(first + 1)} to ${many(first + rows.length)} of ${many(matched.length)}`;
  };
  const showHeadings = () => table.tHead.rows[0].replaceChildren(...visible().map(column => {
    const label = element('bdi', {}, column.label);
    const button = element('button', { type: 'button' }, label, ...column.note ? [element('small', {}, column.note)] : []);
    const heading = element('th', { scope: 'col', class: column.kind ? 'value' : null, 'aria-sort': sort.column === column ? sort.order : null }, button);
    button.addEventListener('click', () => {
      const was = sort.column === column ? sort.order : null;
      sort = { column, order: was === null ? 'ascending' : was === 'ascending' ? 'descending' : null };
      for (const other of table.tHead.rows[0].cells)
        other.removeAttribute('aria-sort');
      if (sort.order !== null)
        heading.setAttribute('aria-sort', sort.order);
      order = Uint32Array.from({ length: count }, (_, row) => row);
      if (sort.order !== null) {
        const { group, key } = keysOf(column);
        const sign = sort.order === 'descending' ? -1 : 1;
        order.sort((a, b) => group[a] - group[b] || sign * (key[a] - key[b]) || a - b);
      }
      update(sort.order === null ? 'Not sorted.' : `Sorted by ${column.label}, ${sort.order}.`, false);
    });
    return heading;
  }));
  const update = (said, isFiltered) => {
    const { tests, unknown } = parse(query.value);
    if (statuses.value !== '')
      tests.push(row => data.status[row] === statuses.value);
    matched = tests.length === 0 ? Array.from(order) : Array.from(order).filter(row => tests.every(test => test(row)));
    page = 0;
    showRows();
    status.textContent = `${said} ${many(matched.length)} of ${many(count)} experiments.${unknown.length > 0 ? ` No column is named ${unknown.join(', ')}.` : ''}`.trim();
    unknownNote.textContent = unknown.length > 0 ? `No column is named ${unknown.join(', ')}; it is searched for as text.` : '';
    if (isFiltered)
      listeners.forEach(listener => listener());
  };

  const query = element('input', { type: 'search', id: 'query', 'aria-describedby': 'query-help', spellcheck: 'false', autocomplete: 'off' });
  const unknownNote = element('small', {});
  const statuses = element('select', { id: 'status' }, element('option', { value: '' }, 'All'), ...[...new Set(data.status)].filter(text => text !== '').sort(collator.compare).map(text => element('option', { value: text }, text)));
  const choice = (title, some) => some.length === 0 ? [] : [element('fieldset', {}, element('legend', {}, title), ...some.map(column => {
    const box = element('input', { type: 'checkbox' });
    box.checked = column.isShown;
    box.addEventListener('change', () => { column.isShown = box.checked; showHeadings(); showRows(); });
    return element('label', {}, box, element('bdi', {}, column.label));
  }))];
  document.getElementById('filter').append(
    element('div', { class: 'wide' }, element('label', { for: 'query' }, 'Filter'), query,
      element('small', { id: 'query-help' }, 'Words, and conditions such as loss<0.5, optimizer.lr=0.001, status!=failed or created>2026-11-01. All must match; quotes keep words together.'), unknownNote),
    element('div', {}, element('label', { for: 'status' }, 'Status'), statuses),
    element('details', { class: 'choice' }, element('summary', {}, 'Columns'), ...choice('Metrics', metrics), ...choice('Configuration', config)));
  query.addEventListener('input', () => update('', true));
  statuses.addEventListener('change', () => update('', true));

  const turn = by => () => { page += by; showRows(); status.textContent = position.textContent; };
  const previous = element('button', { type: 'button', class: 'button' }, 'Previous');
  const next = element('button', { type: 'button', class: 'button' }, 'Next');
  const position = element('span', {});
  previous.addEventListener('click', turn(-1));
  next.addEventListener('click', turn(1));
  table.parentElement.after(element('div', { class: 'pages' }, previous, next, position));
  showHeadings();
  showRows();
  // The first word that somebody types then costs no more than the others.
  setTimeout(() => matched.forEach(wordsOf));

  return { count, metrics, config, columns, element, readable, many, matched: () => matched, onFilter: listener => listeners.push(listener), nameOf: row => data.name[row], createdOf: row => data.created[row], time, collator };
})();
