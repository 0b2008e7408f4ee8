import { isSource } from './isSource';
import { Problem, SOURCE_LIMITS, SourceFile, Sources } from './sources';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

const PART = /^[\w][\w.+ -]*$/;

/** Collects files within {@link SOURCE_LIMITS}. */
export class SourceCollector {
  readonly #files: SourceFile[] = [];
  readonly #problems: Problem[] = [];
  #bytes = 0;
  #full = false;

  /** Whether nothing more is taken. */
  get full(): boolean {
    return this.#full;
  }

  /**
   * Whether a file may be read; if not, the problem has been noted, or it is none of the sources.
   *
   * @param path - relative to the top, with `/`
   * @param bytes - its size
   */
  admits(path: string, bytes: number): boolean {
    if (this.#full || !isSource(path)) {
      return false;
    }
    if (!path.split('/').every(part => PART.test(part))) {
      this.problem(
        path,
        'the path has to consist of names of letters, digits, "-", "_" and "."',
      );
      return false;
    }
    if (bytes > SOURCE_LIMITS.fileBytes) {
      this.problem(
        path,
        `has ${bytes} bytes, of at most ${SOURCE_LIMITS.fileBytes}; split it`,
      );
      return false;
    }
    this.#bytes += bytes;
    if (
      this.#files.length >= SOURCE_LIMITS.files ||
      this.#bytes > SOURCE_LIMITS.totalBytes
    ) {
      this.#full = true;
      this.problem(
        '',
        `There are more than ${SOURCE_LIMITS.files} files, or than ${SOURCE_LIMITS.totalBytes} bytes in all; is this the right directory?`,
      );
      return false;
    }
    return true;
  }

  /** Takes a file that was admitted. */
  add(path: string, content: Uint8Array): void {
    try {
      this.#files.push({ path, content: UTF_8.decode(content) });
    } catch {
      this.problem(path, 'is not UTF-8 text; save it as such');
    }
  }

  /** Notes what is wrong with a file. */
  problem(file: string, message: string): void {
    this.#problems.push({ file, line: 1, message });
  }

  /** Everything so far, by path. */
  collected(): Sources {
    return {
      files: [...this.#files].sort((a, b) => (a.path < b.path ? -1 : 1)),
      problems: this.#problems,
    };
  }
}
