import { readFileSync } from 'node:fs';
import { findProgramFiles } from '../isolation/programFiles';
import { limitWasmMemory, WASM_PAGE_BYTES } from './limitWasmMemory';

// (module (memory (export "m") 1))
const MODULE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 109, 2, 0,
]);

describe('limitWasmMemory', () => {
  it('keeps a memory from growing beyond the limit', async () => {
    const limited = limitWasmMemory(MODULE, 200 * WASM_PAGE_BYTES);
    const { instance } = await WebAssembly.instantiate(limited as BufferSource);
    const memory = instance.exports.m as WebAssembly.Memory;
    memory.grow(199);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it('limits the engine that is shipped', () => {
    const wasm = readFileSync(findProgramFiles().wasm);
    const limited = limitWasmMemory(wasm, 64 * 1024 * 1024);
    expect(WebAssembly.validate(limited as BufferSource)).toBe(true);
    expect(() => limitWasmMemory(wasm, 1024)).toThrow(RangeError);
  });

  it('refuses modules without a memory', () => {
    expect(() => limitWasmMemory(MODULE.subarray(0, 8), 1e6)).toThrow(
      'no memory section',
    );
  });
});
