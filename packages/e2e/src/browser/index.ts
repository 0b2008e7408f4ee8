export { NARROW, scrollsSideways } from './scrollsSideways';
export { openBrowser, startVisit } from './openBrowser';
export type { ColorScheme, Visit } from './openBrowser';
export { PERSONA_NAMES, signInAs } from './signInAs';
