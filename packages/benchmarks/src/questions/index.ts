export { coverage } from './coverage';
export { OrganisationModel } from './OrganisationModel';
export { textOf, type Facts, type Question, type Reading } from './Question';
export { QUESTIONS } from './questions';
