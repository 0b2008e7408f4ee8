export { createTrackerServer } from './createTrackerServer';
export { Issues } from './Issues';
