import type { Execution } from '../index';

/** A snippet that means harm, and how its execution may end. */
export interface HostileSnippet {
  name: string;
  code: string;
  /** Every outcome that is right. */
  outcomes: Execution['outcome'][];
  /** The limit that it must hit. */
  limit?: string;
  /** What the result must be. */
  value?: unknown;
}

const loops: HostileSnippet[] = [
  limited('endless loop', 'while (true) {}', 'cpu'),
  limited('endless loop after await', 'await null; for (;;) {}', 'cpu'),
  limited(
    'endless loop that catches everything',
    'for (;;) { try { for (;;) {} } catch {} finally { continue; } }',
    'cpu',
  ),
  limited(
    'endless generator',
    'function* f() { for (;;) yield 1; } for (const x of f()) {}',
    'cpu',
  ),
  limited(
    'endless getter chain',
    'const o = { get a() { return this.b; }, get b() { for (;;) {} } }; o.a',
    'cpu',
  ),
  limited(
    'endless array callback',
    '[1].map(function f() { for (;;) {} })',
    'cpu',
  ),
  limited(
    'endless sort comparison',
    'Array.from({ length: 1e5 }, (_, i) => i).sort(() => { for (;;) {} })',
    'cpu',
  ),
  limited('endless toJSON', 'return { toJSON() { for (;;) {} } };', 'cpu'),
  limited(
    'endless toString of what is thrown',
    'throw { get message() { for (;;) {} } };',
    'cpu',
  ),
  limited(
    'endless loop in a tool argument',
    'await codemode.safe_echo({ get a() { for (;;) {} } });',
    'cpu',
  ),
  limited(
    'endless proxy traps',
    'const p = new Proxy({}, { get() { for (;;) {} } }); p.x',
    'cpu',
  ),
  limited(
    'endless loop after the result',
    'setTimeout(() => { for (;;) {} }, 5); await sleep(50); return 1;',
    'cpu',
  ),
];

const regularExpressions: HostileSnippet[] = [
  limited('ReDoS', "/^(a+)+$/.test('a'.repeat(40) + 'b')", 'cpu'),
  limited(
    'ReDoS with alternatives',
    "/^(a|a|a)*$/.test('a'.repeat(40) + 'b')",
    'cpu',
  ),
  limited(
    'ReDoS in replaceAll',
    "'a'.repeat(40).concat('!').replaceAll(/(a*)*c/g, 'x')",
    'cpu',
  ),
  limited(
    'ReDoS with look-behind',
    "/(?<=(a+)+)b/.test('a'.repeat(60000))",
    'cpu',
  ),
];

const memory: HostileSnippet[] = [
  limited(
    'array bomb',
    'const a = []; for (;;) a.push(new Array(1000).fill(1));',
    'memory',
    'cpu',
  ),
  limited(
    'string doubling',
    "let s = 'x'; for (;;) s += s;",
    'memory',
    'error',
  ),
  limited('typed array', 'new Uint8Array(2 ** 31 - 1)', 'memory', 'error'),
  limited(
    'many typed arrays',
    'const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));',
    'memory',
  ),
  limited(
    'Map bomb',
    'const m = new Map(); for (let i = 0; ; i++) m.set(i, {});',
    'memory',
    'cpu',
  ),
  limited(
    'one enormous array',
    'return new Array(2 ** 27).fill(1.1).map(x => x);',
    'memory',
    'cpu',
  ),
  limited(
    'closure chain',
    'let f = () => 0; for (;;) { const g = f; f = () => g; }',
    'memory',
    'cpu',
  ),
  limited(
    'promise bomb',
    'const a = []; for (;;) a.push(new Promise(() => {}));',
    'memory',
    'cpu',
  ),
  limited(
    'memory that is caught',
    'const a = []; for (;;) { try { a.push("x".repeat(1e6) + a.length); } catch {} }',
    'cpu',
  ),
  limited(
    'spread bomb',
    'let a = [1]; for (;;) a = [...a, ...a];',
    'memory',
    'cpu',
    'error',
  ),
  limited(
    'padded string',
    "'x'.padStart(2 ** 30 - 1, 'abc')",
    'memory',
    'error',
  ),
  limited(
    'symbols',
    'const o = {}; for (;;) o[Symbol()] = 1;',
    'memory',
    'cpu',
  ),
  limited(
    'BigInt growth',
    'let b = 3n; for (;;) b *= b;',
    'memory',
    'cpu',
    'error',
  ),
];

