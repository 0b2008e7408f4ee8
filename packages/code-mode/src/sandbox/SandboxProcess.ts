import { networkInterfaces } from 'node:os';
import { JsonDocument } from '../document/JsonDocument';
import type { Engine } from '../engine/Engine';
import { ProtocolError } from '../protocol/frames';
import type { Frame } from '../protocol/frames';
import type { HostMessage, SandboxMessage } from '../protocol/messages';
import { Catalog } from '../tools/Catalog';
import { SnippetRun } from './SnippetRun';
import type { SnippetView } from './SnippetRun';
import { SpareSandbox } from './SpareSandbox';

/** What code sees, as the host sent it. */
interface Provided {
  catalog: Catalog;
  document?: { hash: string; name: string };
}

type Send = (message: SandboxMessage, text?: string) => void;

/** Serves executions to the host: what it says in, what happens out. */
export class SandboxProcess {
  readonly #engine: Engine;
  readonly #spare: SpareSandbox;
  readonly #send: Send;
  readonly #provided = new Map<string, Provided>();
  readonly #documents = new Map<string, JsonDocument>();
  readonly #runs = new Map<number, SnippetRun>();
  #announced = 0;
  readonly #turns: { id: number; run(): void }[] = [];

  /** @param memoryBytes - most memory of a sandbox. */
  constructor(engine: Engine, memoryBytes: number, send: Send) {
    this.#engine = engine;
    this.#spare = new SpareSandbox(engine, memoryBytes);
    this.#send = send;
  }

  ready() {
    this.#spare.prepare();
    this.#send({
      kind: 'ready',
      engine: this.#engine.version,
      interfaces: Object.keys(networkInterfaces()),
    });
  }

  /** @throws ProtocolError if the host says something that makes no sense. */
  receive({ header, text }: Frame) {
    const message = header as unknown as HostMessage;
    switch (message.kind) {
      case 'ping':
        this.#send({ kind: 'pong', number: message.number });
        break;
      case 'catalog':
        this.#provided.set(message.hash, {
          catalog: new Catalog(text, message.namespace),
          document: message.document,
        });
        break;
      case 'forget':
        this.#provided.delete(message.hash);
        break;
      case 'document':
        this.#documents.set(message.hash, new JsonDocument(text));
        this.#send({ kind: 'document', hash: message.hash });
        break;
      case 'forget-document':
        this.#documents.delete(message.hash);
        break;
      case 'execute':
        this.#execute(message, text);
        break;
      case 'settle':
        this.#runs.get(message.id)?.settle(message.operation, message.ok, text);
        break;
      case 'cancel':
        this.#runs.get(message.id)?.cancel();
        break;
      default:
        throw new ProtocolError('The host said something unknown');
    }
  }

  #execute(message: Extract<HostMessage, { kind: 'execute' }>, code: string) {
    const view = this.#viewOf(message.catalog);
    const run = new SnippetRun(message, code, view, {
      send: this.#send,
      schedule: turn => this.#schedule(message.id, turn),
      onEnd: () => {
        this.#runs.delete(message.id);
        this.#spare.prepare();
      },
    });
    this.#runs.set(message.id, run);
    this.#schedule(message.id, () => {
      // A process that cannot open a sandbox is of no use: it ends, and the host starts another.
      run
        .start(options => this.#spare.take(options))
        .catch(error => {
          process.stderr.write(`${error?.stack}\n`);
          process.exit(1);
        });
    });
  }

  #viewOf(hash: string): SnippetView {
    const { catalog, document } = this.#provided.get(hash) ?? {};
    const content = document && this.#documents.get(document.hash);
    if (!catalog || (document && !content)) {
      throw new ProtocolError('The host named something that it did not send');
    }
    return {
      catalog,
      document: document && content && { name: document.name, content },
    };
  }

  /** One turn for each round of the event loop, so that pings are answered between them. */
  #schedule(id: number, run: () => void) {
    this.#turns.push({ id, run });
    if (this.#turns.length === 1) {
      setImmediate(() => this.#runNext());
    }
  }

  #runNext() {
    const [turn] = this.#turns;
    if (turn.id !== this.#announced) {
      this.#announced = turn.id;
      this.#send({ kind: 'turn', id: turn.id });
    }
    turn.run();
    this.#turns.shift();
    if (this.#turns.length > 0) {
      setImmediate(() => this.#runNext());
    }
  }
}
