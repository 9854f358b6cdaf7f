'use strict';

// The key stands in the fragment of the address, which a browser sends to nobody.
const key = () => decodeURIComponent(location.hash.slice(1));
const get = id => document.getElementById(id);
const requests = [];
let clock = null;

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { Authorization: `Bearer ${key()}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) {
    const answer = await response.json().catch(() => null);
    throw new Error(answer?.error?.message ?? `The sandbox answered ${response.status}.`);
  }
  return response;
}

function act(work) {
  work().catch(error => { get('state').textContent = error.message; });
}

function cell(row, content) {
  const element = row.insertCell();
  if (content instanceof Node) element.append(content);
  else element.textContent = content ?? '';
}

function fill(id, items, cells) {
  const rows = items.map(item => {
    const row = document.createElement('tr');
    for (const content of cells(item)) cell(row, content);
    return row;
  });
  get(id).replaceChildren(...rows);
}

function removal(fault) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Remove';
  button.setAttribute('aria-label', `Remove ${fault.effect} on ${fault.on}`);
  button.addEventListener('click', () => act(() => call('DELETE', `/sandbox/faults/${fault.id}`)));
  return button;
}

function showClock() {
  if (!clock) return;
  const passed = clock.standsStill ? 0 : Date.now() - clock.seen;
  const now = new Date(clock.now + passed).toISOString();
  get('now').textContent = now.slice(0, 19).replace('T', ' ') + ' UTC';
  get('now').dateTime = now;
  get('mode').textContent = clock.standsStill ? 'stands still' : 'runs';
  get('still').textContent = clock.standsStill ? 'Let it run' : 'Stand still';
}

const show = {
  state(state) {
    clock = { now: Date.parse(state.now), standsStill: state.stands_still, seen: Date.now() };
    showClock();
    fill('sessions', state.sessions, s => [s.id, s.name, s.gpu, s.status, s.created_at]);
    fill('faults', state.faults, f => [f.on, f.effect, f.count === null ? f.hits : `${f.hits} of ${f.count}`, f.matches, removal(f)]);
    fill('deliveries', state.deliveries, d => [d.created_at, d.event, d.attempt, d.response_status, d.error]);
  },
  request(request) {
    requests.unshift(request);
    requests.length = Math.min(requests.length, 200);
    fill('requests', requests, r => [r.number, r.at, `${r.method} ${r.path}${r.query}`, r.status ?? 'cut', r.fault]);
  },
};

async function listen() {
  const response = await call('GET', '/sandbox/stream');
  get('state').textContent = 'Connected.';
  get('login').hidden = true;
  get('content').hidden = false;
  requests.length = 0;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ;) {
    const { value, done } = await reader.read();
    if (done) throw new Error('The sandbox has ended.');
    text += value;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(text.slice(0, end)) ?? [];
      if (name) show[name](JSON.parse(data));
    }
  }
}

async function start() {
  if (!key()) {
    get('state').textContent = 'Not connected.';
    get('login').hidden = false;
    return;
  }
  try {
    await listen();
  } catch (error) {
    get('state').textContent = `Not connected: ${error.message}`;
    get('login').hidden = false;
    setTimeout(start, 2000);
  }
}

get('login-form').addEventListener('submit', event => {
  event.preventDefault();
  location.hash = encodeURIComponent(get('key').value);
  act(start);
});
get('fault-form').addEventListener('submit', event => {
  event.preventDefault();
  const count = get('count').valueAsNumber;
  act(() => call('POST', '/sandbox/faults', { on: get('on').value, effect: get('effect').value, count: Number.isNaN(count) ? null : count }));
});
get('still').addEventListener('click', () => act(() => call('PUT', '/sandbox/clock', { stands_still: !clock.standsStill })));
for (const button of document.querySelectorAll('[data-step]')) {
  const step = button.dataset.step;
  button.addEventListener('click', () => act(() => call('POST', '/sandbox/clock/step', step === 'idle' ? { until_idle: true } : { seconds: Number(step) })));
}
setInterval(showClock, 500);
act(async () => {
  const names = await (await fetch('/page-effects.json')).json();
  get('effect').replaceChildren(...names.map(name => new Option(name)));
});
act(start);