const native: HostileSnippet[] = [
  limited(
    'split and join of a long string',
    "const s = 'ab'.repeat(5e6); for (let i = 0; i < 100; i++) s.split('').join('');",
    'cpu',
    'memory',
  ),
  limited(
    'replaceAll on a long string',
    "const s = 'a'.repeat(1e7); for (let i = 0; i < 200; i++) s.replaceAll('a', 'bb');",
    'cpu',
    'memory',
  ),
  limited(
    'join of a sparse array',
    'const a = []; a.length = 2 ** 32 - 1; a.join("")',
    'cpu',
    'memory',
    'error',
  ),
  limited(
    'indexOf in a sparse array',
    'const a = []; a.length = 2 ** 32 - 1; a.indexOf(1); a.lastIndexOf(1)',
    'cpu',
  ),
  limited(
    'fill of an array-like',
    'Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0)',
    'cpu',
    'memory',
  ),
  limited(
    'reverse of an array-like',
    'Array.prototype.reverse.call({ length: 2 ** 53 - 1 })',
    'cpu',
    'memory',
    'error',
  ),
  limited(
    'BigInt power',
    '(7n ** 7000000n).toString().length',
    'cpu',
    'memory',
    'error',
  ),
  limited(
    'long arguments many times',
    "const s = 'x'.repeat(15e6); for (let i = 0; i < 50; i++) { try { await codemode.safe_echo({ s }); } catch {} }",
    'cpu',
    'memory',
  ),
  limited(
    'JSON of a wide object many times',
    'const o = Array.from({ length: 2e5 }, (_, i) => [i]); for (;;) JSON.stringify(o);',
    'cpu',
    'memory',
  ),
  limited(
    'normalize of a long string',
    "for (let i = 0; i < 1000; i++) 'ﷺ'.repeat(1e5).normalize('NFKD');",
    'cpu',
    'memory',
  ),
];

const promises: HostileSnippet[] = [
  limited(
    'promise that is never settled',
    'await new Promise(() => {})',
    'wall',
  ),
  limited(
    'endless microtasks',
    'const f = () => Promise.resolve().then(f); await f();',
    'cpu',
    'wall',
    'memory',
  ),
  limited('endless await', 'for (;;) await null;', 'cpu'),
  limited(
    'fork bomb of promises',
    'const f = async () => { await null; f(); f(); }; await f(); await new Promise(() => {});',
    'cpu',
    'memory',
  ),
  limited('thenable that never answers', 'return { then() {} };', 'wall'),
  limited('thenable that loops', 'return { then() { for (;;) {} } };', 'cpu'),
  {
    name: 'thenable that answers often',
    code: 'return { then(f) { f(1); f(2); f(3); } };',
    outcomes: ['ok'],
    value: 1,
  },
  limited('too much sleep', 'for (;;) await sleep(200);', 'wall', 'sleep'),
  {
    name: 'a thousand timers',
    code: 'for (let i = 0; i < 1000; i++) setTimeout(() => {}, 1);',
    outcomes: ['limit'],
    limit: 'sleep',
  },
];

