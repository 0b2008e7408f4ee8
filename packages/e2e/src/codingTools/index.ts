export { OPEN_CODE } from './pins';
export type { CodingTool } from './pins';
export { INSTALL_TIMEOUT_MS, provideCodingTool } from './provideCodingTool';
