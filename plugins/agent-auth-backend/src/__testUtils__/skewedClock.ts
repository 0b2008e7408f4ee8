/** Puts the clock of a process forward. Imported before anything that reads it. */
const skewMs = Number(process.env.CLOCK_SKEW_MS ?? 0);
const RealDate = Date;
const now = () => RealDate.now() + skewMs;

if (skewMs) {
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args) =>
      Reflect.construct(target, args.length ? args : [now()]),
    get: (target, name) =>
      name === 'now' ? now : Reflect.get(target, name, target),
  });
}
