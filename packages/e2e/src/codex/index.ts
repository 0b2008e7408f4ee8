export { Codex, codexRedirectUri } from './Codex';