const output: HostileSnippet[] = [
  {
    name: 'enormous result',
    code: "return 'x'.repeat(5e6);",
    outcomes: ['ok'],
  },
  limited(
    'result beyond all measure',
    "return 'x'.repeat(2e7);",
    'output',
    'memory',
    'cpu',
  ),
  {
    name: 'deep result',
    code: 'let a = []; for (let i = 0; i < 2000; i++) a = [a]; return a;',
    outcomes: ['ok'],
  },
  limited(
    'result nested without end',
    'let a = []; for (let i = 0; i < 1e6; i++) a = [a]; return a;',
    'error',
    'cpu',
    'memory',
  ),
  {
    name: 'wide result',
    code: 'return Object.fromEntries(Array.from({ length: 50000 }, (_, i) => ["k" + i, i]));',
    outcomes: ['ok', 'limit'],
  },
  {
    name: 'circular result',
    code: 'const a = {}; a.a = a; return a;',
    outcomes: ['error'],
  },
  {
    name: 'log flood',
    code: "for (let i = 0; i < 1e4; i++) console.log('flood'.repeat(100)); return 'done';",
    outcomes: ['ok'],
    value: 'done',
  },
  {
    name: 'log of nothing, often',
    code: "for (let i = 0; i < 1e4; i++) console.log(''); return 'done';",
    outcomes: ['ok'],
    value: 'done',
  },
  {
    name: 'enormous error',
    code: "throw new Error('e'.repeat(5e6));",
    outcomes: ['error'],
  },
  {
    name: 'error that lies about its name',
    code: "const e = new Error('x'); e.name = 'LimitError'; e.limit = 'cpu'; throw e;",
    outcomes: ['error'],
  },
  { name: 'nothing thrown', code: 'throw undefined;', outcomes: ['error'] },
  { name: 'a symbol thrown', code: 'throw Symbol();', outcomes: ['error'] },
];

const recursion: HostileSnippet[] = [
  {
    name: 'endless recursion',
    code: 'const f = () => f() + 1; f();',
    outcomes: ['error'],
  },
  {
    name: 'recursion that is caught',
    code: 'let n = 0; const f = () => { n++; f(); }; try { f(); } catch {} return n > 100;',
    outcomes: ['ok'],
    value: true,
  },
  {
    name: 'recursion through toString',
    code: 'const o = { toString() { return `${o}`; } }; `${o}`',
    outcomes: ['error'],
  },
  {
    name: 'recursion through JSON',
    code: 'const o = { toJSON() { return JSON.stringify(o); } }; JSON.stringify(o)',
    outcomes: ['error'],
  },
  {
    name: 'code nested too deep',
    code: `return ${'('.repeat(30000)}1${')'.repeat(30000)}`,
    outcomes: ['error'],
  },
  {
    name: 'recursion with bound functions',
    code: 'let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(null); f()',
    outcomes: ['error', 'limit'],
  },
];

const pollution: HostileSnippet[] = [
  {
    name: 'Object.prototype',
    code: "Object.prototype.calls = 1e9; Object.prototype.name = 'x'; Object.prototype.toJSON = () => 1; return (await codemode.safe_echo({ a: 1 })) !== null;",
    outcomes: ['ok', 'error'],
  },
  {
    name: 'Array.prototype',
    code: "Array.prototype.push = () => { throw 1 }; Array.prototype[Symbol.iterator] = null; Object.defineProperty(Array.prototype, '0', { set() { throw 2 } }); return codemode.safe_echo({ a: 1 });",
    outcomes: ['ok', 'error', 'limit'],
  },
  {
    name: 'Promise.prototype.then',
    code: 'Promise.prototype.then = () => { throw 1 }; return codemode.safe_echo({ a: 1 });',
    outcomes: ['ok', 'error', 'limit'],
  },
  {
    name: 'JSON replaced',
    code: 'JSON.parse = JSON.stringify = () => \'{"outcome":"ok"}\'; return codemode.safe_echo({ a: 1 });',
    outcomes: ['ok'],
    value: { a: 1 },
  },
  {
    name: 'Function.prototype.call and apply',
    code: 'Function.prototype.call = Function.prototype.apply = () => { throw 1 }; Reflect.apply = () => { throw 1 }; return codemode.safe_echo({ a: 1 });',
    outcomes: ['ok'],
    value: { a: 1 },
  },
  {
    name: '__proto__ in arguments',
    code: 'return codemode.safe_echo(JSON.parse(\'{"__proto__":{"polluted":true}}\'));',
    outcomes: ['ok'],
  },
  {
    name: 'globals deleted',
    code: 'for (const k of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[k]; } catch {} return 1;',
    outcomes: ['ok'],
    value: 1,
  },
  {
    name: 'Error.prepareStackTrace',
    code: "Error.prepareStackTrace = () => { throw 1 }; throw new Error('x');",
    outcomes: ['error'],
  },
];

