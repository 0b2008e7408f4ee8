import type { Profiler } from 'node:inspector';

/** Time that was spent somewhere. */
export interface Share {
  where: string;
  ms: number;
}

/** Where the time of a process went. Without what the benchmark itself did in it. */
export interface Attribution {
  /** Time in which it waited, for the network or the database. */
  idleMs: number;
  /** The rest. */
  busyMs: number;
  /**
   * By the innermost folder of this project that was at work, with all that it
   * called; work of libraries that nobody here waits for on the stack, such as
   * parsing what the network brought, counts for the library.
   */
  byFolder: Share[];
  /** By the package whose own code ran. */
  byPackage: Share[];
  /** By function of this project, each with all that it called before it waited, so that times overlap. */
  byFunction: Share[];
}

type Node = Profiler.ProfileNode;

const IDLE = '(idle)';

/** These rows of the profile are no functions. */
const OTHER = new Set(['(garbage collector)', '(program)', '(root)']);

/** What the benchmark runs within the process that it measures. */
const BENCHMARK = 'benchmarks/';

/** Adds times up by name. */
class Tally {
  readonly #ms = new Map<string, number>();

  add(where: string, ms: number): void {
    this.#ms.set(where, (this.#ms.get(where) ?? 0) + ms);
  }

  shares(): Share[] {
    return [...this.#ms]
      .map(([where, ms]) => ({ where, ms }))
      .sort((a, b) => b.ms - a.ms);
  }
}

/** Sums a CPU profile up, most first. */
export function attributeProfile(profile: Profiler.Profile): Attribution {
  const nodes = new Map(profile.nodes.map(node => [node.id, node]));
  const parents = new Map<number, Node>();
  for (const node of profile.nodes) {
    for (const child of node.children ?? []) {
      parents.set(child, node);
    }
  }
  const folders = new Tally();
  const packages = new Tally();
  const functions = new Tally();
  let idleMs = 0;
  let busyMs = 0;
  for (const [id, ms] of selfTimes(profile)) {
    const stack = stackOf(nodes.get(id)!, parents);
    if (stack[0].callFrame.functionName === IDLE) {
      idleMs += ms;
      continue;
    }
    if (stack.some(node => ownFolder(node)?.startsWith(BENCHMARK))) {
      continue;
    }
    busyMs += ms;
    folders.add(folderOf(stack), ms);
    packages.add(packageOf(stack[0]), ms);
    for (const name of new Set(stack.flatMap(ownFunction))) {
      functions.add(name, ms);
    }
  }
  return {
    idleMs,
    busyMs,
    byFolder: folders.shares(),
    byPackage: packages.shares(),
    byFunction: functions.shares(),
  };
}

/** Milliseconds by node. */
function selfTimes({ samples = [], timeDeltas = [] }: Profiler.Profile) {
  const times = new Map<number, number>();
  samples.forEach((id, index) => {
    times.set(id, (times.get(id) ?? 0) + timeDeltas[index] / 1_000);
  });
  return times;
}

/** From the innermost function outwards. */
function stackOf(leaf: Node, parents: Map<number, Node>): Node[] {
  const stack: Node[] = [];
  for (let node: Node | undefined = leaf; node; node = parents.get(node.id)) {
    stack.push(node);
  }
  return stack;
}

function folderOf(stack: Node[]): string {
  const first = (places: Array<string | undefined>) =>
    places.find(place => place !== undefined);
  return (
    first(stack.map(ownFolder)) ??
    first(stack.map(libraryOf)) ??
    packageOf(stack[0])
  );
}

function packageOf(node: Node): string {
  const { url, functionName } = node.callFrame;
  const known = ownFolder(node) ?? libraryOf(node);
  if (known) {
    return known;
  }
  if (url.startsWith('wasm:')) {
    return '(WebAssembly)';
  }
  if (url.startsWith('node:')) {
    return '(Node)';
  }
  return OTHER.has(functionName) ? functionName : '(native)';
}

/** Such as `mcp-portal-backend/audit`. */
function ownFolder({ callFrame: { url } }: Node): string | undefined {
  const own = ownFile(url);
  if (!own) {
    return undefined;
  }
  const [folder, ...rest] = own.path.split('/');
  return rest.length ? `${own.name}/${folder}` : own.name;
}

function ownFunction({ callFrame: { url, functionName } }: Node): string[] {
  const own = ownFile(url);
  return own
    ? [`${functionName || '(anonymous)'}, ${own.name}/${own.path}`]
    : [];
}

function ownFile(url: string): { name: string; path: string } | undefined {
  if (url.includes('/node_modules/')) {
    return undefined;
  }
  const [, name, path] =
    /\/(?:plugins|packages)\/([^/]+)\/src\/(.+)$/.exec(url) ?? [];
  return name === undefined ? undefined : { name, path };
}

function libraryOf({ callFrame: { url } }: Node): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
}
