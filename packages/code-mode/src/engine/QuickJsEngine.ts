import { readFile } from 'node:fs/promises';
import { Intrinsics, QuickJS } from 'quickjs-wasi';
import type { JSValueHandle, Snapshot } from 'quickjs-wasi';
import { bootstrap } from '../bootstrap/bootstrap';
import type { Engine, Post, Read, Sandbox, SandboxOptions } from './Engine';
import { keepExports } from './keepExports';
import { limitWasmMemory } from './limitWasmMemory';
import { SparseMemory } from './SparseMemory';

const POST = 'post';
const READ = 'read';

// With 512 KiB the WebAssembly stack can overflow before QuickJS notices.
const STACK_BYTES = 256 * 1024;

// Both tell a program when garbage was collected, or the time past the recorded clock.
const INTRINSICS =
  Intrinsics.ALL & ~Intrinsics.WEAK_REF & ~Intrinsics.PERFORMANCE;

class QuickJsSandbox implements Sandbox {
  readonly #vm: QuickJS;
  readonly #receive: JSValueHandle;
  readonly usedMemoryBytes: () => number;

  constructor(
    vm: QuickJS,
    receive: JSValueHandle,
    usedMemoryBytes: () => number,
  ) {
    this.#vm = vm;
    this.#receive = receive;
    this.usedMemoryBytes = usedMemoryBytes;
  }

  run(expression: string) {
    const snippet = this.#vm.evalCode(expression, 'snippet.js');
    this.#call('run', 0, snippet);
    snippet.dispose();
  }

  receive(kind: string, id: number, text: string) {
    const handle = this.#vm.newString(text);
    this.#call(kind, id, handle);
    handle.dispose();
  }

  close() {
    this.#vm.dispose();
  }

  #call(kind: string, id: number, value: JSValueHandle) {
    const vm = this.#vm;
    const kindHandle = vm.newString(kind);
    const idHandle = vm.newNumber(id);
    vm.callFunction(
      this.#receive,
      vm.undefined,
      kindHandle,
      idHandle,
      value,
    ).dispose();
    kindHandle.dispose();
    idHandle.dispose();
    vm.executePendingJobs();
  }
}

/** QuickJS-ng in WebAssembly: a fresh instance for each sandbox. */
export class QuickJsEngine implements Engine {
  /**
   * @param wasmPath - the engine's `quickjs.wasm`.
   * @param memoryBytes - the most that any sandbox may ask for.
   */
  static async load(wasmPath: string, memoryBytes: number) {
    const wasm = await WebAssembly.compile(
      keepExports(
        limitWasmMemory(await readFile(wasmPath), memoryBytes),
        isCalled,
      ),
    );
    const vm = await QuickJS.create({
      wasm,
      intrinsics: INTRINSICS,
      timezoneOffset: 0,
    });
    // The bootstrap script runs once; sandboxes start from the memory it leaves.
    const post = vm.newFunction(POST, () => vm.undefined);
    const script = vm.evalCode(`(${bootstrap.toString()})`, 'bootstrap.js');
    const read = vm.newFunction(READ, () => vm.undefined);
    const receive = vm.callFunction(script, vm.undefined, post, read);
    const token = vm.exportHandle(receive);
    const snapshot = vm.snapshot();
    const version = `quickjs-ng ${vm.versions.quickjs}`;
    vm.dispose();
    return new QuickJsEngine(version, wasm, snapshot, token);
  }

  readonly version: string;
  readonly #wasm: WebAssembly.Module;
  readonly #snapshot: Snapshot;
  readonly #memory: SparseMemory;
  readonly #receive: number;

  private constructor(
    version: string,
    wasm: WebAssembly.Module,
    snapshot: Snapshot,
    receive: number,
  ) {
    this.version = version;
    this.#wasm = wasm;
    this.#snapshot = snapshot;
    this.#memory = new SparseMemory(snapshot.memory);
    this.#receive = receive;
  }

  async open(options: SandboxOptions): Promise<Sandbox> {
    let memory: WebAssembly.Memory | undefined;
    const content = this.#memory.writtenTo(() => memory);
    const vm = await QuickJS.restore(
      { ...this.#snapshot, memory: content },
      {
        wasm: this.#wasm,
        wasi: ownMemory => {
          memory = ownMemory;
          return {
            clock_time_get(_clock: number, _precision: bigint, result: number) {
              const nanoseconds = BigInt(options.now()) * 1_000_000n;
              const view = new DataView(ownMemory.buffer);
              view.setBigUint64(result, nanoseconds, true);
              return 0;
            },
            fd_write: () => 0,
          };
        },
        memoryLimit: options.memoryBytes,
        maxStackSize: STACK_BYTES,
        interruptHandler: options.isInterrupted,
        timezoneOffset: 0,
      },
    );
    vm.registerHostCallback(POST, (...args) => {
      forward(args, options.post);
      return vm.undefined;
    });
    vm.registerHostCallback(READ, reader(vm, options.read));
    return new QuickJsSandbox(
      vm,
      vm.importHandle(this.#receive),
      () => memory?.buffer.byteLength ?? 0,
    );
  }
}

/** quickjs-wasi calls these; the engine's own interface is there for extensions, of which there are none. */
function isCalled(name: string): boolean {
  return /^(?:_initialize$|qjs_|wasm_)/.test(name);
}

function forward(args: JSValueHandle[], post: Post) {
  const [kind, id, a, b] = args;
  // Converting anything else would run code of the snippet in the middle of the host's.
  if (!kind?.isString || !id?.isNumber || !a?.isString || !b?.isString) {
    throw new Error('The sandbox posts strings and numbers');
  }
  post(kind.toString(), id.toNumber(), a.toString(), b.toString());
}

/** The engine counts its own reference to what is returned, so that ours is given up with the next one. */
function reader(vm: QuickJS, read: Read) {
  let last: JSValueHandle | undefined;
  return (pointer?: JSValueHandle) => {
    if (!pointer?.isString) {
      throw new Error('The sandbox reads by strings');
    }
    const text = read(pointer.toString());
    last?.dispose();
    last = vm.newString(text);
    return last;
  };
}
