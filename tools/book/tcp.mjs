// tcp.mjs - the states of a TCP connection as a drawing in which a path can light up.
import {escape} from './html.mjs';

const W = 128, H = 36;
const NODES = {
  CLOSED: [380, 34], LISTEN: [380, 124], SYN_RECV: [150, 214], SYN_SENT: [610, 214], ESTABLISHED: [380, 304],
  FIN_WAIT1: [150, 414], CLOSING: [380, 414], CLOSE_WAIT: [610, 414],
  FIN_WAIT2: [150, 524], TIME_WAIT: [380, 524], LAST_ACK: [610, 524], CLOSED_AGAIN: [380, 614],
};
// from, to, who takes it, what happens, the way as x y x y ..., and where its words stand
const EDGES = [
  ['CLOSED', 'LISTEN', 'server', 'listen()', [380, 52, 380, 106], [390, 83, 'start']],
  ['CLOSED', 'SYN_SENT', 'client', 'connect(): SYN', [444, 34, 610, 34, 610, 196], [456, 26, 'start']],
  ['LISTEN', 'SYN_RECV', 'server', 'SYN came: SYN+ACK', [316, 124, 150, 124, 150, 196], [304, 116, 'end']],
  ['SYN_SENT', 'SYN_RECV', 'rare', 'both call: SYN came', [546, 214, 214, 214], [380, 206, 'middle']],
  ['SYN_RECV', 'ESTABLISHED', 'server', 'ACK came', [150, 232, 150, 304, 316, 304], [164, 296, 'start']],
  ['SYN_SENT', 'ESTABLISHED', 'client', 'SYN+ACK came: ACK', [610, 232, 610, 304, 444, 304], [598, 296, 'end']],
  ['ESTABLISHED', 'FIN_WAIT1', 'client', 'close(): FIN', [350, 322, 350, 358, 150, 358, 150, 396], [162, 350, 'start']],
  ['ESTABLISHED', 'CLOSE_WAIT', 'server', 'FIN came: ACK', [410, 322, 410, 358, 610, 358, 610, 396], [598, 350, 'end']],
  ['SYN_RECV', 'FIN_WAIT1', 'rare', 'close()', [86, 214, 44, 214, 44, 414, 86, 414], [50, 320, 'start']],
  ['FIN_WAIT1', 'FIN_WAIT2', 'client', 'ACK came', [150, 432, 150, 506], [160, 474, 'start']],
  ['FIN_WAIT1', 'CLOSING', 'rare', 'FIN came', [214, 410, 316, 410], [265, 402, 'middle']],
  ['FIN_WAIT1', 'TIME_WAIT', 'rare', 'FIN+ACK came', [214, 422, 262, 422, 262, 516, 316, 516], [270, 462, 'start']],
  ['FIN_WAIT2', 'TIME_WAIT', 'client', 'FIN came: ACK', [214, 532, 316, 532], [265, 551, 'middle']],
  ['CLOSING', 'TIME_WAIT', 'rare', 'ACK came', [380, 432, 380, 506], [390, 448, 'start']],
  ['CLOSE_WAIT', 'LAST_ACK', 'server', 'close(): FIN', [610, 432, 610, 506], [600, 474, 'end']],
  ['LAST_ACK', 'CLOSED_AGAIN', 'server', 'ACK came', [610, 542, 610, 610, 444, 610], [598, 602, 'end']],
  ['TIME_WAIT', 'CLOSED_AGAIN', 'client', '60 s later', [380, 542, 380, 596], [370, 574, 'end']],
  ['ESTABLISHED', 'CLOSED_AGAIN', 'rare', 'RST, sent or received', [444, 312, 716, 312, 716, 622, 444, 622], [708, 641, 'end']],
  ['SYN_SENT', 'CLOSED', 'rare', 'RST came, or no answer', [674, 214, 716, 214, 716, 10, 412, 10, 412, 16], [708, 2, 'end']],
];

const seen = name => name === 'CLOSED_AGAIN' ? 'CLOSED' : name;
export const STATES = Object.keys(NODES).filter(n => n !== 'CLOSED_AGAIN');

// The way from state to state over the arrows, for what was too quick to be seen: edge numbers.
function way(from, to) {
  const goals = to === 'CLOSED' ? ['CLOSED_AGAIN', 'CLOSED'] : [to];
  const queue = [[from, []]], been = new Set([from]);
  while (queue.length) {
    const [at, path] = queue.shift();
    if (path.length && goals.includes(at)) return path;
    EDGES.forEach(([a, b], i) => {
      if (a !== at || (been.has(b) && !goals.includes(b))) return;
      been.add(b);
      queue.push([b, [...path, i]]);
    });
  }
  return [];
}

