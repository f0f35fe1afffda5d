// steps.mjs - a page for each step of stage 7, between the pages of stage 6 and stage 7.
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync, readdirSync, statSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {annotated, coloured, wholeFiles} from './diff.mjs';
import {escape} from './html.mjs';
import {inline, render, unique} from './prose.mjs';

const STEP = fileURLToPath(new URL('../steps/step', import.meta.url));
const ask = (...words) => execFileSync(STEP, words, {encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit']});

// What there is: number, register, counts, title. One of them is all that has no step yet.
export function steps() {
  if (!existsSync('stages/07-full-server/steps')) return [];
  return ask('figures').trim().split('\n').map(line => {
    const [number, register, brought, told, whole, changed, fences, notes, title] = line.split('\t');
    return {number, register, title, brought: +brought, told: +told, whole: +whole, changed: +changed, notes: +notes, page: `step-${number.replace('.', '-')}.html`};
  });
}

// The rooms of the house, and those that this step works in lit.
function map(diff) {
  const lit = new Set(diff.files.map(f => f.name.includes('/') ? f.name.split('/')[0] : ''));
  const rooms = readdirSync('stages/07-full-server/src').filter(n => statSync(`stages/07-full-server/src/${n}`).isDirectory()).sort();
  return `<p class="rooms" aria-label="Where it happens">${rooms.map(r => lit.has(r) ? `<b>${escape(r)}/</b>` : `<span>${escape(r)}/</span>`).join(' ')}${lit.has('') ? ' <b>the top folder</b>' : ''}</p>`;
}

export const stepDiff = step => coloured(ask('json', step.number), false);

export function stepPage(book, step, before) {
  const env = {book, from: 'stages/07-full-server/DIFF.md', headings: [], ids: new Set(['main'])};
  const kicker = `<p class="kicker"><a href="stage-7.html">Stage 7</a> in steps</p>`;
  if (step.register === 'rest') {
    const notes = readFileSync(`stages/07-full-server/steps/${readdirSync('stages/07-full-server/steps').find(n => n.startsWith(`${step.number.slice(2).padStart(2, '0')}-`) && n.endsWith('.md'))}`, 'utf8');
    const prose = notes.replace(/^# .*$/m, '').replace(/<!--.*?-->/g, '').replace(/^```[\s\S]*?^```$/gm, '').trim();
    return {file: step.page, name: `${step.number} The rest`, title: 'The rest of the house', stage: 6.5,
      body: `<header class="chapter">${kicker}<h1>${inline(step.title, env)}</h1><p class="meta"><span>${step.brought} lines, not told yet</span></p></header>\n<div class="prose story">${render(prose, env)}</div>`};
  }
  const diff = stepDiff(step);
  const from = before ? before.number : '6', [opening, ...rest] = diff.blocks[0]?.kind === 'prose' ? diff.blocks : [{prose: ''}, ...diff.blocks];
  const inner = annotated({...diff, blocks: rest, steps: true}, env);
  const toc = env.headings.length < 3 ? '' : `<nav class="toc" aria-label="On this page"><ol>${env.headings.map(h => `<li class="h2"><a href="#${h.id}">${h.html}</a></li>`).join('')}</ol></nav>`;
  const body = `<header class="chapter">${kicker}<h1>${step.number} ${inline(step.title, env)}</h1>
<p class="meta"><span>run it: <code>make stage ${step.number}</code></span><span>in the terminal: <code>make diff ${step.number}</code></span><span>what it cannot do: <code>make flaw ${step.number}</code></span></p>${map(diff)}</header>
<div class="lead"><div class="prose story">${render(opening.prose, env)}</div>${toc}</div>
<p class="meta"><code>${from}</code> → <code>${step.number}</code><span class="plus">+${diff.added}</span><span class="minus">−${diff.removed}</span><span>${step.brought} lines in files that come whole, ${step.changed} in files that change</span></p>
<div class="changes">
${inner}</div>
<h3 id="${unique(env, 'files')}">The files of this step, whole</h3>
${wholeFiles(diff)}\n`;
  return {file: step.page, name: `${step.number} ${step.title}`, title: `${step.number} ${step.title}`, body, stage: 6.5, notes: diff.notes.length};
}
