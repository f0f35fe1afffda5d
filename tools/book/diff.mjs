// diff.mjs - the annotated changes of one stage. Which line belongs to which note, and which
// words of it changed, is decided by tools/diff/annotate alone; here they are set side by side.
import {execFileSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {language, paint, tokenize} from './code.mjs';
import {escape, slug} from './html.mjs';
import {inline, render, unique} from './prose.mjs';

const CONTEXT = 3;
const ANNOTATE = fileURLToPath(new URL('../diff/annotate', import.meta.url));

// old and new are folders (old may be /dev/null), notes a file or '-'.
export function changes(old, folder, notes) {
  const json = execFileSync(ANNOTATE, ['json', old, folder, notes], {encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore']});
  return coloured(json, old === '/dev/null');
}

// What annotate and step say in JSON, with the code in colours.
export function coloured(json, whole) {
  const diff = JSON.parse(json);
  diff.whole = whole;
  for (const file of diff.files) {
    file.lines = file.lines.map(([sign, before, after, note, name, pieces]) => ({sign, before, after, note, name, pieces}));
    const side = without => file.lines.filter(l => l.sign !== without).map(l => l.pieces.join('')).join('\n');
    const colours = {'-': tokenize(side('+'), language(file.name)), '+': tokenize(side('-'), language(file.name))};
    for (const line of file.lines)
      line.html = paint(line.sign === '-' ? colours['-'][line.before - 1] : colours['+'][line.after - 1], line.pieces);
  }
  diff.added = diff.files.reduce((sum, f) => sum + f.added, 0);
  diff.removed = diff.files.reduce((sum, f) => sum + f.removed, 0);
  return diff;
}

const KIND = {'+': 'a', '-': 'd', ' ': 'x'};
const row = ({sign, before, after, html}) => `<span class="l ${KIND[sign]}" data-n="${sign === '-' ? before : after}"${sign === ' ' && before !== after ? ` data-o="${before}"` : ''}>${html}\n</span>`;
const blank = line => line.pieces.join('').trim() === '';

// The lines from..to of a file as a figure. A long quiet stretch between changes is folded.
function figure(file, from, to, {caption, whole = false, fold = true}) {
  const shown = file.lines.slice(from, to + 1);
  const signs = new Set(shown.map(l => l.sign));
  const kind = whole ? ' whole' : !signs.has('-') ? ' only-after' : !signs.has('+') ? ' only-before' : '';
  let code = '';
  for (let i = from; i <= to;) {
    let next = i;
    while (next <= to && file.lines[next].sign === ' ') next++;
    if (fold && next - i > 2 * CONTEXT + 1 && i > from && next <= to) {
      code += file.lines.slice(i, i + CONTEXT).map(row).join('');
      code += `</code></pre><details class="fold"><summary>${next - i - 2 * CONTEXT} unchanged lines</summary><pre tabindex="0"><code>`;
      code += file.lines.slice(i + CONTEXT, next - CONTEXT).map(row).join('');
      code += '</code></pre></details><pre tabindex="0"><code>';
      i = next - CONTEXT;
    }
    do code += row(file.lines[i++]); while (i < next);
  }
  return `<figure class="diff${kind}"><figcaption>${caption}</figcaption><pre tabindex="0"><code>${code}</code></pre></figure>`;
}

const caption = (file, name) => `<span class="file">${escape(file.name)}</span>${name ? `<span class="fn">${escape(name)}</span>` : ''}`;

// first..last with the unchanged lines around them, blank ones at the borders aside.
function around(file, first, last) {
  let from = first, to = last;
  while (from > 0 && first - from < CONTEXT && file.lines[from - 1].sign === ' ') from--;
  while (to + 1 < file.lines.length && to - last < CONTEXT && file.lines[to + 1].sign === ' ') to++;
  while (from < first && blank(file.lines[from])) from++;
  while (to > last && blank(file.lines[to])) to--;
  return [from, to];
}

function noteFigure(diff, number) {
  const note = diff.notes[number - 1];
  const file = diff.files.find(f => f.name === note.file);
  const own = [];
  file?.lines.forEach((line, i) => { if (line.note === number && !blank(line)) own.push(i); });
  if (!own.length) return '<p class="lost">The code of this note was not found; <code>make diffs-check</code> says why.</p>';
  const names = new Set(own.map(i => file.lines[i].name));
  const name = note.name || (names.size === 1 ? [...names][0] : '');
  const perma = `<a class="perma" href="#note-${number}" aria-label="Note ${number}">${number}</a>`;
  return figure(file, ...around(file, own[0], own.at(-1)), {caption: caption(file, name) + perma, whole: diff.whole});
}

// What no note explains, as stretches of lines.
function unexplained(diff) {
  const out = [];
  for (const file of diff.files) {
    const left = file.lines.flatMap((l, i) => l.sign !== ' ' && !l.note ? [i] : []);
    for (let k = 0; k < left.length;) {
      let e = k;
      while (e + 1 < left.length && left[e + 1] - left[e] <= 2 * CONTEXT + 1) e++;
      out.push(figure(file, ...around(file, left[k], left[e]), {caption: caption(file, file.lines[left[k]].name), whole: diff.whole}));
      k = e + 1;
    }
  }
  return out;
}

// What a note is about: changed lines, or files that come or end whole.
export function code(diff, block) {
  if (block.kind === 'note') return noteFigure(diff, block.note);
  const lines = name => diff.files.find(f => f.name === name)?.lines.length;
  return `<figure class="diff whole"><figcaption>${block.kind === 'new' ? 'files that come whole' : 'files that end'}</figcaption><ul class="files">${block.files.split(' ').map(f =>
    `<li><code>${escape(f)}</code>${lines(f) ? ` <small>${lines(f)} lines</small>` : ''}</li>`).join('')}</ul></figure>`;
}

// The blocks of the notes as HTML; env collects headings.
export function annotated(diff, env) {
  let html = '', beforeHeading = true, waiting = '';
  for (const [at, block] of diff.blocks.entries()) {
    const next = diff.blocks[at + 1];
    if (['note', 'new', 'old'].includes(block.kind) && !block.prose.trim() && ['note', 'new', 'old'].includes(next?.kind)) {
      const one = code(diff, block);		// fences that share the prose below the last of them
      waiting += block.note ? `<div id="note-${block.note}">${one}</div>` : one;
      continue;
    }
    if (block.kind === 'heading') {
      const text = inline(block.prose, env), id = unique(env, slug(text));
      env.headings?.push({level: 3, id, html: text});
      html += `<h3 id="${id}"><a href="#${id}">${text}</a></h3>\n`;
      beforeHeading = false;
    } else if (block.kind === 'prose')
      html += `<div class="prose${beforeHeading ? ' opening' : ''}">${render(block.prose, env)}</div>\n`;
    else
      html += `<section class="step" id="note-${block.note || `files-${at}`}">${waiting ? `<div class="several">${waiting}${code(diff, block)}</div>` : code(diff, block)}<aside class="note">${render(block.prose, env)}</aside></section>\n`;
    waiting = '';
  }
  const rest = diff.steps ? [] : unexplained(diff);		// of a step's files that come whole, the tour shows a part
  if (rest.length && diff.notes.length) html += `<h3 id="${unique(env, 'not-annotated-yet')}">Not annotated yet</h3>\n`;
  return html + rest.map(f => `<div class="bare">${f}</div>\n`).join('');
}

// Each changed file from its first line to its last, folded away.
export function wholeFiles(diff) {
  return diff.files.map(file => `<details class="whole-file"><summary><span class="file">${escape(file.name)}</span> <span class="plus">+${file.added}</span> <span class="minus">−${file.removed}</span></summary>${
    figure(file, 0, file.lines.length - 1, {caption: caption(file, ''), fold: false})}</details>`).join('\n');
}
