const PARENT_POLL_INTERVAL_MS = 500;

/**
 * Calls back when this process is asked to stop: by a signal, or because the `npm` that runs it
 * was. npm passes SIGTERM only to the shell between, which dies of it and tells nobody.
 *
 * @param {() => void} callback called once
 */
export function onStopRequest(callback) {
  let isRequested = false;
  const request = () => {
    if (!isRequested) {
      isRequested = true;
      callback();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, request);
  }

  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) {
        request();
      }
    }, PARENT_POLL_INTERVAL_MS).unref();
  }
}
