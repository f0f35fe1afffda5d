// code.mjs - source text into coloured HTML, without a word of style in it.
//
// shiki tokenizes. Its theme here has no colours but numbers in their disguise, so that
// each kind of token becomes a class and the style sheet decides, by day and by night.
import {createShikiPrimitive, codeToTokensBase} from '@shikijs/primitive';
import {createJavaScriptRegexEngine} from '@shikijs/engine-javascript';
import c from '@shikijs/langs/c';
import make from '@shikijs/langs/make';
import shell from '@shikijs/langs/shellscript';
import {escape} from './html.mjs';

const KINDS = [
  ['c', ['comment', 'punctuation.definition.comment']],
  ['k', ['keyword.control', 'keyword.operator.sizeof', 'storage.modifier']],
  ['t', ['storage.type', 'support.type']],
  ['s', ['string', 'constant.character', 'punctuation.definition.string']],
  ['n', ['constant.numeric', 'constant.language']],
  ['f', ['entity.name.function', 'support.function']],
  ['p', ['keyword.control.directive', 'meta.preprocessor punctuation.definition.directive']],
  ['q', ['variable.other.constant', 'entity.name.function.preprocessor']],
];
const colour = i => '#' + String(i + 1).padStart(6, '0');
const CLASS = Object.fromEntries(KINDS.map(([name], i) => [colour(i), name]));
const theme = {
  name: 'classes', type: 'light', fg: '#ffffff', bg: '#000000',
  settings: [{settings: {foreground: '#ffffff'}},
    ...KINDS.map(([, scope], i) => ({scope, settings: {foreground: colour(i)}}))],
};
const shiki = createShikiPrimitive({themes: [theme], langs: [c, make, shell], engine: createJavaScriptRegexEngine()});

export const language = file => /\.[ch]$/.test(file) ? 'c' : /Makefile$/.test(file) ? 'make' : 'text';

// Lines of tokens: [{content, color}, ...] each.
export const tokenize = (text, lang) => ['c', 'make', 'shellscript'].includes(lang)
  ? codeToTokensBase(shiki, text, {lang, theme: 'classes'})
  : text.split('\n').map(content => [{content}]);

// What the kernel and libc offer, linked to its manual page.
const SYSTEM = new Set(`accept accept4 alarm bind close dup2 epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd fcntl fork
  fstat getppid getpid getrlimit getsockname getsockopt kill listen mmap munmap openat openat2 pipe2 poll ppoll prctl pread
  pselect read readlink recv sched_getaffinity select send sendfile sendmsg setrlimit setsockopt shutdown
  sigaction signal signalfd sigprocmask sigtimedwait socket socketpair splice stat timerfd_create waitpid write writev`.split(/\s+/));
const LIBRARY = new Set(`abort assert atoi calloc clock_gettime exit fclose fflush fgets fopen fprintf fputs free fscanf glob htonl
  htons malloc memchr memcmp memcpy memmove memset ntohs perror printf qsort raise realloc sigaddset sigemptyset snprintf
  sscanf strchr strcmp strcpy strerror strlen strncmp strrchr strsignal strtol va_start vsnprintf`.split(/\s+/));
const manual = name => SYSTEM.has(name) ? `https://man7.org/linux/man-pages/man2/${name}.2.html`
  : LIBRARY.has(name) ? `https://man7.org/linux/man-pages/man3/${name}.3.html` : null;

// One line. Its pieces say what changed: the odd ones stayed, the even ones did not.
export function paint(tokens, pieces = []) {
  const borders = [];
  let end = 0;
  for (const piece of pieces.slice(0, -1)) borders.push(end += piece.length);
  let html = '', at = 0;
  for (const {content, color} of tokens) {
    const cuts = [0, ...borders.map(b => b - at).filter(b => b > 0 && b < content.length), content.length];
    for (let i = 0; i + 1 < cuts.length; i++)
      html += span(content.slice(cuts[i], cuts[i + 1]), CLASS[color], changed(at + cuts[i]));
    at += content.length;
  }
  return html;

  function changed(position) {
    return borders.filter(b => b <= position).length % 2 === 1;
  }
}

function span(text, kind, changed) {
  let html = escape(text);
  if (kind === 'f' && manual(text)) html = `<a href="${manual(text)}">${html}</a>`;
  const classes = [text.trim() && kind, changed && 'w'].filter(Boolean).join(' ');
  return classes ? `<i class="${classes}">${html}</i>` : html;
}

export const block = (text, lang) => tokenize(text.replace(/\n$/, ''), lang).map(line => paint(line)).join('\n');
