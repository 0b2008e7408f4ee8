import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { encodeFrame, FrameReader, ProtocolError } from '../protocol/frames';
import type { Frame } from '../protocol/frames';
import type { HostMessage, SandboxMessage } from '../protocol/messages';
import { parseSandboxMessage } from '../protocol/parseSandboxMessage';
import { Heartbeat } from './Heartbeat';
import type { DocumentText, ToolCatalog } from '../tools/ToolCatalogs';
import { RecentTexts } from './RecentTexts';

const DIAGNOSTIC_CHARACTERS = 2000;
const CATALOGS = 4;

/** Parsed, each may take a good part of what the process has. */
const DOCUMENTS = 1;

/** In which a process reads a document, and answers nothing else. Measured in November 2026: 0.2 s for 7 MB. */
const READING_MS = 10_000;

/** Why a process was lost. */
export type LossReason =
  /** Code ran that the engine could not stop. */
  | 'unresponsive'
  /** It sent what it must not. */
  | 'violation'
  /** It ended by itself, or the system ended it. */
  | 'exited'
  | 'closed';

/** An execution in a process. */
export interface SandboxListener {
  /** CPU time that its code may take without an answer, in milliseconds. */
  readonly cpuMs: number;
  /** @throws ProtocolError if the message makes no sense; that ends the process. */
  onMessage(message: SandboxMessage, text: string): void;
  /**
   * @param isCulprit - whether its code was what ran.
   */
  onLost(reason: LossReason, isCulprit: boolean): void;
}

/** A process with sandboxes. Serves one principal at a time. */
export class SandboxChild {
  /** Whose executions it runs. */
  principal: string | undefined;
  /** Executions that have room in it, counted by the pool. */
  executions = 0;
  /** Executions that it ran. */
  served = 0;
  /** CPU time of its executions in milliseconds. */
  cpuMs = 0;
  /** It takes no executions of other principals any more. */
  isWorn = false;
  /** It takes no more executions, and ends after those it has. */
  isRetired = false;
  idleSince = 0;

  readonly #process: ChildProcess;
  readonly #heartbeat: Heartbeat;
  readonly #catalogs = new RecentTexts(CATALOGS);
  readonly #documents = new RecentTexts(DOCUMENTS);
  /** Hash of the document that it reads at the moment. */
  #reading: string | undefined;
  readonly #listeners = new Map<number, SandboxListener>();
  readonly #onExit: (reason: LossReason) => void;
  #onReady:
    | ((ready: { engine: string; interfaces: string[] }) => void)
    | undefined;
  #diagnostics = '';
  #running: number | undefined;
  #lost: LossReason | undefined;

