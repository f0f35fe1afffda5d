// prose.mjs - Markdown into HTML: consoles, figures, tables that scroll, links within the book.
import {posix} from 'node:path';
import MarkdownIt from 'markdown-it';
import {block} from './code.mjs';
import {escape, plain, slug} from './html.mjs';

const md = new MarkdownIt({html: false, typographer: true, quotes: ['“', '”', '‘', '’']});

const LANGUAGES = {c: 'c', sh: 'shellscript', shell: 'shellscript', bash: 'shellscript', make: 'make', makefile: 'make'};

md.renderer.rules.fence = (tokens, i) => {
  const [word] = tokens[i].info.trim().split(/\s+/);
  if (word === 'console' || /^sock> /m.test(tokens[i].content)) return consoleBlock(tokens[i].content);
  if (!word && /^(make|curl|bash|build\/server) /.test(tokens[i].content)) return commandBlock(tokens[i].content);
  const lang = LANGUAGES[word] ?? 'text';
  return `<pre class="plain" tabindex="0"><code>${block(tokens[i].content, lang)}</code></pre>\n`;
};
md.renderer.rules.code_block = (tokens, i) => `<pre class="plain" tabindex="0"><code>${escape(tokens[i].content.trimEnd())}</code></pre>\n`;
md.renderer.rules.table_open = () => '<div class="table" tabindex="0"><table>\n';
md.renderer.rules.table_close = () => '</table></div>\n';

// Commands, with remarks behind them that are prose.
export function commandBlock(text) {
  const lines = text.trimEnd().split('\n').map(line => {
    const [, code, remark] = line.match(/^(.*?)(\s+#\s.*|\s{3,}\S.*)?$/);
    return `<span class="cmd">${escape(code)}${remark ? `<i class="c">${escape(remark)}</i>` : ''}</span>`;
  });
  return `<pre class="console" tabindex="0"><code>${lines.join('\n')}</code></pre>\n`;
}

// In a note, and everywhere in a road, a quotation is the answer to a prediction: folded, so that
// the reader predicts first.
const isAnswer = env => /DIFF\.md$|^labs\/roads\//.test(env.from ?? '');
md.renderer.rules.blockquote_open = (tokens, i, options, env) => isAnswer(env) ? '<details class="answer"><summary>Answer</summary>\n' : '<blockquote>\n';
md.renderer.rules.blockquote_close = (tokens, i, options, env) => isAnswer(env) ? '</details>\n' : '</blockquote>\n';

// Commands stand out from what they print.
export function consoleBlock(text) {
  let more = false;
  const lines = text.trimEnd().split('\n').map(line => {
    const prompt = line.match(/^(\$|sock>) /)?.[0] ?? '', first = prompt !== '', command = first || more;
    more = command && line.endsWith('\\');
    if (!command) return escape(line);
    const [, code, remark] = line.slice(prompt.length).match(/^(.*?)(\s+#\s.*)?$/);
    return `<span class="cmd">${first ? `<span class="prompt" aria-hidden="true">${escape(prompt)}</span>` : ''}${escape(code)}${remark ? `<i class="c">${escape(remark)}</i>` : ''}</span>`;
  });
  return `<pre class="console" tabindex="0"><code>${lines.join('\n')}</code></pre>\n`;
}

// env.book and env.from (the source's path) turn links between sources into links between pages.
md.renderer.rules.link_open = (tokens, i, options, env, self) => {
  const href = tokens[i].attrGet('href');
  const target = pageOf(href, env);
  if (target === null) {
    closing(tokens, i).hidden = true;
    return '';
  }
  tokens[i].attrSet('href', target);
  return self.renderToken(tokens, i, options);
};
md.renderer.rules.link_close = (tokens, i, options, env, self) => tokens[i].hidden ? '' : self.renderToken(tokens, i, options);

function closing(tokens, i) {
  for (let depth = 0; ; i++) {
    if (tokens[i].type === 'link_open') depth++;
    if (tokens[i].type === 'link_close' && --depth === 0) return tokens[i];
  }
}

// Where a link leads in the book; null when what it names is not a page of it.
function pageOf(href, env) {
  if (/^(https?:|mailto:|#)/.test(href)) return href;
  const [path, hash] = posix.normalize(posix.join(posix.dirname(env.from ?? ''), href)).split('#');
  const page = env.book?.pageOf(path.replace(/\/$/, ''));
  return page ? page + (hash ? '#' + hash : '') : null;
}

// A picture "fig:NAME" is drawn by the book; its text is the caption.
md.validateLink = () => true;
md.renderer.rules.image = (tokens, i, options, env) => {
  const source = tokens[i].attrGet('src');
  if (source.startsWith('fig:')) return env.book.figure(source.slice(4), tokens[i].content);
  return `<em>${escape(tokens[i].content)}</em>`;
};

md.renderer.rules.heading_open = (tokens, i, options, env) => {
  const text = md.renderer.renderInline(tokens[i + 1].children, options, env);
  const level = Math.max(Number(tokens[i].tag[1]), env.level ?? 2);
  const id = unique(env, slug(text));
  env.headings?.push({level, id, html: text});
  return `<h${level} id="${id}"><a href="#${id}">`;
};
md.renderer.rules.heading_close = (tokens, i, options, env) => `</a></h${Math.max(Number(tokens[i].tag[1]), env.level ?? 2)}>\n`;

export function unique(env, id) {
  env.ids ??= new Set();
  let name = id;
  for (let n = 2; env.ids.has(name); n++) name = `${id}-${n}`;
  env.ids.add(name);
  return name;
}

// What an author wrote for machines is not for readers.
const spoken = text => text.replace(/^<!--[\s\S]*?-->[ \t]*\n?/gm, '');

export const render = (text, env = {}) => md.render(spoken(text), env).replace(/<p>(<figure[\s\S]*?<\/figure>)<\/p>/g, '$1');
export const inline = (text, env = {}) => md.renderInline(text, env);

// "# Title", and the rest.
export function titled(text) {
  const found = text.match(/^# (.+)\n+/m);
  return found ? {title: found[1].trim(), rest: text.replace(found[0], '')} : {title: '', rest: text};
}

// The text of HTML, cut at its headings, for the search.
export function sections(file, title, html) {
  const parts = html.split(/(?=<h[2-4] id=|<section class="step" id=)/);
  return parts.map(part => {
    const id = part.match(/^<(?:h[2-4]|section class="step") id="([^"]*)"/)?.[1];
    const heading = part.match(/^<h[2-4][^>]*>([\s\S]*?)<\/h[2-4]>/)?.[1] ??
      part.match(/^<section class="step".*?<figcaption>(.*?)<a class="perma"/)?.[1].replace('</span><span', '</span> › <span');
    return {page: file, id: id ?? '', title, heading: heading ? plain(heading) : '', text: plain(heading ? part.replace(/^<h[2-4][\s\S]*?<\/h[2-4]>/, '') : part)};
  }).filter(part => part.text || part.heading);
}
