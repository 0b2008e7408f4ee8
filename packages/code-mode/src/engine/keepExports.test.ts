import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keepExports } from './keepExports';

describe('keepExports', () => {
  const engine = readFileSync(
    join(dirname(require.resolve('quickjs-wasi')), '..', 'quickjs.wasm'),
  );
  const exportsOf = (wasm: Uint8Array) =>
    WebAssembly.Module.exports(new WebAssembly.Module(Buffer.from(wasm)));

  it('takes functions out that nobody asks for, and leaves the rest as it is', () => {
    const all = exportsOf(engine);
    const kept = exportsOf(keepExports(engine, name => name === 'qjs_throw'));
    expect(kept).toEqual(
      all.filter(
        ({ kind, name }) => kind !== 'function' || name === 'qjs_throw',
      ),
    );
    expect(kept.length).toBeGreaterThan(1);
    expect(exportsOf(keepExports(engine, () => true))).toEqual(all);
  });
});
