export { catalogHealthModule as default } from './catalogHealthModule';
