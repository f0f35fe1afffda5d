// plots.mjs - lines and bars as SVG. The colours are classes of book.css, for the day and for the
// night; each line carries its name at its end, so that no legend has to be read.
import {escape} from './html.mjs';

const W = 760, LEFT = 58, RIGHT = 168, TOP = 14, CHAR = 7;

const at = (x, y, text, anchor = 'start', cls = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${cls ? ` class="${cls}"` : ''}>${escape(text)}</text>`;

export const short = number => { const x = Number(number); return x >= 1e6 ? `${(x / 1e6).toFixed(1)}M` : x >= 1000 ? Math.round(x).toString().replace(/\B(?=(\d{3})+$)/g, ',')
  : x >= 100 ? x.toFixed(0) : x >= 10 ? String(+x.toFixed(1)) : String(+x.toFixed(2)); };

// 1, 2, 5, 10, 20 ... or steps of one size, so that some four to seven fit.
function ticks(low, high, log) {
  if (log) {
    const all = [];
    for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++) for (const m of [1, 2, 5]) all.push(m * 10 ** p);
    const within = all.filter(t => t >= low * .999 && t <= high * 1.001);
    return within.length > 8 ? within.filter(t => /^[10.]+$/.test(String(t))) : within;
  }
  const rough = high / 5, p = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].find(m => m * p >= rough) * p;
  return Array.from({length: Math.floor(high / step) + 1}, (_, i) => i * step);
}

// series: {name, cls, values: a number or null for each of xs, end: a remark after its last one}
export function lines({label, xs, xTitle, yTitle, series, log = false}) {
  const H = 360, bottom = H - 52, shown = series.filter(s => s.values.some(v => v != null));
  const values = shown.flatMap(s => s.values.filter(v => v != null));
  const low = log ? Math.min(...values) / 1.25 : 0, high = Math.max(...values) * (log ? 1.25 : 1.06);
  const scale = log ? Math.log10 : v => v, from = scale(log ? low : 0), to = scale(high);
  const x = i => LEFT + 14 + i * (W - LEFT - RIGHT - 14) / (xs.length - 1);
  const y = v => bottom - (scale(v) - from) / (to - from) * (bottom - TOP - 22);

  const grid = ticks(low, high, log).map(t => `<path class="grid" d="M${LEFT} ${y(t).toFixed(1)}H${W - RIGHT}"/>${at(LEFT - 8, y(t) + 4, short(t), 'end', 'tick')}`);
  const names = xs.map((text, i) => at(x(i), bottom + 20, text, 'middle', 'tick'));
  const ends = [], drawn = shown.map(s => {
    const points = s.values.map((v, i) => v == null ? null : [x(i), y(v)]).filter(Boolean), last = points.at(-1);
    const stops = s.values.at(-1) == null;
    ends.push({x: last[0], y: last[1], cls: s.cls, text: s.name + (stops && s.end ? ` ${s.end}` : ''), stops});
    return `<g class="${s.cls}"><path class="line" d="M${points.map(p => p.map(n => n.toFixed(1)).join(' ')).join('L')}"/>` +
      points.map(p => `<circle cx="${p[0].toFixed(1)}" cy="${p[1].toFixed(1)}" r="3"/>`).join('') +
      (stops ? `<path class="stop" d="M${last[0] - 6} ${last[1] - 6}l12 12m0 -12l-12 12"/>` : '') + '</g>';
  });
  // names at the right edge keep a line's height from each other, and those in the middle stand above
  const right = ends.filter(e => !e.stops).sort((a, b) => a.y - b.y);
  right.forEach((e, i) => { e.at = Math.max(e.y, i ? right[i - 1].at + 16 : TOP + 8); });
  let floor = bottom + 4;
  for (const e of [...right].reverse()) { e.at = Math.min(e.at, floor); floor = e.at - 16; }
  const taken = [];
  for (const e of ends.filter(e => e.stops)) {
    e.at = e.y - 12;
    while (taken.some(t => Math.abs(t - e.at) < 16)) e.at -= 16;
    taken.push(e.at);
  }
  const labels = ends.map(e => e.stops
    ? `<g class="${e.cls}">${at(Math.max(e.x, LEFT + 4), e.at, e.text, 'start', 'name')}</g>`
    : `<g class="${e.cls}"><path class="lead" d="M${(e.x + 5).toFixed(1)} ${e.y.toFixed(1)}L${(e.x + 14).toFixed(1)} ${e.at.toFixed(1)}"/>${at(e.x + 18, e.at + 4, e.text, 'start', 'name')}</g>`);
  return svg(label, H, [at(4, TOP, yTitle, 'start', 'title'), ...grid, `<path class="axis" d="M${LEFT} ${bottom}H${W - RIGHT}"/>`, ...names,
    at((LEFT + W - RIGHT) / 2, H - 8, xTitle, 'middle', 'title'), ...drawn, ...labels]);
}

// groups: {name, bars: [{name, cls, value, note}]}; a bar without a value says why in its note
export function bars({label, groups, unit = ''}) {
  const parts = [], names = groups.flatMap(g => g.bars.map(b => b.name));
  const left = Math.max(...names.map(n => n.length)) * CHAR + 22, width = W - left - RIGHT;
  let y = TOP;
  for (const group of groups) {
    const most = Math.max(...group.bars.map(b => b.value ?? 0));
    if (group.name) { parts.push(at(4, y + 6, group.name, 'start', 'title')); y += 20; }
    for (const b of group.bars) {
      const length = b.value == null ? 0 : Math.max(2, b.value / most * width);
      parts.push(at(left - 8, y + 9, b.name, 'end', 'name'),
        `<g class="${b.cls}"><rect class="bar" x="${left}" y="${y - 3}" width="${length.toFixed(1)}" height="15" rx="2"/></g>`,
        at(left + length + 7, y + 9, b.value == null ? b.note ?? '–' : short(b.value) + unit + (b.note ? `  ${b.note}` : ''), 'start', 'tick'));
      y += 21;
    }
    y += 14;
  }
  return svg(label, y, parts);
}

const svg = (label, height, parts) =>
  `<svg class="fig plot" viewBox="0 0 ${W} ${height}" width="${W}" height="${height}" role="img" aria-label="${escape(label)}" xmlns="http://www.w3.org/2000/svg"><title>${escape(label)}</title>${parts.join('')}</svg>`;
