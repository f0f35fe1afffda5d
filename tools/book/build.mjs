// build.mjs - builds the book: node tools/book/build.mjs [OUT], from the lab's root.
import {copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {escape, frame} from './html.mjs';
import {drawing, homePage, roadPage, roadsPage, labPage, labsPage, ladderPage, observationPage, stagePage, tcpPage, textPage} from './pages.mjs';
import {costPage} from './cost.mjs';
import {stepPage, steps} from './steps.mjs';
import {sections, titled} from './prose.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? 'build/book';
const began = Date.now();

// ------------------------------------------------------------- what there is

const folders = path => existsSync(path) ? readdirSync(path).filter(n => statSync(join(path, n)).isDirectory()).sort() : [];

// A text with today's output under its commands, if `outputs print` has left one.
const path = file => existsSync(join('build/outputs', file)) ? join('build/outputs', file) : file;
const read = file => existsSync(file) ? readFileSync(path(file), 'utf8') : null;

const about = Object.fromEntries(readFileSync(join(here, 'stages.tsv'), 'utf8').split('\n')
  .filter(l => l && !l.startsWith('#')).map(l => l.split('\t')).map(([n, short, idea, flaw]) => [n, {short, idea, flaw}]));

const stages = folders('stages').filter(n => /^\d\d-/.test(n)).map(name => {
  const number = Number(name.slice(0, 2));
  return {number, name, folder: `stages/${name}`, page: `stage-${number}.html`, ...(about[number] ?? {short: name.slice(3), idea: name.slice(3), flaw: ''})};
});

// What the first line of an observation's script says it is about.
const saying = folder => read(`${folder}/run`)?.match(/^# [\w-]+: (.+)$/m)?.[1] ?? '';
const observations = folders('labs/tcp').filter(n => existsSync(`labs/tcp/${n}/run`)).map(name => {
  const folder = `labs/tcp/${name}`, line = saying(folder);
  return {name, folder, page: `tcp-${name}.html`, title: titled(read(`${folder}/README.md`) ?? '').title || name.replace(/-/g, ' '), line};
});

// In the order in which their README asks the questions: "| [time-wait](time-wait/README.md) | Why ...? |"
const asked = [...(read('labs/tcp/README.md') ?? '').matchAll(/^\| \[[^\]]*\]\(([\w-]+)\/README\.md\) \| (.*?) \|$/gm)].map(([, name, question]) => ({name, question}));
const place = o => { const at = asked.findIndex(a => a.name === o.name); return at < 0 ? asked.length : at; };
observations.sort((a, b) => place(a) - place(b));
for (const o of observations) o.line = asked[place(o)]?.question ?? o.line;

const labs = folders('labs/code').filter(n => existsSync(`labs/code/${n}/README.md`)).map(name => {
  const folder = `labs/code/${name}`;
  return {name, number: parseInt(name, 10), folder, page: `lab-${name}.html`, title: titled(read(`${folder}/README.md`)).title || name};
});

// In the order in which their README asks the questions: "| [fork](fork/README.md) | stage 1 | Why ...? |"
const roads = [...(read('labs/roads/README.md') ?? '').matchAll(/^\| \[[^\]]*\]\((\w+)\/README\.md\) \| stage (\d) \| (.*?) \|$/gm)].map(([, name, from, question]) => {
  const folder = `labs/roads/${name}`;
  return {name, short: name, question, folder, page: `road-${name}.html`, before: stages.find(s => s.number === Number(from)), title: titled(read(`${folder}/README.md`)).title};
}).filter(road => road.before);

// Texts that are a page by themselves, in the place where they are read.
const WAY = {source: 'stages/07-full-server/src/README.md', file: 'stage-7-way.html', name: 'The way of a request', kicker: '<a href="stage-7.html">Stage 7</a> · its source'};
const GLOSSARY = {source: 'GLOSSARY.md', file: 'glossary.html', name: 'Glossary', kicker: 'Every term, once'};
const texts = [WAY, GLOSSARY].filter(t => existsSync(t.source));

