// Real processes and a real browser: seconds, not milliseconds.
jest.setTimeout(90_000);
