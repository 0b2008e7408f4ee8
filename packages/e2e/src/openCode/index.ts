export { openCodeConfig, SERVER_NAME, serverWithToken } from './config';
export type { Access } from './config';
export { OpenCode } from './OpenCode';
export { startProvider } from './provider';
export type { Provider } from './provider';
