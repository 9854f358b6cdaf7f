
(() => {
  'use strict';

  const { metrics, config, element, readable, many, time, collator } = experiments;
  const numeric = metrics.filter(column => column.values.some((_, row) => !Number.isNaN(column.number(row))));
  const holder = document.getElementById('plots');
  if (numeric.length === 0)
    return;

  const [width, height, left, right, top, bottom] = [800, 320, 84, 16, 16, 34];
  const mostCategories = 12;
  const mostLines = 60;
  const svgNames = 'http://www.w3.org/2000/svg';
  const draw = (name, attributes, ...children) => {
    const made = document.createElementNS(svgNames, name);
    for (const [key, value] of Object.entries(attributes))
      made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const places = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1, useGrouping: false });
  const at = number => places.format(number);
  const cut = (text, most) => [...text].length <= most ? text : `${[...text].slice(0, most - 1).join('')}…`;

  // Numbers beyond these leave no room for an axis around them.
  const isDrawable = number => number === 0 || (Math.abs(number) < 1e100 && Math.abs(number) > 1e-100);
  const ends = numbers => numbers.reduce(([low, high], number) => [Math.min(low, number), Math.max(high, number)], [Infinity, -Infinity]);
  const linear = (numbers, from, to) => {
    let [low, high] = ends(numbers);
    const room = high - low > Math.abs(high) * 1e-9 ? (high - low) * 0.04 : Math.abs(high) * 0.1 || 1;
    [low, high] = [low - room, high + room];
    const raw = (high - low) / 5;
    const unit = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map(factor => factor * unit).find(candidate => candidate >= raw);
    const ticks = [];
    for (let tick = Math.ceil(low / step) * step; tick <= high && ticks.length < 12; tick += step)
      ticks.push(Math.abs(tick) < step * 1e-6 ? 0 : Number(tick.toPrecision(12)));
    return { place: number => from + (number - low) / (high - low) * (to - from), ticks: ticks.map(tick => [tick, readable(tick)]) };
  };
  const logarithmic = (numbers, from, to) => {
    const inner = linear(numbers.map(Math.log10), from, to);
    const [low, high] = ends(numbers).map(Math.log10);
    const step = Math.max(1, Math.ceil((high - low) / 8));
    const ticks = [];
    for (let power = Math.ceil(low - 0.05); power <= high + 0.05; power += step)
      ticks.push([10 ** power, readable(Number(`1e${power}`))]);
    return { place: number => inner.place(Math.log10(number)), ticks: ticks.length > 1 ? ticks : ends(numbers).map(number => [number, readable(number)]) };
  };
  // A sweep over several powers of ten is read by its powers.
  const wantsLog = numbers => numbers.length > 0 && numbers.every(number => number > 0) && (([low, high]) => high / low >= 50)(ends(numbers));
  const scaleOf = (numbers, from, to, isLog) => isLog ? logarithmic(numbers, from, to) : linear(numbers, from, to);
  const dates = (numbers, from, to) => {
    const scale = linear(numbers, from, to);
    const [low, high] = ends(numbers);
    const isShort = high - low < 3 * 86_400_000;
    return { ...scale, ticks: [0, 0.25, 0.5, 0.75, 1].filter(part => high > low || part === 0).map(part => low + part * (high - low)).map(tick => [tick, isShort ? time(tick).slice(5, 16) : time(tick).slice(0, 10)]) };
  };
  const categories = (column, rows, from, to) => {
    const counts = new Map();
    rows.forEach(row => counts.set(column.text(row), (counts.get(column.text(row)) ?? 0) + 1));
    const numbers = new Map(rows.map(row => [column.text(row), column.number(row)]));
    const kept = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a)).slice(0, mostCategories).sort((a, b) => numbers.get(a) - numbers.get(b) || collator.compare(a, b));
    const index = new Map(kept.map((text, place) => [text, place]));
    const step = (to - from) / kept.length;
    return { has: row => index.has(column.text(row)), step, place: row => from + (index.get(column.text(row)) + 0.5) * step, ticks: kept.map((text, place) => [from + (place + 0.5) * step, text]), left: counts.size - kept.length };
  };
  // Few different numbers are places of their own, as the choices of a sweep are.
  const isNumeric = (column, rows) => (column.kind === 'metric' || new Set(rows.map(column.number)).size > mostCategories) && rows.every(row => !Number.isNaN(column.number(row)) && isDrawable(column.number(row)));

  const frame = (description, across, up) => {
    const svg = draw('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': description });
    for (const [number, label] of up.ticks)
      svg.append(draw('path', { class: 'g', d: `M${left} ${at(up.place(number))}H${width - right}` }), draw('text', { class: 't', x: left - 8, y: at(up.place(number)), 'text-anchor': 'end', 'dominant-baseline': 'middle' }, label));
    across.forEach(([x, label], index) => svg.append(draw('text', { class: 't', x: at(x), y: height - 10, 'text-anchor': across.length > 1 && index === 0 && x < left + 30 ? 'start' : across.length > 1 && index === across.length - 1 && x > width - right - 30 ? 'end' : 'middle' }, label)));
    return svg;
  };
  const dots = points => points.map(({ x, y }) => `M${at(x)} ${at(y)}h0`).join('');
  const pointed = (svg, points, readout, describe) => {
    const ring = draw('circle', { class: 'focus', r: 6, cx: -20, cy: -20 });
    svg.append(ring);
    svg.addEventListener('pointermove', event => {
      const box = svg.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width * width, (event.clientY - box.top) / box.height * height];
      let [nearest, distance] = [null, 400];
      for (const point of points) {
        const far = (point.x - x) ** 2 + (point.y - y) ** 2;
        if (far < distance)
          [nearest, distance] = [point, far];
      }
      ring.setAttribute('cx', nearest?.x ?? -20);
      ring.setAttribute('cy', nearest?.y ?? -20);
      readout.textContent = nearest ? describe(nearest.row) : '';
    });
  };

  let numberOfPlots = 0;
  const select = (label, columns, initial) => {
    const id = `choice${++numberOfPlots}`;
    const list = element('select', { id }, ...columns.map((column, index) => element('option', { value: index }, column.label)));
    list.value = String(Math.max(0, columns.indexOf(initial)));
    return { view: element('div', {}, element('label', { for: id }, label), list), list, get: () => columns[Number(list.value)] };
  };
  const check = (label, initial = false) => {
    const box = element('input', { type: 'checkbox' });
    box.checked = initial;
    return { view: element('label', {}, box, label), list: box, get: () => box.checked };
  };
  const plots = [];
  const addPlot = (title, controls, paint) => {
    const [picture, readout] = [element('div'), element('p', { 'aria-hidden': 'true' })];
    const panel = element('section', { class: 'plot' }, element('h3', {}, title), element('div', { class: 'controls' }, ...controls.map(control => control.view)), picture, readout);
    const repaint = () => { readout.textContent = ''; picture.replaceChildren(...paint(readout)); };
    controls.forEach(control => control.list.addEventListener('change', repaint));
    plots.push(repaint);
    holder.append(panel);
  };
  const nothing = () => [element('p', {}, 'No experiment has these values.')];
  const withMetric = (metric, isLog) => experiments.matched().filter(row => isDrawable(metric.number(row)) && (!isLog || metric.number(row) > 0));
  const isBetter = (metric, one, other) => metric.goal === 'less' ? one < other : one > other;

  holder.append(element('h2', {}, 'Plots'), element('p', {}, 'They show the experiments that the filter leaves.'));

  const overTime = { metric: select('Metric', numeric, numeric[0]), log: check('Logarithmic scale') };
  addPlot('A metric over time', [overTime.metric, overTime.log], readout => {
    const [metric, isLog] = [overTime.metric.get(), overTime.log.get()];
    const rows = withMetric(metric, isLog).filter(row => experiments.createdOf(row) !== null).sort((a, b) => experiments.createdOf(a) - experiments.createdOf(b) || a - b);
    if (rows.length === 0)
      return nothing();
    const across = dates(rows.map(experiments.createdOf), left, width - right);
    const up = scaleOf(rows.map(metric.number), height - bottom, top, isLog);
    const points = rows.map(row => ({ row, x: across.place(experiments.createdOf(row)), y: up.place(metric.number(row)) }));
    let best = null;
    let line = '';
    if (metric.goal)
      for (const point of points)
        if (best === null || isBetter(metric, metric.number(point.row), metric.number(best.row))) {
          line += best === null ? `M${at(point.x)} ${at(point.y)}` : `H${at(point.x)}V${at(point.y)}`;
          best = point;
        }
    const [low, high] = ends(rows.map(metric.number));
    const svg = frame(`${metric.label} of ${many(rows.length)} experiments over the time of their creation, from ${readable(low)} to ${readable(high)}.${best === null ? '' : ` ${metric.goal === 'less' ? 'Less' : 'More'} is better: the line shows the best so far.`}`, across.ticks.map(([tick, label]) => [across.place(tick), label]), up);
    svg.append(draw('path', { class: 'p', d: dots(points) }));
    if (best !== null)
      svg.append(draw('path', { class: 'best-line', d: `${line}H${width - right}` }));
    pointed(svg, points, readout, row => `${experiments.nameOf(row)}: ${metric.label} ${metric.text(row)}, ${time(experiments.createdOf(row))}`);
    return [svg, ...best === null ? [] : [element('p', {}, 'The line is the best so far.')]];
  });

  const varying = config.filter(column => column.varies);
  if (varying.length > 0) {
    const against = { key: select('Configuration', config, varying[0]), metric: select('Metric', numeric, numeric[0]), log: check('Logarithmic scale of the metric') };
    addPlot('One configuration value against one metric', [against.key, against.metric, against.log], readout => {
      const [key, metric, isLog] = [against.key.get(), against.metric.get(), against.log.get()];
      let rows = withMetric(metric, isLog).filter(row => key.values[row] !== null);
      if (rows.length === 0)
        return nothing();
      const up = scaleOf(rows.map(metric.number), height - bottom, top, isLog);
      const notes = [];
      let [across, place] = [null, null];
      if (isNumeric(key, rows)) {
        const isLogAcross = wantsLog(rows.map(key.number));
        const scale = scaleOf(rows.map(key.number), left + 8, width - right - 8, isLogAcross);
        [across, place] = [scale.ticks.map(([tick, label]) => [scale.place(tick), label]), row => scale.place(key.number(row))];
        if (isLogAcross)
          notes.push(`The scale of ${key.label} is logarithmic.`);
      } else {
        const scale = categories(key, rows, left, width - right);
        rows = rows.filter(scale.has);
        across = scale.ticks.map(([x, label]) => [x, cut(label, Math.max(4, Math.floor(scale.step / 8)))]);
        // Beside each other, so that points of the same value can be told apart; the same each time.
        place = row => scale.place(row) + ((row * 2654435761 >>> 0) / 2 ** 32 - 0.5) * scale.step * 0.6;
        if (scale.left > 0)
          notes.push(`Values left out because fewer experiments have them: ${many(scale.left)}.`);
      }
      const points = rows.map(row => ({ row, x: place(row), y: up.place(metric.number(row)) }));
      const svg = frame(`${metric.label} of ${many(rows.length)} experiments by ${key.label}.`, across, up);
      svg.append(draw('path', { class: 'p', d: dots(points) }));
      pointed(svg, points, readout, row => `${experiments.nameOf(row)}: ${key.label} ${key.text(row)}, ${metric.label} ${metric.text(row)}`);
      return [svg, ...notes.map(note => element('p', {}, note))];
    });

    const parallel = { metric: select('Metric', numeric, numeric[0]), axes: varying.slice(0, 30).map((column, index) => ({ column, ...check(element('bdi', {}, column.label), index < 5) })) };
    const axesView = element('details', { class: 'choice' }, element('summary', {}, 'Axes'), element('fieldset', {}, element('legend', {}, 'Configuration'), ...parallel.axes.map(axis => axis.view)));
    addPlot('Parallel coordinates', [parallel.metric, ...parallel.axes.map((axis, index) => ({ list: axis.list, view: index === 0 ? axesView : '' }))], () => {
      const metric = parallel.metric.get();
      const chosen = parallel.axes.filter(axis => axis.get()).map(axis => axis.column);
      const rows = withMetric(metric, false).filter(row => chosen.some(column => column.values[row] !== null));
      if (rows.length === 0)
        return nothing();
      const all = [...chosen, metric];
      const x = index => left + index * (width - left - 90) / (all.length - 1);
      const svg = draw('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Parallel coordinates of ${chosen.map(column => column.label).join(', ')} and ${metric.label} for ${many(rows.length)} experiments.` });
      const axes = all.map((column, index) => {
        const present = rows.filter(row => column.values[row] !== null);
        const labels = [];
        let place;
        if (isNumeric(column, present)) {
          const isLog = wantsLog(present.map(column.number));
          const scale = scaleOf(present.map(column.number), height - bottom, top + 20, isLog);
          labels.push(...scale.ticks.map(([tick, label]) => [scale.place(tick), label]));
          place = row => column.values[row] === null ? null : scale.place(column.number(row));
        } else {
          const scale = categories(column, present, height - bottom, top + 20);
          labels.push(...scale.ticks);
          place = row => column.values[row] === null || !scale.has(row) ? null : scale.place(row);
        }
        return { column, index, labels, place };
      });
      const sorted = [...rows].sort((a, b) => (metric.goal === 'more' ? -1 : 1) * (metric.number(a) - metric.number(b)) || a - b);
      const lines = ['', '', '', '', ''];
      const every = Math.ceil(sorted.length / (mostLines * lines.length));
      sorted.forEach((row, rank) => {
        if (rank % every !== 0)
          return;
        let isOpen = false;
        for (const axis of axes) {
          const y = axis.place(row);
          if (y !== null)
            lines[Math.floor(rank * 5 / sorted.length)] += `${isOpen ? 'L' : 'M'}${at(x(axis.index))} ${at(y)}`;
          isOpen = y !== null;
        }
      });
      // The best lie on top.
      lines.forEach((d, group) => svg.prepend(draw('path', { class: `c c${group}`, d })));
      for (const axis of axes) {
        svg.append(draw('path', { class: 'g', d: `M${at(x(axis.index))} ${top + 14}V${height - bottom}` }), draw('text', { class: 't', x: at(x(axis.index)), y: height - 10, 'text-anchor': 'middle' }, cut(axis.column.label, 20)));
        for (const [y, label] of axis.labels)
          svg.append(draw('text', { class: 't over', x: at(x(axis.index) + 5), y: at(y), 'dominant-baseline': 'middle' }, cut(label, 12)));
      }
      const names = metric.goal ? ['best', 'second', 'middle', 'fourth', 'worst'] : ['lowest', 'second', 'middle', 'fourth', 'highest'];
      const legend = element('ul', { class: 'legend' }, ...names.map((name, group) => element('li', {}, draw('svg', { viewBox: '0 0 24 8', 'aria-hidden': 'true' }, draw('path', { class: `c c${group}`, d: 'M0 4H24' })), `${name} fifth by ${cut(metric.label, 40)}`)));
      return [svg, legend, ...every > 1 ? [element('p', {}, `A line is drawn for one of ${many(every)} experiments, in the order of ${metric.label}. Filter to see each.`)] : []];
    });
  }

  const repaintAll = () => plots.forEach(repaint => repaint());
  repaintAll();
  // The table answers at once; the plots follow when it has been shown.
  let waiting = 0;
  experiments.onFilter(() => {
    clearTimeout(waiting);
    waiting = setTimeout(repaintAll, 100);
  });
})();
