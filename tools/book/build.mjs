// build.mjs - builds the book: node tools/book/build.mjs [OUT], from the lab's root.
import {existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {COURSE, GLOSSARY, WAY, book, labs, observations, roads, stages} from './found.mjs';
import {copyLooks, frame} from './html.mjs';
import {homePage, roadPage, roadsPage, labPage, labsPage, ladderPage, observationPage, stagePage, tcpPage, textPage} from './pages.mjs';
import {costPage} from './cost.mjs';
import {stepPage, steps} from './steps.mjs';
import {sections} from './prose.mjs';

const out = process.argv[2] ?? 'build/book';
const began = Date.now();

// ----------------------------------------------------------------- the pages

rmSync(out, {recursive: true, force: true});
mkdirSync(out, {recursive: true});

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
  ...existsSync(COURSE.source) ? [() => textPage(book, COURSE)] : [],
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

copyLooks(out, ['book.css', 'book.js']);

const heaviest = weights.indexOf(Math.max(...weights));
progress(0, 0, '');
console.log(`${out}/index.html: ${pages.length} pages, the heaviest ${pages[heaviest].file} with ${Math.round(weights[heaviest] / 1024)} KiB, in ${((Date.now() - began) / 1000).toFixed(1)} s`);
for (const page of pages) if (page.problems) console.log(`  ${page.file}: its changes have no notes yet`);

function progress(done, all, title) {
  if (!process.stderr.isTTY) return;
  process.stderr.write(all ? `\r\x1b[K[${done}/${all}] ${title.slice(0, 60)}` : '\r\x1b[K');
}
