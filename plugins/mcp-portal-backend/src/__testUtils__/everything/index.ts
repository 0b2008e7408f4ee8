export { endlessTool } from './endlessTool';
export { startEverythingServer } from './startEverythingServer';
export type { EverythingServer } from './startEverythingServer';
export type { EverythingTool } from './tools';
