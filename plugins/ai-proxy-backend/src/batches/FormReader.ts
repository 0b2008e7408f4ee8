import busboy from 'busboy';
import { RefusedError } from '../wire';

/** A form with a file that was read. */
export interface BatchForm {
  filename: string;
  content: Buffer;
  /** Besides the file. */
  fields: Array<[name: string, value: string]>;
}

/** Forms for files have a few fields. */
const LIMITS = {
  fieldNameSize: 100,
  fieldSize: 4_096,
  fields: 16,
  files: 1,
  parts: 17,
  headerPairs: 16,
};

/** Collects a form, chunk by chunk. */
export class FormReader {
  readonly #parser: busboy.Busboy;
  readonly #fields: Array<[string, string]> = [];
  readonly #content: Buffer[] = [];
  #filename = '';
  #hasFile = false;
  #problem: string | undefined;
  #isNotJson = false;

  constructor(contentType: string | undefined) {
    try {
      this.#parser = busboy({
        headers: { 'content-type': contentType },
        limits: LIMITS,
        defParamCharset: 'utf8',
      });
    } catch {
      throw noForm('The body is no form. Send multipart/form-data');
    }
    this.#parser.on('field', (name, value, { valueTruncated }) => {
      this.#fields.push([name, value]);
      this.#problem ??= valueTruncated
        ? `The field "${name}" is too long`
        : undefined;
    });
    this.#parser.on('file', (name, content, { filename }) => {
      this.#hasFile ||= name === 'file';
      this.#filename = filename ?? 'file';
      content.on('data', (chunk: Buffer) => this.#take(chunk));
      // The parser says so as well.
      content.on('error', () => {});
    });
    for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      this.#parser.on(event, () => {
        this.#problem ??= 'The form has too many parts';
      });
    }
    this.#parser.on('error', () => {
      this.#problem ??= 'The form is broken';
    });
  }

  /** What the file is for; undefined as long as that has not come. */
  get purpose(): string | undefined {
    return this.#fields.find(([name]) => name === 'purpose')?.[1];
  }

  /** The file began with something else than JSON. */
  get isNotJson(): boolean {
    return this.#isNotJson;
  }

  /** Takes a chunk; waits until it was looked at. */
  write(chunk: Buffer): Promise<void> {
    return this.#problem === undefined
      ? new Promise(resolve => {
          // Errors come as an event, too.
          this.#parser.write(chunk, () => resolve());
        })
      : Promise.resolve();
  }

  /** Ends it, as nothing more is wanted. */
  stop(): void {
    this.#parser.destroy();
  }

  /** @throws RefusedError when the form was broken */
  async end(): Promise<BatchForm> {
    await new Promise<void>(resolve => {
      this.#parser.once('close', resolve);
      if (this.#problem === undefined) {
        this.#parser.end();
      } else {
        this.#parser.destroy();
      }
    });
    const purposes = this.#fields.filter(([name]) => name === 'purpose');
    if (this.#problem !== undefined) {
      throw noForm(this.#problem);
    }
    if (purposes.length > 1) {
      throw noForm('The form has the field "purpose" twice');
    }
    if (this.purpose === 'batch' && !this.#hasFile) {
      throw noForm('The form has no "file"');
    }
    return {
      filename: this.#filename,
      content: Buffer.concat(this.#content),
      fields: this.#fields,
    };
  }

  #take(chunk: Buffer): void {
    if (this.#content.length === 0) {
      const first = chunk.find(byte => byte > 0x20);
      // A byte order mark may be in front.
      this.#isNotJson = first !== undefined && ![0x7b, 0xef].includes(first);
    }
    this.#content.push(chunk);
  }
}

function noForm(message: string): RefusedError {
  return new RefusedError({ status: 400, reason: 'form', message });
}
