export { catalogModuleScaleOrganisation } from './catalogModuleScaleOrganisation';
export { generateOrganisation, hashOrganisation } from './generateOrganisation';
export { OrganisationEntityProvider } from './OrganisationEntityProvider';
export { FULL_SIZES, type OrganisationSizes } from './sizes';
