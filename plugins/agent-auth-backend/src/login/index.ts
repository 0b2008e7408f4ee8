export { renderLoginScript } from './renderLoginScript';
export type { LoginScript, LoginScriptOptions } from './renderLoginScript';
