// found.mjs - what there is to make pages of: the stages, the observations, the labs, the roads, and the texts.
import {existsSync, readFileSync, readdirSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {drawing} from './pages.mjs';
import {titled} from './prose.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const folders = path => existsSync(path) ? readdirSync(path).filter(n => statSync(join(path, n)).isDirectory()).sort() : [];

// A text with today's output under its commands, if `outputs print` has left one.
const path = file => existsSync(join('build/outputs', file)) ? join('build/outputs', file) : file;
const read = file => existsSync(file) ? readFileSync(path(file), 'utf8') : null;

const about = Object.fromEntries(readFileSync(join(here, 'stages.tsv'), 'utf8').split('\n')
  .filter(l => l && !l.startsWith('#')).map(l => l.split('\t')).map(([n, short, idea, flaw]) => [n, {short, idea, flaw}]));

export const stages = folders('stages').filter(n => /^\d\d-/.test(n)).map(name => {
  const number = Number(name.slice(0, 2));
  return {number, name, folder: `stages/${name}`, page: `stage-${number}.html`, ...(about[number] ?? {short: name.slice(3), idea: name.slice(3), flaw: ''})};
});

// What the first line of an observation's script says it is about.
const saying = folder => read(`${folder}/run`)?.match(/^# [\w-]+: (.+)$/m)?.[1] ?? '';
export const observations = folders('labs/tcp').filter(n => existsSync(`labs/tcp/${n}/run`)).map(name => {
  const folder = `labs/tcp/${name}`, line = saying(folder);
  return {name, folder, page: `tcp-${name}.html`, title: titled(read(`${folder}/README.md`) ?? '').title || name.replace(/-/g, ' '), line};
});

// In the order in which their README asks the questions: "| [time-wait](time-wait/README.md) | Why ...? |"
const asked = [...(read('labs/tcp/README.md') ?? '').matchAll(/^\| \[[^\]]*\]\(([\w-]+)\/README\.md\) \| (.*?) \|$/gm)].map(([, name, question]) => ({name, question}));
const place = o => { const at = asked.findIndex(a => a.name === o.name); return at < 0 ? asked.length : at; };
observations.sort((a, b) => place(a) - place(b));
for (const o of observations) o.line = asked[place(o)]?.question ?? o.line;

export const labs = folders('labs/code').filter(n => existsSync(`labs/code/${n}/README.md`)).map(name => {
  const folder = `labs/code/${name}`;
  return {name, number: parseInt(name, 10), folder, page: `lab-${name}.html`, title: titled(read(`${folder}/README.md`)).title || name,
    question: read(`${folder}/README.md`).match(/^\*\*The question\.\*\* (.*)$/m)?.[1] ?? '',
    hours: read(`${folder}/lab.conf`)?.match(/^hours=(\S+)/m)?.[1]};
});

// In the order in which their README asks the questions: "| [fork](fork/README.md) | stage 1 | Why ...? |"
export const roads = [...(read('labs/roads/README.md') ?? '').matchAll(/^\| \[[^\]]*\]\((\w+)\/README\.md\) \| stage (\d) \| (.*?) \|$/gm)].map(([, name, from, question]) => {
  const folder = `labs/roads/${name}`;
  return {name, short: name, question, folder, page: `road-${name}.html`, before: stages.find(s => s.number === Number(from)), title: titled(read(`${folder}/README.md`)).title};
}).filter(road => road.before);

// Texts that are a page by themselves, in the place where they are read.
export const WAY = {source: 'stages/07-full-server/src/README.md', file: 'stage-7-way.html', name: 'The way of a request', kicker: '<a href="stage-7.html">Stage 7</a> · its source'};
export const GLOSSARY = {source: 'GLOSSARY.md', file: 'glossary.html', name: 'Glossary', kicker: 'Every term, once'};
export const COURSE = {source: 'COURSE.md', file: 'course.html', name: 'The course', kicker: 'To teach with it'};
const texts = [WAY, GLOSSARY, COURSE].filter(t => existsSync(t.source));

export const book = {
  stages, observations, labs, roads, read, path, course: existsSync(COURSE.source) ? COURSE.file : null,
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
