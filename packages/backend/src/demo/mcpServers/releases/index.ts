export { createReleasesServer } from './createReleasesServer';
export { Releases } from './Releases';
