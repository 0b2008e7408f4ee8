import type { Engine, Sandbox, SandboxOptions } from '../engine/Engine';

interface Spare {
  sandbox: Sandbox;
  /** Says who uses the sandbox from now on. */
  bind(options: SandboxOptions): void;
}

/** Has a sandbox opened before one is needed: opening takes longer than most snippets. */
export class SpareSandbox {
  readonly #engine: Engine;
  readonly #memoryBytes: number;
  #spare: Promise<Spare> | undefined;

  /** @param memoryBytes - limit of the sandboxes that are opened ahead. */
  constructor(engine: Engine, memoryBytes: number) {
    this.#engine = engine;
    this.#memoryBytes = memoryBytes;
  }

  /** Opens one, unless there is one. */
  prepare() {
    this.#spare ??= openSpare(this.#engine, this.#memoryBytes);
    // Whoever takes it learns that it failed.
    this.#spare.catch(() => {});
  }

  async take(options: SandboxOptions): Promise<Sandbox> {
    const spare = this.#spare;
    if (!spare || options.memoryBytes !== this.#memoryBytes) {
      return this.#engine.open(options);
    }
    this.#spare = undefined;
    const { sandbox, bind } = await spare;
    bind(options);
    return sandbox;
  }
}

async function openSpare(engine: Engine, memoryBytes: number): Promise<Spare> {
  let owner: SandboxOptions | undefined;
  const sandbox = await engine.open({
    memoryBytes,
    now: () => owner?.now() ?? 0,
    isInterrupted: () => owner?.isInterrupted() ?? false,
    post: (kind, id, a, b) => owner?.post(kind, id, a, b),
    read: pointer => owner?.read(pointer) ?? '{}',
  });
  return {
    sandbox,
    bind: options => {
      owner = options;
    },
  };
}
