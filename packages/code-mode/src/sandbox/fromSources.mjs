// Runs main.ts as it is, for tests and development: Node.js strips the types.
// The published package has main compiled, and does not need this file.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isSource =
      /^\.{1,2}\//.test(specifier) && !/\.[cm]?[jt]s$/.test(specifier);
    return nextResolve(isSource ? `${specifier}.ts` : specifier, context);
  },
});

await import('./main.ts');
