
(() => {
  'use strict';

  // Tables: each heading sorts by its column, up, down, and back to how it was.
  const sorted = document.getElementById('sorted');
  const collator = new Intl.Collator(undefined, { numeric: true });
  // A number's title is itself with every digit, where its text is shorter.
  const exact = cell => cell.dataset.sort ?? (cell.classList.contains('number') ? cell.title || cell.firstChild.data : undefined);
  const keyOf = cell => {
    const number = Number(exact(cell) ?? NaN);
    return { number, text: cell.classList.contains('none') ? '' : cell.textContent };
  };
  const rank = key => Number.isNaN(key.number) ? key.text === '' ? 2 : 1 : 0;
  for (const table of document.querySelectorAll('table')) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const label = [...heading.childNodes].map(part => part.textContent).join(' ');
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener('click', () => {
        const was = heading.getAttribute('aria-sort');
        const order = was === null ? 'ascending' : was === 'ascending' ? 'descending' : null;
        headings.forEach(other => other.removeAttribute('aria-sort'));
        if (order !== null)
          heading.setAttribute('aria-sort', order);
        const sign = order === 'descending' ? -1 : 1;
        const keyed = rows.map(row => ({ row, key: keyOf(row.cells[column]) }));
        if (order !== null)
          keyed.sort((a, b) => rank(a.key) - rank(b.key)
            || sign * (rank(a.key) === 0 ? a.key.number - b.key.number || 0 : collator.compare(a.key.text, b.key.text)));
        body.append(...keyed.map(entry => entry.row));
        sorted.textContent = order === null ? 'Not sorted.' : `Sorted by ${label}, ${order}.`;
      });
    });
  }
})();