const book = {
  stages, observations, labs, roads, read, path,
  menu: [
    {title: 'Ladder', page: 'ladder.html'},
    {title: 'Bench', page: 'bench.html'},
    {title: 'TCP', page: 'tcp.html', within: /^tcp-/},
    ...roads.length ? [{title: 'Roads', page: 'roads.html', within: /^road-/}] : [],
    ...labs.length ? [{title: 'Labs', page: 'labs.html', within: /^lab-/}] : [],
    {title: 'Glossary', page: 'glossary.html'},
  ],
  // Which page a file or folder of the lab has, if any.
  pageOf: source => {
    const text = texts.find(t => t.source === source);
    if (text) return text.file;
    const [, top, name] = source.match(/^(stages|labs\/tcp|labs\/code|labs\/roads)\/([^/]+)(?:\/(?:README|DIFF)\.md)?$/) ?? [];
    if (!top || name === 'README.md') return {'README.md': 'index.html', 'labs/tcp': 'tcp.html', 'labs/roads': roads.length ? 'roads.html' : null, 'labs/code': labs.length ? 'labs.html' : null}[source.replace(/\/README\.md$/, '')] ?? null;
    return [...stages, ...observations, ...labs, ...roads].find(x => x.folder === `${top}/${name}`)?.page ?? null;
  },
  figure: (name, caption) => {
    const file = join(here, 'figures', `${name}.seq`);
    if (!existsSync(file)) throw new Error(`a text asks for fig:${name}, and there is no ${file}`);
    return drawing(readFileSync(file, 'utf8'), caption);
  },
};

// ----------------------------------------------------------------- the pages

rmSync(out, {recursive: true, force: true});
mkdirSync(join(out, 'fonts'), {recursive: true});

const told = steps();
const makers = [
  () => homePage(book),
  ...stages.slice(0, -1).map(stage => () => stagePage(book, stage)),
  ...told.map((step, at) => () => stepPage(book, step, told[at - 1])),
  () => stagePage(book, stages.at(-1)),
  ...existsSync(WAY.source) ? [() => textPage(book, WAY)] : [],
  () => ladderPage(book),
  () => costPage(book),
  ...roads.length ? [() => roadsPage(book), ...roads.map(road => () => roadPage(book, road))] : [],
  () => tcpPage(book),
  ...observations.map(o => () => observationPage(book, o)),
  ...labs.length ? [() => labsPage(book), ...labs.map(lab => () => labPage(book, lab))] : [],
  ...existsSync(GLOSSARY.source) ? [() => textPage(book, GLOSSARY)] : [],
];
const pages = makers.map((make, i) => {
  const page = make();
  progress(i + 1, makers.length, page.title);
  return page;
});
book.order = pages.map(({file, name}) => ({file, name}));
const weights = pages.map(page => {
  const html = frame(book, page);
  writeFileSync(join(out, page.file), html);
  return html.length;
});

// The search's index is a script, because a page opened from the disk may not fetch.
const index = pages.flatMap(p => sections(p.file, p.title, p.body.replace(/<details class="whole-file">[\s\S]*?<\/details>/g, '')));
writeFileSync(join(out, 'search-index.js'), `window.bookIndex=${JSON.stringify(index)};\n`);

for (const file of ['book.css', 'book.js']) copyFileSync(join(here, file), join(out, file));
copyFileSync('www/icon.svg', join(out, 'icon.svg'));
for (const [family, name] of [['source-serif-4', 'opsz-normal'], ['source-serif-4', 'opsz-italic'], ['jetbrains-mono', 'wght-normal'], ['jetbrains-mono', 'wght-italic']]) {
  const file = `${family}-latin-${name}.woff2`;
  copyFileSync(join(here, `node_modules/@fontsource-variable/${family}/files/${file}`), join(out, 'fonts', file));
}

const heaviest = weights.indexOf(Math.max(...weights));
progress(0, 0, '');
console.log(`${out}/index.html: ${pages.length} pages, the heaviest ${pages[heaviest].file} with ${Math.round(weights[heaviest] / 1024)} KiB, in ${((Date.now() - began) / 1000).toFixed(1)} s`);
for (const page of pages) if (page.problems) console.log(`  ${page.file}: its changes have no notes yet`);

function progress(done, all, title) {
  if (!process.stderr.isTTY) return;
  process.stderr.write(all ? `\r\x1b[K[${done}/${all}] ${title.slice(0, 60)}` : '\r\x1b[K');
}
