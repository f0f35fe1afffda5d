// plot.mjs - measurements as drawings: lines over a number of clients, or bars.
//
// A file of build/bench/: "# what it is", "# where and how", then
// case,server,measure,median,low,high,runs,note with a row for each value.
import {escape} from './html.mjs';

export function parse(text, unit = '') {
  const lines = text.trim().split('\n');
  const remarks = lines.filter(l => l.startsWith('#')).map(l => l.replace(/^#\s*/, ''));
  const [head, ...rows] = lines.filter(l => !l.startsWith('#')).map(l => l.split(','));
  const values = rows.map(r => Object.fromEntries(head.map((name, i) => [name, r[i]])))
    .map(v => ({...v, median: Number(v.median), low: Number(v.low), high: Number(v.high)}));
  const all = name => [...new Set(values.map(v => v[name]))];
  return {unit, title: remarks[0] ?? '', how: remarks.slice(1).join(' '), values, cases: all('case'), servers: all('server'), measures: all('measure')};
}

// What a measure is called, and how its figures are written.
const MEASURES = {
  rps: ['requests a second', count], cpu_us: ['CPU time for a request', time], p50_us: ['half wait less than', time],
  p99_us: ['99 of 100 wait less than', time], longest_us: ['the longest wait', time], bytes: ['bytes', count],
  requests_per_call: ['requests for a system call', count],
};
export const named = measure => MEASURES[measure]?.[0] ?? measure.replace(/_/g, ' ');
export const written = (measure, value) => (MEASURES[measure]?.[1] ?? count)(value);

function count(v) {
  return v >= 10000 ? `${Math.round(v / 1000).toLocaleString('en')},000`.replace(/,000$/, 'k') : v >= 100 ? Math.round(v).toLocaleString('en') : String(Number(v.toPrecision(2)));
}
function time(us) {
  return us >= 1e6 ? `${(us / 1e6).toPrecision(2)} s` : us >= 1000 ? `${Number((us / 1000).toPrecision(2))} ms` : `${Number(us.toPrecision(2))} µs`;
}

const label = server => /^\d+$/.test(server) ? `stage ${server}` : server;
const kind = (server, servers) => server === servers.filter(s => /^\d+$/.test(s)).at(-1) ? 'top' : /^\d+$/.test(server) ? 'stage' : 'peer';

// Lines when there are three numbers of clients or more, bars otherwise.
export function plot(data, measure) {
  const values = data.values.filter(v => v.measure === measure && v.median > 0);
  const numeric = data.cases.every(c => /^\d+$/.test(c)) && new Set(values.map(v => v.case)).size >= 3;
  return numeric ? linePlot(data, measure, values) : barPlot(data, measure, values);
}

function barPlot(data, measure, values) {
  const most = Math.max(...values.map(v => v.median)), least = Math.min(...values.map(v => v.median));
  const log = most / least > 60;
  const LEFT = 118, WIDTH = 430, ROW = 24;
  const length = v => log ? (Math.log10(v / least) + .3) / (Math.log10(most / least) + .3) * WIDTH : v / most * WIDTH;
  let y = 6, out = '';
  for (const c of data.cases) {
    const rows = values.filter(v => v.case === c);
    if (!rows.length) continue;
    if (data.cases.length > 1) { out += `<text class="case" x="0" y="${y + 13}">${escape(/^\d+$/.test(c) ? `${Number(c).toLocaleString('en')} ${data.unit}` : c)}</text>`; y += 24; }
    for (const v of rows) {
      out += `<text class="server" x="${LEFT - 10}" y="${y + 14}" text-anchor="end">${escape(label(v.server))}</text>` +
        `<rect class="bar ${kind(v.server, data.servers)}" x="${LEFT}" y="${y + 2}" width="${Math.max(length(v.median), 1.5).toFixed(1)}" height="${ROW - 8}" rx="2"/>` +
        `<text class="value" x="${(LEFT + length(v.median) + 8).toFixed(1)}" y="${y + 14}">${escape(written(measure, v.median))}</text>`;
      y += ROW;
    }
    y += 10;
  }
  return svg(LEFT + WIDTH + 80, y, `${data.title}: ${named(measure)}`, out, log ? `${named(measure)}, on a logarithmic scale` : named(measure));
}

function linePlot(data, measure, values) {
  const W = 640, H = 330, left = 70, right = 96, top = 14, bottom = 54;
  const xs = [...new Set(values.map(v => Number(v.case)))].sort((a, b) => a - b);
  const most = Math.max(...values.map(v => v.median)), least = Math.min(...values.map(v => v.median));
  const log = most / least > 30, lx = v => Math.log10(v + (xs[0] === 0 ? 10 : 0));
  const X = v => left + (lx(v) - lx(xs[0])) / (lx(xs.at(-1)) - lx(xs[0])) * (W - left - right);
  const part = v => log ? Math.log10(v / least) / Math.log10(most / least) : v / most;
  const Y = v => H - bottom - part(v) * (H - top - bottom);
  const ticks = log ? Array.from({length: Math.ceil(Math.log10(most / least)) + 1}, (_, i) => 10 ** (Math.ceil(Math.log10(least)) + i)).filter(t => t <= most * 1.01)
    : Array.from({length: 12}, (_, i) => i * round(most / 4)).filter(t => t <= most * 1.01);
  let out = ticks.map(t => `<path class="grid" d="M${left} ${Y(t || least * 1e-9)}H${W - right}"/><text class="tick" x="${left - 8}" y="${(t ? Y(t) : H - bottom) + 4}" text-anchor="end">${t ? escape(written(measure, t)) : 0}</text>`).join('').replaceAll('NaN', String(H - bottom));
  out += xs.map(x => `<text class="tick" x="${X(x)}" y="${H - bottom + 20}" text-anchor="middle">${x.toLocaleString('en')}</text>`).join('');
  out += `<text class="tick" x="${(left + W - right) / 2}" y="${H - 6}" text-anchor="middle">${escape(data.unit)}</text>`;
  const lines = data.servers.map(server => ({server, points: xs.map(x => values.find(v => v.server === server && Number(v.case) === x)).filter(Boolean)})).filter(l => l.points.length);
  const ends = lines.map(l => ({...l, y: Y(l.points.at(-1).median)})).sort((a, b) => a.y - b.y);
  ends.forEach((e, i) => { if (i && e.y - ends[i - 1].y < 15) e.y = ends[i - 1].y + 15; });
  for (const {server, points, y} of ends) {
    const k = kind(server, data.servers), at = points.map(p => `${X(Number(p.case)).toFixed(1)} ${Y(p.median).toFixed(1)}`);
    out += `<path class="line ${k}" d="M${at.join('L')}"/>` + points.map(p => `<circle class="dot ${k}" cx="${X(Number(p.case)).toFixed(1)}" cy="${Y(p.median).toFixed(1)}" r="3"><title>${escape(`${label(server)}, ${p.case}: ${written(measure, p.median)}`)}</title></circle>`).join('') +
      `<text class="end ${k}" x="${(X(Number(points.at(-1).case)) + 9).toFixed(1)}" y="${(y + 4).toFixed(1)}">${escape(label(server))}</text>`;
  }
  return svg(W, H, `${data.title}: ${named(measure)}`, out, named(measure) + (log ? ', on a logarithmic scale' : ''));
}

// The round figure at or below v: 1, 2 or 5 and zeros.
function round(v) {
  const zeros = 10 ** Math.floor(Math.log10(v));
  return zeros * (v / zeros >= 5 ? 5 : v / zeros >= 2 ? 2 : 1);
}

const svg = (width, height, text, body, axis) => `<p class="axis">${escape(axis)}</p><div class="scroll" tabindex="0"><svg class="fig plot" viewBox="0 0 ${width} ${Math.round(height)}" style="width:${width}px" role="img" aria-label="${escape(text)}">${body}</svg></div>`;

// Every figure, for those who want them exactly.
export function table(data) {
  const head = `<tr><th scope="col">case</th><th scope="col">server</th>${data.measures.map(m => `<th scope="col">${escape(named(m))}</th>`).join('')}</tr>`;
  const rows = data.cases.flatMap(c => data.servers.map(s => {
    const cells = data.measures.map(m => data.values.find(v => v.case === c && v.server === s && v.measure === m));
    return cells.some(Boolean) ? `<tr><td>${escape(c)}</td><td>${escape(label(s))}</td>${cells.map((v, i) => `<td>${v ? escape(Number.isNaN(v.median) ? v.note ?? '' : written(data.measures[i], v.median)) : ''}</td>`).join('')}</tr>` : '';
  }));
  return `<details><summary>all figures</summary><div class="table" tabindex="0"><table class="figures"><thead>${head}</thead><tbody>${rows.join('')}</tbody></table></div></details>`;
}