// paths: [{who, states: [...]}]: each end of a connection lights its own way.
export function diagram(label, paths = []) {
  const edges = EDGES.map(() => new Set()), nodes = {};
  paths.forEach(({who, states}, n) => {
    const lane = n % 2 ? 'second' : 'first';
    let at = 'CLOSED';
    if (/server|accepted/i.test(who) && states[0] === 'ESTABLISHED') states = ['LISTEN', 'SYN_RECV', ...states];
    if (/server|accepted/i.test(who) && states[0] === 'SYN_RECV') states = ['LISTEN', ...states];
    (nodes.CLOSED ??= new Set()).add(lane);
    for (const state of states) {
      if (!STATES.includes(state) || state === seen(at)) continue;
      for (const i of way(at, state)) {
        edges[i].add(lane);
        (nodes[EDGES[i][1]] ??= new Set()).add(lane);
        at = EDGES[i][1];
      }
    }
  });
  const lit = paths.length ? ' lit' : '';
  const classes = set => set?.size > 1 ? ' on both' : set?.size ? ' on ' + [...set][0] : '';
  const lines = EDGES.map(([a, b, kind, words, points, [tx, ty, anchor]], i) => {
    const on = classes(edges[i]);
    return `<g class="edge ${kind}${on}"><path d="${rounded(points)}"/>${head(points)}${words ? `<text x="${tx}" y="${ty}" text-anchor="${anchor}">${escape(words)}</text>` : ''}</g>`;
  });
  const boxes = Object.entries(NODES).map(([name, [x, y]]) =>
    `<g class="node${classes(nodes[name])}"><rect x="${x - W / 2}" y="${y - H / 2}" width="${W}" height="${H}" rx="8"/><text x="${x}" y="${y + 4.5}" text-anchor="middle">${seen(name)}</text></g>`);
  return `<svg class="fig tcp${lit}" viewBox="20 -14 724 668" style="width:760px" role="img" aria-label="${escape(label)}">${lines.join('')}${boxes.join('')}</svg>`;
}

function rounded(points) {
  const R = 10;
  let d = `M${points[0]} ${points[1]}`;
  for (let i = 2; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    const [px, py] = [points[i - 2], points[i - 1]];
    const dx = Math.sign(x - px), dy = Math.sign(y - py);
    if (i + 2 < points.length) {
      const ex = Math.sign(points[i + 2] - x), ey = Math.sign(points[i + 3] - y);
      const r = Math.min(R, Math.abs(x - px + y - py) / 2, Math.abs(points[i + 2] - x + points[i + 3] - y) / 2);
      d += `L${x - dx * r} ${y - dy * r}Q${x} ${y} ${x + ex * r} ${y + ey * r}`;
    } else d += `L${x - dx * 7} ${y - dy * 7}`;
  }
  return d;
}

function head(points) {
  const [x, y] = points.slice(-2), [px, py] = points.slice(-4, -2);
  const dx = Math.sign(x - px), dy = Math.sign(y - py);
  return `<path class="head" d="M${x} ${y}L${x - dx * 10 - dy * 4.2} ${y - dy * 10 - dx * 4.2}L${x - dx * 10 + dy * 4.2} ${y - dy * 10 + dx * 4.2}z"/>`;
}

// A timeline as `watch --record` writes it, "seconds this-end other-end before now" a line: each end's
// way, [{who, states, times}]. The end with the port of a listener is the server.
export function timeline(text) {
  const ends = new Map(), listening = new Set();
  for (const line of text.split('\n')) {
    const [time, local, peer, , state] = line.split(/\s+/);
    if (line.startsWith('#') || !STATES.includes(state)) continue;
    if (peer === '0.0.0.0:0') { listening.add(local); continue; }
    const key = `${local} ${peer}`;
    if (!ends.has(key)) ends.set(key, {who: local, states: [], times: []});
    ends.get(key).states.push(state);
    ends.get(key).times.push(Number(time));
  }
  const isServer = address => listening.has(address) || [...listening].some(l => l.startsWith('0.0.0.0:') && l.split(':')[1] === address.split(':')[1]);
  return [...ends.values()].map(end => ({...end, who: `${isServer(end.who) ? 'server' : 'client'} ${end.who}`}))
    .sort((a, b) => a.who.startsWith('server') - b.who.startsWith('server'));
}

// What an observation's script expects to see, in order: "lines client=ESTABLISHED server=LISTEN".
export function expected(script) {
  const ends = new Map();
  for (const [, words] of script.matchAll(/^\s*lines((?: +[A-Za-z0-9_]+=[A-Z_0-9]+)+)/gm))
    for (const pair of words.trim().split(/ +/)) {
      const [who, state] = pair.split('=');
      if (!STATES.includes(state)) continue;
      if (!ends.has(who)) ends.set(who, {who, states: []});
      if (ends.get(who).states.at(-1) !== state) ends.get(who).states.push(state);
    }
  return [...ends.values()];
}
