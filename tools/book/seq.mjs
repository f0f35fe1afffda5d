// seq.mjs - sequence drawings from small text files: which part calls which, when, and which one waits.
//
//	lanes Anna, kernel, server.c	who takes part, left to right
//	Anna -> kernel connect		a call or a packet
//	kernel --> Anna 200 OK		an answer
//	Anna waits for an answer	from here on it waits, drawn as a bar ...
//	Anna goes			... until here
//	Anna: still silent		a remark beside it
//	--- later			a band across
import {escape} from './html.mjs';

const ROW = 38, TOP = 58;

// About how many pixels the words of an arrow need: capitals are twice as wide as an "i".
const wide = text => [...text].reduce((sum, c) => sum + (/[ijlft.,:;'()/]/.test(c) ? 4.3 : c === ' ' ? 3.8 : /[mwMW]/.test(c) ? 10.5 : /[A-Z]/.test(c) ? 9 : 7.4), 0);

export function parse(text) {
  const lines = text.split('\n').map(l => l.trim()).filter(l => l && !l.startsWith('#'));
  const lanes = lines.shift().replace(/^lanes\s+/, '').split(/\s*,\s*/);
  const by = lanes.map(l => l.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).sort((a, b) => b.length - a.length).join('|');
  const steps = lines.map(line => {
    let m;
    if (m = line.match(/^---\s*(.*)$/)) return {kind: 'band', text: m[1]};
    if (m = line.match(new RegExp(`^(${by})\\s+(-->|->)\\s+(${by})(?:\\s+(.*))?$`)))
      return {kind: m[2] === '->' ? 'call' : 'answer', from: lanes.indexOf(m[1]), to: lanes.indexOf(m[3]), text: m[4] ?? ''};
    if (m = line.match(new RegExp(`^(${by})\\s+waits\\s*(.*)$`))) return {kind: 'waits', at: lanes.indexOf(m[1]), text: m[2]};
    if (m = line.match(new RegExp(`^(${by})\\s+goes$`))) return {kind: 'goes', at: lanes.indexOf(m[1])};
    if (m = line.match(new RegExp(`^(${by}):\\s*(.*)$`))) return {kind: 'remark', at: lanes.indexOf(m[1]), text: m[2]};
    throw new Error(`a line of a sequence drawing makes no sense: ${line}`);
  });
  return {lanes, steps};
}

export function draw(text, label) {
  const {lanes, steps} = parse(text);
  const gap = Array(lanes.length - 1).fill(104);
  for (const s of steps.filter(s => s.from !== undefined)) {
    const [i, j] = [Math.min(s.from, s.to), Math.max(s.from, s.to)];
    const lacks = wide(s.text) + 30 - gap.slice(i, j).reduce((a, b) => a + b, 0);
    const fits = wide(s.text) + 18;
    // words beside a bar and not on it: between two lanes there has to be room for all of them
    if (j - i > 1 && !gap.slice(i, j).some(g => g >= fits)) gap[i] = fits;
    else if (lacks > 0) for (let k = i; k < j; k++) gap[k] += lacks / (j - i);
  }
  const x = [Math.max(52, lanes[0].length * 4 + 12)];
  for (const g of gap) x.push(x.at(-1) + g);
  const right = steps.filter(s => s.at !== undefined && s.text).map(s => x[s.at] + 20 + s.text.length * 6);
  const width = Math.max(x.at(-1) + Math.max(52, lanes.at(-1).length * 4 + 12), ...right);

  // An arrow's words stand between two lanes, the kernel's side first, if they fit there.
  const place = ({from, to, text}) => {
    const [i, j] = [Math.min(from, to), Math.max(from, to)];
    for (let k = i; k < j; k++)
      if (gap[k] >= wide(text) + 16 && j - i > 1) return (x[k] + x[k + 1]) / 2;
    return (x[i] + x[j]) / 2;
  };

  const bars = [], marks = [], waiting = {};
  let y = TOP, last = TOP - 12;		// where the next row goes, where the last arrow was
  const end = at => {
    if (!waiting[at]) return;
    bars.push(`<rect class="wait" x="${x[at] - 4.5}" y="${waiting[at]}" width="9" height="${last - waiting[at]}" rx="4.5"/>`);
    delete waiting[at];
  };
  for (const s of steps) {
    if (s.kind === 'call' || s.kind === 'answer') {
      const way = Math.sign(x[s.to] - x[s.from]);
      marks.push(`<path class="${s.kind}" d="M${x[s.from] + way * 6} ${y}H${x[s.to] - way * 9}"/>` +
        `<path class="head" d="M${x[s.to] - way * 5} ${y}l${-way * 9} -4v8z"/>` +
        words(place(s), y - 7, 'middle', s.text, 'lbl'));
      last = y;
      y += ROW;
    } else if (s.kind === 'waits') {
      waiting[s.at] = last;
      if (s.text) {
        marks.push(words(x[s.at] + 12, y - 6, 'start', s.text, 'waits'));
        y += ROW - 10;
      }
    } else if (s.kind === 'goes') end(s.at);
    else if (s.kind === 'remark') {
      marks.push(words(x[s.at] + 12, y - 6, 'start', s.text, 'remark'));
      y += ROW - 12;
    } else {
      y += 2;
      marks.push(`<path class="band" d="M8 ${y}H${width - 8}"/>` + words((x[0] + x[1]) / 2, y + 4, 'middle', s.text, 'bandtext'));
      last = y;
      y += ROW;
    }
  }
  last = y - 8;
  for (const at of Object.keys(waiting)) end(at);
  const heads = lanes.map((name, i) => `<path class="lane" d="M${x[i]} 34V${y}"/><text class="lanehead" x="${x[i]}" y="22" text-anchor="middle">${escape(name)}</text>`);
  return `<svg class="fig seq" viewBox="0 0 ${Math.round(width)} ${Math.round(y + 6)}" style="width:${Math.round(width)}px" role="img" aria-label="${escape(label)}">${heads.join('')}${bars.join('')}${marks.join('')}</svg>`;
}

const words = (x, y, anchor, text, cls) => text ? `<text class="${cls}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escape(text)}</text>` : '';

// The same as a list, for those who cannot see it.
export function tell(text) {
  const {lanes, steps} = parse(text);
  return steps.map(s => s.kind === 'band' ? `<li><em>${escape(s.text)}</em></li>`
    : s.from !== undefined ? `<li>${escape(lanes[s.from])} → ${escape(lanes[s.to])}: ${escape(s.text)}</li>`
    : s.kind === 'goes' ? `<li>${escape(lanes[s.at])} goes on</li>`
    : `<li>${escape(lanes[s.at])}${s.kind === 'waits' ? ' waits ' : ': '}${escape(s.text)}</li>`).join('');
}
