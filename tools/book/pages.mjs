// pages.mjs - the pages of the book, each from the files that it is about.
import {existsSync, readFileSync} from 'node:fs';
import {escape} from './html.mjs';
import {annotated, changes, wholeFiles} from './diff.mjs';
import {consoleBlock, inline, render, titled, unique} from './prose.mjs';
import * as seq from './seq.mjs';
import * as tcp from './tcp.mjs';

const read = path => existsSync(path) ? readFileSync(path, 'utf8') : null;
const shell = text => consoleBlock(text.replace(/^/gm, '$ '));

const contents = headings => headings.length < 3 ? '' :
  `<nav class="toc" aria-label="On this page"><ol>${headings.map(h => `<li class="h${h.level}"><a href="#${h.id}">${h.html}</a></li>`).join('')}</ol></nav>`;

// ------------------------------------------------------------------ a stage

export function stagePage(book, stage) {
  const env = {book, from: `${stage.folder}/README.md`, headings: [], ids: new Set(['main'])};
  const story = titled(book.read(`${stage.folder}/README.md`) ?? '');
  const notes = existsSync(`${stage.folder}/DIFF.md`) ? book.path(`${stage.folder}/DIFF.md`) : '-';
  const before = book.stages[book.stages.indexOf(stage) - 1];
  const told = stage.number < 7;		// the last stage is told in steps of its own
  const diff = told ? changes(before ? before.folder : '/dev/null', stage.folder, notes) : null;
  const title = named(story.title.replace(/^Stage \d+[:.,]?\s*/i, '')) || capital(stage.idea);

  let body = `<header class="chapter"><p class="kicker">Stage ${stage.number}</p>
<h1>${inline(title, env)}</h1>
<p class="meta"><span>run it: <code>make stage ${stage.number}</code></span>${told ? `<span>in the terminal: <code>make diff ${stage.number}</code></span>` : ''}${stage.flaw && stage.number < 7 ? `<span>break it: <code>make flaw ${stage.number}</code></span>` : ''}</p></header>\n`;

  // what breaks is told after the changes have been read
  const [told1, broken = ''] = told && story.rest.includes('\n## Break it\n') ? story.rest.split(/(?=^## Break it$)/m) : [story.rest];
  const storyHtml = told1.trim() ? render(told1, env) : `<p>${escape(capital(stage.idea))}.</p>${stage.flaw ? `<p>What it still cannot do: ${escape(stage.flaw)}.</p>` : ''}`;
  const art = sequence(stage);
  if (art) env.headings.push({level: 2, id: unique(env, 'who-waits-for-whom'), html: 'Who waits for whom'});
  const artHtml = art && `<h2 id="who-waits-for-whom"><a href="#who-waits-for-whom">Who waits for whom</a></h2>\n${art}\n`;

  let diffHtml = '', challenges = '';
  if (told) {
    const heading = diff.title ? inline(diff.title, env) : before ? `From stage ${before.number} to stage ${stage.number}` : 'The code, read as a whole';
    const id = unique(env, 'changes');
    env.headings.push({level: 2, id, html: heading});
    env.from = `${stage.folder}/DIFF.md`;
    const at = diff.blocks.findIndex(b => b.kind === 'heading' && b.prose.trim() === 'Challenges');
    const last = at < 0 ? [] : diff.blocks.splice(at);
    const inner = annotated(diff, env);
    challenges = last.filter(b => b.kind === 'prose').map(b => b.prose).join('\n\n');
    diffHtml = `<h2 id="${id}" class="part"><a href="#${id}">${heading}</a></h2>
<p class="meta">${before ? `<code>${before.name}</code> → <code>${stage.name}</code>` : `<code>${stage.name}</code>`}<span class="plus">+${diff.added}</span>${before ? `<span class="minus">−${diff.removed}</span>` : ''}<span>${diff.files.length} file${diff.files.length > 1 ? 's' : ''}</span>${diff.notes.length ? `<span>${diff.notes.length} notes</span>` : ''}</p>
${before ? VIEW : ''}<div class="changes">
${inner}</div>
${before ? `<h3 id="${unique(env, 'files')}">The changed files, whole</h3>\n${wholeFiles(diff)}\n` : ''}`;
  }

  const from = (file, text, title) => {
    if (!text.trim()) return '';
    env.from = `${stage.folder}/${file}`;
    const id = title && unique(env, title.toLowerCase());
    if (title) env.headings.push({level: 2, id, html: title});
    return `${title ? `<h2 id="${id}"><a href="#${id}">${title}</a></h2>\n` : ''}<div class="prose story">${render(text, env)}</div>\n`;
  };
  const breakHtml = from('README.md', broken);
  const tries = read(`${stage.folder}/TRY`);
  const tryHtml = tries ? `<h2 id="${unique(env, 'try')}"><a href="#try">Try it</a></h2>\n<p class="prose">Start it with <code>make stage ${stage.number}</code>; then, in another terminal:</p>\n${shell(tries.trim())}\n` : '';
  if (tries) env.headings.push({level: 2, id: 'try', html: 'Try it'});

  const challengesHtml = from('DIFF.md', challenges, 'Challenges');
  body += `<div class="lead"><div class="prose story">${storyHtml}</div>${contents(env.headings.filter(h => h.level <= 3))}</div>\n${artHtml || ''}${diffHtml}${breakHtml}${tryHtml}${challengesHtml}`;
  return {file: stage.page, stage: stage.number, name: `${stage.number} ${stage.short}`, title: `Stage ${stage.number}: ${title}`, body, notes: diff?.notes.length ?? 0, problems: diff ? diff.notes.length === 0 : false};
}

export const capital = text => text[0].toUpperCase() + text.slice(1);
const named = text => /^(|(select|poll|epoll)\b.*)$/.test(text) ? text : capital(text);		// a call keeps its small letter

// Before, changes, after: without a script, for a radio button knows its state.
const VIEW = `<fieldset class="view"><legend>Show the code</legend><label><input type="radio" name="view" id="view-before">Before</label><label><input type="radio" name="view" id="view-changes" checked>Changes</label><label><input type="radio" name="view" id="view-after">After</label></fieldset>\n`;

export function sequence(stage) {
  const text = read(`tools/book/figures/${String(stage.number).padStart(2, '0')}.seq`);
  return text && drawing(text, `Stage ${stage.number}, who calls whom and when. Time runs downwards; a bar shows that a client or a program can only wait.`);
}

export function drawing(text, caption) {
  return `<figure class="art" role="group" aria-label="${escape(caption)}"><div class="scroll" tabindex="0">${seq.draw(text, caption)}</div><figcaption>${escape(caption)}<details><summary>as a list</summary><ol>${seq.tell(text)}</ol></details></figcaption></figure>`;
}

// -------------------------------------------------------------------- home

export function homePage(book) {
  const rungs = book.stages.map(s => `<li><a href="${s.page}"><b>${s.number}</b><span class="rung"><strong>${escape(s.short)}</strong><span class="idea">${escape(s.idea)}</span>${s.flaw ? `<span class="flaw">${escape(s.flaw)}</span>` : ''}</span></a></li>`);
  const body = `<header class="chapter home"><p class="kicker">A lab in C</p>
<h1>From <code>accept()</code> to a full web server</h1></header>
<div class="prose opening"><p>Seven web servers. Each is a small step from the one before it, and each step removes something that the one before could not do. Run one, break it on purpose, and read why the next one does not break. Every line that changes between two of them is explained.</p></div>
<ol class="rungs">${rungs.join('\n')}</ol>
<div class="prose opened"><h2 id="before"><a href="#before">Before you begin</a></h2>
<p>You can read C: pointers, structs, functions as arguments. You have seen <code>socket</code>, <code>read</code> and <code>write</code>; their manual pages are enough. You need Linux (WSL 2 or the dev container also works), a compiler and make.</p>
<p>Stage 1 has a first path of 20 minutes; all of it takes an hour and a half. Stages 2, 3 and 4 take about an hour each, stages 5 and 6 about two, with the commands and the challenges. An observation takes a quarter of an hour. Stage 7 has thirty times the code of stage 6: it is a server to run, and ten steps lead from stage 6 to its core (7.1 to 7.10, about an hour each).</p>
<h2 id="read"><a href="#read">How to read</a></h2>
<p>Each stage is a page: its story, a drawing of who waits for whom, the changes with a note beside each, then its flaw, things to try, and challenges. In the notes, <b>Predict</b> asks a question: think of your answer before you unfold ours. <em>Before</em> and <em>After</em> show either side alone. The same notes are in the terminal. Every term is explained in the <a href="glossary.html">glossary</a>.</p>${book.course ? `\n<p>To teach with it: <a href="${book.course}">the course</a> has goals and hours, plans for six and twelve weeks, slides, and an exam bank.</p>` : ''}</div>
${shell('make stage 1     # run the first server\nmake flaw 1      # see what it cannot do\nmake diff 2      # what changes, line by line, and why')}
<div class="prose"><p class="keys"><kbd>n</kbd> <kbd>p</kbd> the next note, the one before · <kbd>←</kbd> <kbd>→</kbd> pages · <kbd>b</kbd> <kbd>c</kbd> <kbd>a</kbd> before, changes, after · <kbd>/</kbd> search · <kbd>t</kbd> light or dark</p></div>`;
  return {file: 'index.html', name: 'Seven servers', title: 'Seven servers: from accept() to a full web server', body};
}

// A text of its own: the glossary, the way of a request through stage 7.
export function textPage(book, {source, file, name, kicker}) {
  const env = {book, from: source, headings: [], ids: new Set(['main'])};
  const {title, rest} = titled(book.read(source));
  const html = render(rest, env);
  return {file, name, title, body: `<header class="chapter"><p class="kicker">${kicker}</p><h1>${inline(title, env)}</h1></header>
<div class="lead"><div class="prose story">${html}</div>${contents(env.headings.filter(h => h.level === 2))}</div>`};
}

// ------------------------------------------------------------------- roads

// A table's rows of build/ladder-roads.tsv, as `make ladder roads` leaves it.
const MARK = {holds: ['yes', '✓'], breaks: ['no', '✗'], 'n.a.': ['na', '–']};
function roadsLadder(book) {
  const text = read('build/ladder-roads.tsv') ?? expectedOfRoads();
  if (!text) return '';
  const cells = text.trim().split('\n').slice(1).map(l => l.split('\t'));
  const names = book.roads.map(r => r.name), properties = [...new Set(cells.map(c => c[1]))];
  const cell = (name, property) => {
    const [, , verdict] = cells.find(c => c[0] === name && c[1] === property) ?? [];
    const [kind, sign] = MARK[verdict] ?? ['na', ''];
    return `<td class="${kind}"><span aria-hidden="true">${sign}</span><span class="word">${verdict === 'n.a.' ? 'does not apply' : verdict ?? ''}</span></td>`;
  };
  const meaning = property => read(`tests/ladder/${property}`)?.split('\n')[1]?.replace(/^#\s*/, '') ?? property;
  return `<h2 id="ladder"><a href="#ladder">What they can do</a></h2>
<div class="table" tabindex="0"><table class="ladder"><thead><tr><th scope="col">Property</th>${names.map(n => `<th scope="col"><a href="road-${n}.html"><b>${n}</b></a></th>`).join('')}</tr></thead>
<tbody>${properties.map(p => `<tr><th scope="row">${escape(p)}<small>${escape(meaning(p))}</small></th>${names.map(n => cell(n, p)).join('')}</tr>`).join('\n')}</tbody></table></div>\n`;
}

// Not measured here: what the tests expect, in the same form.
function expectedOfRoads() {
  const rows = (read('tests/ladder/roads.tsv') ?? '').split('\n').filter(l => l && !l.startsWith('#')).map(l => l.split('\t'));
  const names = rows.shift()?.slice(1) ?? [];
  return ['road\tproperty\tverdict', ...rows.flatMap(([property, ...verdicts]) => verdicts.map((v, i) => `${names[i]}\t${property}\t${v}`))].join('\n');
}

export function roadsPage(book) {
  const env = {book, from: 'labs/roads/README.md', headings: [], ids: new Set(['main'])};
  const story = titled(book.read('labs/roads/README.md'));
  return {file: 'roads.html', name: 'Other roads', title: story.title, body: `<header class="chapter"><p class="kicker">From the same stages</p><h1>${inline(story.title, env)}</h1><p class="meta"><span>in the terminal: <code>make road</code></span><span>the ladder: <code>make ladder roads</code></span><span>the figures: <a href="bench.html">What it costs</a></span></p></header>
<div class="lead"><div class="prose story">${render(story.rest, env)}</div></div>\n${roadsLadder(book)}`};
}

export function roadPage(book, road) {
  const env = {book, from: `${road.folder}/README.md`, headings: [], ids: new Set(['main'])};
  const story = titled(book.read(`${road.folder}/README.md`)), diff = changes(road.before.folder, road.folder, book.path(`${road.folder}/DIFF.md`));
  const storyHtml = render(story.rest, env), id = unique(env, 'changes');
  const heading = inline(diff.title, env);
  env.headings.push({level: 2, id, html: heading});
  env.from = `${road.folder}/DIFF.md`;
  const inner = annotated(diff, env);
  return {file: road.page, name: road.name, title: story.title, body: `<header class="chapter"><p class="kicker"><a href="roads.html">Other roads</a> · from <a href="${road.before.page}">stage ${road.before.number}</a></p><h1>${inline(story.title, env)}</h1>
<p class="meta"><span>run it: <code>make road ${road.name}</code></span><span>in the terminal: <code>make diff ${road.name}</code></span><span>what it can do: <code>make ladder ${road.name}</code></span></p></header>
<div class="lead"><div class="prose story">${storyHtml}</div>${contents(env.headings.filter(h => h.level === 2))}</div>
<h2 id="${id}" class="part"><a href="#${id}">${heading}</a></h2>
<p class="meta"><code>${road.before.name}</code> → <code>${road.name}</code><span class="plus">+${diff.added}</span><span class="minus">−${diff.removed}</span><span>${diff.files.length} file${diff.files.length > 1 ? 's' : ''}</span><span>${diff.notes.length} notes</span></p>
${VIEW}<div class="changes">
${inner}</div>`};
}

// ------------------------------------------------------------------ ladder

// build/ladder.tsv, as tools/ladder leaves it: stage, property, verdict, evidence. The verdict is
// holds, breaks, n.a., or a figure. What a property means stands in the script that tests it.
export function ladderPage(book) {
  const text = read(process.env.BOOK_LADDER ?? 'build/ladder.tsv');
  const intro = `<header class="chapter"><p class="kicker">Proven, not told</p><h1>The ladder</h1><p class="meta"><span>in the terminal: <code>make ladder</code></span></p></header>
<div class="prose opening"><p>What each stage can do and cannot, as a test of each property found it. A weakness that stops showing is as much an error there as a cure that stops working.</p></div>\n`;
  const page = body => ({file: 'ladder.html', name: 'The ladder', title: 'The ladder', body: intro + body});
  if (!text) {
    const rows = book.stages.filter(s => s.flaw).map(s => `<tr><th scope="row"><a href="${s.page}">${s.number} ${escape(s.short)}</a></th><td>${escape(s.idea)}</td><td>${escape(s.flaw)}</td></tr>`);
    return page(`<p class="hint">Not measured on this machine yet: <code>make ladder</code>, then <code>make book</code> again, and the table of what holds and what breaks stands here.</p>
<div class="table" tabindex="0"><table><thead><tr><th scope="col">Stage</th><th scope="col">Its idea</th><th scope="col">What it still cannot do</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`);
  }
  const cells = text.trim().split('\n').slice(1).map(l => l.split('\t')).map(([stage, property, verdict, evidence]) => ({stage, property, verdict, evidence}));
  const numbers = [...new Set(cells.map(c => c.stage))], properties = [...new Set(cells.map(c => c.property))];
  const meaning = property => read(`tests/ladder/${property}`)?.split('\n')[1]?.replace(/^#\s*/, '') ?? property;
  const at = (stage, property) => cells.find(c => c.stage === stage && c.property === property);
  const stageOf = number => book.stages.find(s => s.number === Number(number));
  const MARKS = {holds: ['yes', '✓'], breaks: ['no', '✗'], 'n.a.': ['na', '–']};
  const mark = cell => {
    if (!cell) return '<td class="na"></td>';
    const [kind, sign] = MARKS[cell.verdict] ?? ['figure', ''];
    return sign ? `<td class="${kind}"><span aria-hidden="true">${sign}</span><span class="word">${cell.verdict === 'n.a.' ? 'does not apply' : cell.verdict}</span></td>` : `<td class="figure">${escape(cell.verdict)}</td>`;
  };
  const heads = numbers.map(n => `<th scope="col">${stageOf(n) ? `<a href="${stageOf(n).page}"><b>${n}</b> <span>${escape(stageOf(n).short)}</span></a>` : escape(n)}</th>`);
  const rows = properties.map(p => `<tr><th scope="row"><a href="#${p}">${escape(p)}</a><small>${escape(meaning(p))}</small></th>${numbers.map(n => mark(at(n, p))).join('')}</tr>`);
  const seen = properties.map(p => `<details class="evidence" id="${p}"><summary>${escape(meaning(p))}</summary><dl>${numbers.map(n => at(n, p)).filter(Boolean).map(c =>
    `<dt class="${(MARKS[c.verdict] ?? ['figure'])[0]}">${c.stage} <b>${escape(c.verdict)}</b></dt><dd>${escape(c.evidence ?? '')}</dd>`).join('')}</dl></details>`);
  return page(`<div class="table" tabindex="0"><table class="ladder"><thead><tr><th scope="col">Property</th>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>
<h2 id="seen"><a href="#seen">What was seen</a></h2>
<p class="prose">Measured on the machine where this book was built. Open a property to read what each server did.</p>
${seen.join('\n')}`);
}

// --------------------------------------------------------------------- tcp

const legend = paths => paths.length
  ? `<ul class="legend">${paths.map((p, n) => `<li class="${n % 2 ? 'second' : 'first'}"><b>${escape(p.who)}</b> ${p.states.map((s, i) => `<code>${s}</code>${p.times ? ` <small>${seconds(p.times[i])}</small>` : ''}`).join(' → ')}</li>`).join('')}</ul>`
  : '<ul class="legend"><li class="first"><b>the end that calls connect</b>, and closes first</li><li class="second"><b>the end that calls listen</b></li><li class="rare">rare, or the end of it</li></ul>';
const seconds = t => t < 1 ? `${(t * 1000).toFixed(1)} ms` : `${t.toFixed(1)} s`;

const tcpFigure = (label, paths) => `<figure class="art" role="group" aria-label="${escape(label)}"><div class="scroll" tabindex="0">${tcp.diagram(label, paths)}</div><figcaption>${escape(label)}${legend(paths)}</figcaption></figure>`;

export function tcpPage(book) {
  const list = book.observations.map(o => `<li><a href="${o.page}">${escape(o.title)}</a>${o.line ? `<span>${escape(o.line)}</span>` : ''}</li>`);
  return {file: 'tcp.html', name: 'TCP states', title: 'The states of a TCP connection', body: `<header class="chapter"><p class="kicker">The kernel is the answer key</p><h1>The states of a TCP connection</h1><p class="meta"><span>live: <code>make watch</code></span><span>observe: <code>make observe</code></span></p></header>
<div class="prose opening"><p>A connection is two state machines, one in each kernel, that agree by sending each other segments. Programs move them with five calls: <code>listen</code>, <code>connect</code>, <code>accept</code>, <code>shutdown</code> and <code>close</code>. All eleven states can be seen with <code>netstat</code>.</p></div>
${tcpFigure('The eleven states and what leads from one to the next', [])}
${list.length ? `<h2 id="observations"><a href="#observations">Observations</a></h2>\n<ol class="observations">${list.join('\n')}</ol>` : '<p class="hint">The observations come with <code>labs/tcp/</code>.</p>'}`};
}

export function observationPage(book, o) {
  const env = {book, from: `${o.folder}/README.md`, headings: [], ids: new Set(['main'])};
  const {title, rest} = titled(book.read(`${o.folder}/README.md`) ?? '');
  const recorded = read(`${o.folder}/timeline`);
  const paths = recorded ? tcp.timeline(recorded) : tcp.expected(read(`${o.folder}/run`) ?? '');
  const walked = paths.filter(p => p.states.some(s => s !== 'LISTEN')).slice(0, 2);
  const html = render(rest, env);
  return {file: o.page, name: o.title, title: title || o.name, body: `<header class="chapter"><p class="kicker"><a href="tcp.html">TCP</a> · an observation</p><h1>${inline(title || capital(o.title), env)}</h1><p class="meta"><span>run it: <code>make observe ${escape(o.name)}</code></span></p></header>
<div class="lead"><div class="prose story">${html || `<p>${escape(capital(o.line || o.name))}.</p>`}</div>${contents(env.headings.filter(h => h.level === 2))}</div>
${walked.length ? `<h2 id="path"><a href="#path">The path taken</a></h2>\n${tcpFigure(recorded ? 'The states that were recorded, and the way between them' : 'The states that the observation shows, and the way between them', walked)}` : ''}`};
}

// -------------------------------------------------------------------- labs

export function labPage(book, lab) {
  const env = {book, from: `${lab.folder}/README.md`, headings: [], ids: new Set(['main'])};
  const {title, rest} = titled(book.read(`${lab.folder}/README.md`) ?? '');
  const html = render(rest, env);
  return {file: lab.page, name: lab.title, title: title || lab.title, body: `<header class="chapter"><p class="kicker"><a href="labs.html">Labs</a></p><h1>${inline(title || lab.title, env)}</h1><p class="meta">${existsSync('tools/lab.mk') ? `<span>begin: <code>make lab ${lab.number}</code></span><span>grade: <code>make grade ${lab.number}</code></span>` : ''}</p></header>
<div class="lead"><div class="prose story">${html}</div>${contents(env.headings.filter(h => h.level === 2))}</div>`};
}

export function labsPage(book) {
  return {file: 'labs.html', name: 'Labs', title: 'Labs', body: `<header class="chapter"><p class="kicker">Write it yourself</p><h1>Labs</h1>${existsSync('tools/lab.mk') ? '<p class="meta"><span>begin: <code>make lab 1</code></span></p>' : ''}</header>
<div class="prose story"><p>Each lab asks one question of the stages again, in a program that you write. You get the frame and the rules. The grader shows what each check did, step by step, and <code>make hint 1</code> helps.</p></div>
<ol class="observations">${book.labs.map(l => `<li value="${l.number}"><a href="${l.page}">${escape(capital(l.title.replace(/^Lab \d+: /, '')))}</a>${l.question ? `<span>${inline(l.question)}${l.hours ? ` About ${l.hours} hours.` : ''}</span>` : ''}</li>`).join('\n')}</ol>`};
}
