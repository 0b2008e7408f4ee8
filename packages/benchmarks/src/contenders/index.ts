export type { Contender, ContenderName, Sessions } from './Contender';
export { CONTENDERS } from './contenders';
export { McpSession } from './McpSession';
