export {
  APIS_DOWNLOAD_TIMEOUT_MS,
  provideDescriptions,
  providePrism,
} from './provideApis';