  /**
   * @param maxFrameBytes - longest frame that the process may send.
   * @param onExit - called once, after the executions were told.
   */
  constructor(
    [program, ...args]: string[],
    maxFrameBytes: number,
    onExit: (reason: LossReason) => void,
  ) {
    this.#onExit = onExit;
    this.#process = spawn(program, args, {
      cwd: '/',
      env: {},
      stdio: 'pipe',
      // A process group of its own, so that a kill reaches what a wrapper started.
      detached: true,
    });
    const reader = new FrameReader(maxFrameBytes, frame =>
      this.#receive(frame),
    );
    this.#heartbeat = new Heartbeat({
      ping: number => this.send({ kind: 'ping', number }),
      onSilence: () => this.kill('unresponsive'),
    });
    this.#process.stdout?.on('data', (chunk: Buffer) => {
      this.#guard(() => reader.push(chunk));
    });
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      const text = this.#diagnostics + chunk.toString('utf8');
      this.#diagnostics = text.slice(-DIAGNOSTIC_CHARACTERS);
    });
    // A process that is gone is noticed by its exit; writing to it must not throw.
    this.#process.stdin?.on('error', () => {});
    this.#process.on('error', error => {
      this.#diagnostics += error.message;
      this.#lose('exited');
    });
    this.#process.on('exit', () => this.#lose('exited'));
  }

  /** What the process wrote to its standard error at last. */
  get diagnostics(): string {
    return this.#diagnostics.trim();
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Id of the process, or of the program around it. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Waits until the process says that it can work; rejects if it ends before. */
  ready(): Promise<{ engine: string; interfaces: string[] }> {
    return new Promise(resolve => {
      this.#onReady = resolve;
    });
  }

  attach(id: number, listener: SandboxListener) {
    this.#listeners.set(id, listener);
    this.#heartbeat.watch(this.#patienceMs());
  }

  /** Replaces an execution's listener while the process still has it. */
  replace(id: number, listener: SandboxListener) {
    if (this.#listeners.has(id)) {
      this.#listeners.set(id, listener);
    }
  }

  detach(id: number) {
    this.#listeners.delete(id);
    if (this.#listeners.size === 0) {
      this.#heartbeat.stop();
    } else {
      this.#heartbeat.watch(this.#patienceMs());
    }
  }

  /** Makes sure that the process has what code sees. */
  provide(catalog: ToolCatalog) {
    const { hash, namespace, document, text } = catalog;
    if (document) {
      this.#provideDocument(document);
    }
    for (const old of this.#catalogs.use(hash)) {
      this.send({ kind: 'forget', hash: old });
    }
    if (!this.#catalogs.has(hash)) {
      this.#catalogs.add(hash);
      this.send(
        {
          kind: 'catalog',
          hash,
          namespace,
          document: document && { hash: document.hash, name: document.name },
        },
        text,
      );
    }
  }

  send(message: HostMessage, text?: string) {
    if (!this.#lost) {
      this.#process.stdin?.write(encodeFrame(message, text));
    }
  }

  kill(reason: LossReason) {
    this.#lose(reason);
  }

  /** Whoever uses a document already goes on to do so when the process forgets it. */
  #provideDocument({ hash, json }: DocumentText) {
    for (const old of this.#documents.use(hash)) {
      this.send({ kind: 'forget-document', hash: old });
    }
    if (!this.#documents.has(hash)) {
      this.#documents.add(hash);
      this.#reading = hash;
      this.send({ kind: 'document', hash }, json);
    }
  }

  #receive(frame: Frame) {
    if (this.#lost) {
      return;
    }
    const message = parseSandboxMessage(frame);
    switch (message.kind) {
      case 'ready':
        this.#onReady?.(message);
        this.#onReady = undefined;
        break;
      case 'pong':
        this.#heartbeat.onPong(message.number);
        break;
      case 'turn':
        this.#running = message.id;
        break;
      case 'document':
        this.#onRead(message.hash);
        break;
      default:
        this.#dispatch(message.id, message, frame.text);
    }
  }

  #onRead(hash: string) {
    if (hash === this.#reading) {
      this.#reading = undefined;
      if (this.#listeners.size > 0) {
        this.#heartbeat.watch(this.#patienceMs());
      }
    }
  }

  #dispatch(id: number, message: SandboxMessage, text: string) {
    const listener = this.#listeners.get(id);
    if (!listener) {
      throw new ProtocolError(`There is no execution ${id}`);
    }
    listener.onMessage(message, text);
  }

  #guard(read: () => void) {
    try {
      read();
    } catch (error) {
      this.#diagnostics += (error as Error).message;
      this.#lose('violation');
    }
  }

  /** As long as the code of any execution may run, since they share the process. */
  #patienceMs(): number {
    let patienceMs = this.#reading === undefined ? 0 : READING_MS;
    for (const { cpuMs } of this.#listeners.values()) {
      patienceMs = Math.max(patienceMs, cpuMs);
    }
    return patienceMs;
  }

  #lose(reason: LossReason) {
    if (this.#lost) {
      return;
    }
    this.#lost = reason;
    this.#heartbeat.stop();
    this.#killGroup();
    this.#process.stdin?.destroy();
    this.#process.stdout?.destroy();
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const [id, listener] of listeners) {
      const isCulprit = this.#running === id;
      listener.onLost(reason, isCulprit);
    }
    this.#onExit(reason);
  }

  #killGroup() {
    const { pid } = this.#process;
    if (pid === undefined) {
      return;
    }
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.#process.kill('SIGKILL');
    }
  }
}
