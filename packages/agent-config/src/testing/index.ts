export { MODELS, someModel, URLS } from './models';
export { compileFiles, configOf, problemsOf } from './sources';
