export { modelsModule } from './modelsModule';
