// slides.mjs - slides for each stage, or for these: node tools/book/slides.mjs [OUT [STAGE ...]], from the lab's root.
//
// Nothing is written for them: they are cut out of the stage's README (its first paragraph, "Break it"),
// its notes (what begins in bold, and what is asked to predict, with the code), its drawing and its line
// in stages.tsv. So a stage has slides as soon as it has a text, and they change with it.
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {changes, code} from './diff.mjs';
import {book, stages} from './found.mjs';
import {THEME, copyLooks, escape} from './html.mjs';
import {capital, sequence} from './pages.mjs';
import {inline, render, titled} from './prose.mjs';
import {stepDiff, steps} from './steps.mjs';

const out = process.argv[2] ?? 'build/slides';
const MOST_LINES = 30;		// of code on a slide; more could not be read from the last row

// ---------------------------------------------------------------- cutting texts

const firstParagraph = text => text.replace(/^<!--[\s\S]*?-->\n?/gm, '').trim().split(/\n{2,}/)[0] ?? '';

// The text below a heading, without it.
const part = (text, heading) => text.split(/^## /m).find(p => p.startsWith(heading + '\n'))?.slice(heading.length + 1).trim() ?? '';

// What is shown of a terminal, the first time.
const terminal = text => text.match(/^```console[^\n]*\n[\s\S]*?^```$/m)?.[0] ?? text.match(/^```\n\$ [\s\S]*?^```$/m)?.[0] ?? '';

// The first words in bold of a note: what is to be remembered of it.
const heart = prose => prose.match(/^\*\*(?!Predict)[^*]+\*\*/m)?.[0].slice(2, -2).replace(/[:,]$/, '');

// What a note asks to predict: the questions, each with its answer.
const predictions = prose => [...prose.matchAll(/^\*\*Predict:\*\* ([\s\S]*?)\n\n((?:>.*(?:\n|$))+)/gm)]
  .map(([, question, answer]) => ({question, answer: answer.replace(/^> ?/gm, '')}));

const lines = html => (html.match(/class="l /g) ?? []).length;
const consoleLines = html => [...html.matchAll(/<pre class="(?:console|plain)"[^>]*>([\s\S]*?)<\/pre>/g)].reduce((n, [, text]) => n + text.split('\n').length, 0);

// ----------------------------------------------------------------------- slides

const slide = (kind, title, body) => ({kind, title, body});

function question(asked, env, about = '') {
  return slide('ask', 'Predict', `<div class="question">${render(capital(asked.question), env)}</div>
<details class="answer"><summary>Answer</summary>${render(asked.answer, env)}</details>${about}`);
}

// The notes of a diff: the code with its words in bold, then what it asks.
function heartOf(diff, env) {
  const made = [];
  for (const block of diff.blocks) {
    if (block.kind !== 'note' && block.kind !== 'prose') continue;
    const words = block.kind === 'note' && heart(block.prose), shown = block.kind === 'note' ? code(diff, block).replace(/<a class="perma".*?<\/a>/, '') : '';
    const fits = shown && lines(shown) <= MOST_LINES;
    if (words && fits) made.push(slide('code', inline(words, env), shown));
    for (const asked of predictions(block.prose)) made.push(question(asked, env, fits && !words ? shown : ''));
  }
  return made;
}

const commands = list => `<p class="commands">${list.map(c => `<code>${escape(c)}</code>`).join(' ')}</p>`;

function titleSlide(stage) {
  return slide('title', `<small>Stage ${stage.number}</small> ${escape(stage.short)}`,
    `<p class="lead">${escape(capital(stage.idea))}.</p>${commands([`make stage ${stage.number}`, `make diff ${stage.number}`, ...stage.number < 7 ? [`make flaw ${stage.number}`] : []])}`);
}

// What the stage before cannot do, as its own text shows it.
function problem(before, env) {
  const text = part(titled(book.read(`${before.folder}/README.md`)).rest, 'Break it');
  return slide('problem', `Stage ${before.number} can't do this`, `<p class="lead">${escape(capital(before.flaw))}.</p>${render(terminal(text), env)}`);
}

function flaw(stage, story, env) {
  const text = part(story, 'Break it');
  return slide('problem', 'What is still wrong', `<p class="lead">${escape(capital(stage.flaw))}.</p>${render(terminal(text), env)}${commands([`make flaw ${stage.number}`])}`);
}

function stageSlides(stage) {
  const before = stages[stages.indexOf(stage) - 1], env = {book, from: `${stage.folder}/README.md`};
  const story = titled(book.read(`${stage.folder}/README.md`)).rest;
  const made = [titleSlide(stage)];
  if (before && stage.number < 7) made.push(problem(before, env));
  made.push(slide('idea', 'The idea', render(firstParagraph(story), env)));
  const drawing = sequence(stage);
  if (drawing) made.push(slide('figure', 'Who waits for whom', drawing.replace(/<details>[\s\S]*?<\/details>/, '')));
  if (stage.number === 7) return [...made, ...steps().filter(s => s.register !== 'rest').flatMap(step => stepSlides(step, env))];
  const diff = changes(before ? before.folder : '/dev/null', stage.folder, book.path(`${stage.folder}/DIFF.md`));
  return [...made, ...heartOf(diff, env), flaw(stage, story, env)];
}

function stepSlides(step, env) {
  const diff = stepDiff(step), opening = diff.blocks[0]?.kind === 'prose' ? diff.blocks[0].prose : '';
  return [
    slide('title', `<small>Step ${step.number}</small> ${inline(step.title, env)}`, commands([`make stage ${step.number}`, `make diff ${step.number}`])),
    slide('problem', 'The problem', render(firstParagraph(opening), env) + render(terminal(opening), env)),
    ...heartOf(diff, env),
  ];
}

// ------------------------------------------------------------------------ pages

const page = (title, body) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="book.css">
<link rel="stylesheet" href="slides.css">
<script>${THEME}</script>
<script src="slides.js" defer></script>
</head>
<body class="slides">
<main id="main">
${body}
</main>
</body>
</html>
`;

const html = (made, foot) => made.map(({kind, title, body}, i) => {
  const tag = i ? 'h2' : 'h1';
  // a link between pages of the book would lead nowhere here
  const rows = lines(body) + consoleLines(body);		// slides.css makes them fit
  return `<section class="slide ${kind}" id="s${i + 1}"${rows ? ` style="--rows:${rows}"` : ''}><${tag}>${title}</${tag}>\n${body.replace(/<a href="(?!https?:)[^"]*">([\s\S]*?)<\/a>/g, '$1')}
<p class="foot">${foot} <a href="#s${i + 1}">${i + 1} / ${made.length}</a></p></section>`;
}).join('\n');

rmSync(out, {recursive: true, force: true});
mkdirSync(out, {recursive: true});
const wanted = process.argv.slice(3).map(Number);
const decks = stages.filter(s => !wanted.length || wanted.includes(s.number)).map(stage => {
  const made = stageSlides(stage), file = `stage-${stage.number}.html`;
  writeFileSync(join(out, file), page(`Stage ${stage.number}: ${stage.short}`, html(made, `<a href="index.html">Seven servers</a> · ${stage.number} ${escape(stage.short)}`)));
  return {stage, file, count: made.length};
});
writeFileSync(join(out, 'index.html'), page('Slides: seven servers', `<section class="slide title" id="s1"><h1>Seven servers</h1>
<ol class="rungs">${decks.map(d => `<li><a href="${d.file}"><b>${d.stage.number}</b><span class="rung"><strong>${escape(d.stage.short)}</strong><span class="idea">${escape(d.stage.idea)}</span><span class="flaw">${d.count} slides</span></span></a></li>`).join('\n')}</ol>
<p class="foot"><kbd>←</kbd> <kbd>→</kbd> one slide · <kbd>Home</kbd> <kbd>End</kbd> · <kbd>t</kbd> light or dark · <kbd>a</kbd> answers · print for paper</p></section>`));
copyLooks(out, ['book.css', 'slides.css', 'slides.js']);
console.log(`${out}/index.html: ${decks.reduce((sum, d) => sum + d.count, 0)} slides for ${decks.length} stages`);