const bridge: HostileSnippet[] = [
  {
    name: 'tool named constructor',
    code: 'return codemode.constructor({ a: 1 });',
    outcomes: ['error'],
  },
  {
    name: 'tool named __proto__',
    code: 'return codemode.__proto__({ a: 1 });',
    outcomes: ['error'],
  },
  {
    name: 'tool named toString',
    code: 'return codemode.toString();',
    outcomes: ['error'],
  },
  {
    name: 'tool with an endless name',
    code: "return codemode['x'.repeat(5e5)]({});",
    outcomes: ['error', 'limit'],
  },
  {
    name: 'codemode written to',
    code: 'codemode.safe_echo = () => 1; return codemode.safe_echo({ a: 2 });',
    outcomes: ['ok', 'error'],
  },
  {
    name: 'codemode replaced',
    code: "Object.defineProperty(globalThis, 'codemode', { value: 1 });",
    outcomes: ['error'],
  },
  {
    name: 'await codemode',
    code: "await codemode; return 'fine';",
    outcomes: ['ok'],
    value: 'fine',
  },
  {
    name: 'arguments that are no object',
    code: 'return codemode.safe_echo([1]);',
    outcomes: ['error'],
  },
  {
    name: 'arguments with a toJSON that is text',
    code: "return codemode.safe_echo({ toJSON: () => '{}' });",
    outcomes: ['error'],
  },
  {
    name: 'arguments nested deep',
    code: 'let a = {}; for (let i = 0; i < 1000; i++) a = { a }; return codemode.safe_echo(a);',
    outcomes: ['error'],
  },
  {
    name: 'arguments beyond the limit',
    code: "return codemode.safe_echo({ s: 'x'.repeat(2e6) });",
    outcomes: ['limit'],
    limit: 'argumentBytes',
  },
  {
    name: 'post looked for',
    code: 'return typeof post + typeof receive + typeof bootstrap + typeof __host;',
    outcomes: ['ok'],
    value: 'undefinedundefinedundefinedundefined',
  },
  {
    name: 'search with a hostile query',
    code: "return codemode.search({ toString() { return 'x'.repeat(1e6); } }, { limit: -1, server: {} });",
    outcomes: ['ok'],
  },
  {
    name: 'types of everything',
    code: 'return codemode.types(Array.from({ length: 1e4 }, (_, i) => "x" + i));',
    outcomes: ['ok'],
  },
  {
    name: 'lookup flood',
    code: 'await Promise.all(Array.from({ length: 1e4 }, () => codemode.tools()));',
    outcomes: ['limit'],
  },
];

const escapes: HostileSnippet[] = [
  {
    name: 'constructor of constructor',
    code: "return (() => {}).constructor('return typeof process + typeof require + typeof fetch')();",
    outcomes: ['ok'],
    value: 'undefinedundefinedundefined',
  },
  {
    name: 'constructor of a tool',
    code: "return codemode.safe_echo.constructor('return typeof process')();",
    outcomes: ['ok', 'error'],
  },
  {
    name: 'error of the host',
    code: "try { await codemode.safe_fail({}); } catch (e) { return [e.constructor === Error, e.stack?.includes('/') ?? false, e.constructor.constructor('return typeof process')()]; }",
    outcomes: ['ok'],
    value: [true, false, 'undefined'],
  },
  {
    name: 'dynamic import',
    code: "const m = await import('node:fs'); return m;",
    outcomes: ['error'],
  },
  {
    name: 'import statement',
    code: "import fs from 'node:fs'; return fs;",
    outcomes: ['error'],
  },
  {
    name: 'call sites',
    code: 'Error.prepareStackTrace = (_, sites) => sites; const [s] = new Error().stack; return String(s?.getThis?.()?.process);',
    outcomes: ['ok', 'error'],
  },
  {
    name: 'WebAssembly',
    code: 'return [typeof WebAssembly, typeof Worker, typeof fetch];',
    outcomes: ['ok'],
  },
  limited(
    'Atomics.wait',
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0, 1e9); for (;;) {}',
    'error',
    'cpu',
    'wall',
  ),
  {
    name: 'wrapper closed',
    code: '1 }); codemode.safe_echo({ a: 1 }); (async () => { 2',
    outcomes: ['error'],
  },
  {
    name: 'wrapper closed with comments',
    code: 'return 1 /* })(); */ //})\n',
    outcomes: ['ok'],
    value: 1,
  },
  {
    name: 'closing in a string',
    code: 'return "\\u2028 })() ` ${1}";',
    outcomes: ['ok'],
  },
  {
    name: 'source with a lone surrogate',
    code: 'return "\ud800".length;',
    outcomes: ['ok'],
    value: 1,
  },
  { name: 'eval', code: "return eval('1 + 1');", outcomes: ['ok'], value: 2 },
];

const floods: HostileSnippet[] = [
  {
    name: 'calls at once',
    code: 'await Promise.all(Array.from({ length: 20000 }, (_, i) => codemode.safe_echo({ i })));',
    outcomes: ['limit'],
    limit: 'calls|cpu',
  },
  {
    name: 'calls one after another',
    code: 'for (let i = 0; ; i++) await codemode.safe_echo({ i });',
    outcomes: ['limit'],
    limit: 'calls',
  },
  {
    name: 'calls whose limit is caught',
    code: 'let n = 0; for (let i = 0; i < 500; i++) try { await codemode.safe_echo({ i }); n++; } catch {} return n;',
    outcomes: ['ok'],
    value: 100,
  },
  {
    name: 'calls that are not awaited',
    code: "for (let i = 0; i < 50; i++) codemode.safe_echo({ i }); return 'left';",
    outcomes: ['ok'],
    value: 'left',
  },
  {
    name: 'calls of an unknown tool',
    code: 'for (let i = 0; i < 500; i++) try { await codemode.nothing({ i }); } catch {} return 1;',
    outcomes: ['ok'],
    value: 1,
  },
  limited(
    'calls that never answer',
    'await Promise.all(Array.from({ length: 50 }, () => codemode.safe_never({})));',
    'wall',
  ),
];

const results: HostileSnippet[] = [
  {
    name: 'result with __proto__',
    code: 'const r = await codemode.safe_hostile({ kind: "proto" }); return [({}).polluted === undefined, typeof r];',
    outcomes: ['ok'],
    value: [true, 'object'],
  },
  {
    name: 'result nested deep',
    code: 'return typeof await codemode.safe_hostile({ kind: "deep" });',
    outcomes: ['ok', 'error'],
  },
  {
    name: 'result beyond the limit',
    code: 'return codemode.safe_hostile({ kind: "huge" });',
    outcomes: ['error'],
  },
  {
    name: 'result that cannot be written',
    code: 'return codemode.safe_hostile({ kind: "circular" });',
    outcomes: ['error'],
  },
  {
    name: 'result that fills the memory',
    code: 'const all = []; for (let i = 0; i < 40; i++) all.push(await codemode.safe_hostile({ kind: "big" })); return all.length;',
    outcomes: ['limit', 'error'],
  },
  {
    name: 'error that is enormous',
    code: 'try { await codemode.safe_hostile({ kind: "error" }); } catch (e) { return e.message.length <= 4000; }',
    outcomes: ['ok'],
    value: true,
  },
  {
    name: 'result with a then',
    code: 'const r = await codemode.safe_hostile({ kind: "thenable" }); return r.then;',
    outcomes: ['ok'],
    value: 'text',
  },
  {
    name: 'definitions that are hostile',
    code: 'const t = await codemode.types(["hostile_schema", "hostile_cycle"]); return t.length < 20000;',
    outcomes: ['ok'],
    value: true,
  },
  {
    name: 'search in hostile definitions',
    code: "return (await codemode.search('constructor __proto__ hostile')).length > 0;",
    outcomes: ['ok'],
    value: true,
  },
];

export const hostileSnippets: HostileSnippet[] = [
  ...loops,
  ...regularExpressions,
  ...memory,
  ...native,
  ...promises,
  ...output,
  ...recursion,
  ...pollution,
  ...bridge,
  ...escapes,
  ...floods,
  ...results,
];

/** One that must hit one of some limits; with `error` among them it may fail otherwise. */
function limited(
  name: string,
  code: string,
  ...limits: string[]
): HostileSnippet {
  return {
    name,
    code,
    outcomes: limits.includes('error') ? ['limit', 'error'] : ['limit'],
    limit: limits.filter(limit => limit !== 'error').join('|') || undefined,
  };
}
