import { anchoredPattern } from '../anchored';
import type { Detector } from '../Detector';
import { isRandom } from './placeholders';
import { vendorToken } from './vendorToken';

/** Credentials of clouds and hosting. Shapes are from the vendors' own documentation. */
export const CLOUD_TOKENS: Detector[] = [
  vendorToken({
    name: 'aws-access-key',
    what: 'access key ids of AWS',
    anchors: ['akia', 'asia', 'abia', 'acca'],
    token: '(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}',
    prefixLength: 4,
    severity: 'high',
  }),
  anchoredPattern({
    id: 'secret.aws-secret-key',
    category: 'secret',
    severity: 'critical',
    description: 'Finds secret access keys of AWS, by the name before them.',
    anchors: [
      'secret_access_key',
      'secretaccesskey',
      'secret_key',
      'secret access key',
    ],
    pattern:
      /secret_?\s?(?:access_?\s?)?key["']?\s{0,4}(?:[:=]|=>|is)\s{0,4}["']?(?<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/i,
    accept: value => isRandom(value, 3.5),
  }),
  anchoredPattern({
    id: 'secret.gcp-service-account',
    category: 'secret',
    severity: 'critical',
    description: 'Finds key files of Google Cloud service accounts.',
    anchors: ['private_key_id'],
    pattern: /private_key_id["']?\s{0,4}:\s{0,4}["']?(?<value>[0-9a-f]{40})\b/,
    accept: value => isRandom(value),
  }),
  vendorToken({
    name: 'google-api-key',
    what: 'API keys of Google Cloud and Google AI',
    anchors: ['aiza'],
    token: 'AIza[0-9A-Za-z_-]{35}',
    prefixLength: 4,
  }),
  vendorToken({
    name: 'google-oauth',
    what: 'client secrets and access tokens of Google OAuth',
    anchors: ['gocspx-', 'ya29.'],
    token: 'GOCSPX-[A-Za-z0-9_-]{28}|ya29\\.[A-Za-z0-9_-]{20,1024}',
    prefixLength: 5,
  }),
  anchoredPattern({
    id: 'secret.azure-key',
    category: 'secret',
    severity: 'critical',
    description:
      'Finds keys in connection strings of Azure, and signatures of its shared access.',
    previewChars: 0,
    anchors: ['accountkey=', 'sharedaccesskey=', 'sig='],
    pattern:
      /(?:AccountKey=(?<value>[A-Za-z0-9+/]{86}==)|SharedAccessKey=[A-Za-z0-9+/]{43}=|(?<=[?&])sig=(?:[A-Za-z0-9]|%[0-9A-F]{2}){40,80})/i,
    accept: value => isRandom(value, 3.5),
  }),
  anchoredPattern({
    id: 'secret.azure-client-secret',
    category: 'secret',
    severity: 'critical',
    description: 'Finds client secrets of Microsoft Entra ID.',
    anchors: ['q~'],
    pattern:
      /(?<=(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}\d)Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~-])/,
    accept: value => isRandom(value),
  }),
  anchoredPattern({
    id: 'secret.azure-devops-token',
    category: 'secret',
    severity: 'critical',
    description: 'Finds personal access tokens of Azure DevOps.',
    anchors: ['azdo'],
    pattern:
      /(?<=(?<![A-Za-z0-9])[A-Za-z0-9]{76})AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/,
  }),
  anchoredPattern({
    id: 'secret.cloudflare-token',
    category: 'secret',
    severity: 'critical',
    description:
      'Finds API tokens and keys of Cloudflare, by the name before them.',
    anchors: ['cloudflare', 'cf_api', 'cf-api', 'v1.0-'],
    pattern:
      /(?:(?:cloudflare|cf)[a-z_ -]{0,24}["']?\s{0,4}[:=]\s{0,4}["']?(?<value>[A-Za-z0-9_-]{37,40}(?![A-Za-z0-9_-]))|v1\.0-[0-9a-f]{24}-[0-9a-f]{146})/i,
    accept: value => isRandom(value, 3.3),
  }),
  vendorToken({
    name: 'databricks-token',
    what: 'personal access tokens of Databricks',
    anchors: ['dapi'],
    token: 'dapi[0-9a-f]{32}(?:-\\d)?',
    prefixLength: 4,
  }),
  vendorToken({
    name: 'digitalocean-token',
    what: 'tokens of DigitalOcean',
    anchors: ['dop_v1_', 'doo_v1_', 'dor_v1_'],
    token: 'do[opr]_v1_[0-9a-f]{64}',
    prefixLength: 7,
  }),
  vendorToken({
    name: 'vault-token',
    what: 'tokens of HashiCorp Vault and Terraform Cloud',
    anchors: ['hvs.', 'hvb.', 'hvr.'],
    token: 'hv[sbr]\\.[A-Za-z0-9_-]{24,512}',
    prefixLength: 4,
  }),
  anchoredPattern({
    id: 'secret.terraform-token',
    category: 'secret',
    severity: 'critical',
    description: 'Finds tokens of HCP Terraform.',
    anchors: ['.atlasv1.'],
    pattern:
      /(?<=(?<![A-Za-z0-9])[A-Za-z0-9]{14})\.atlasv1\.[A-Za-z0-9_=-]{60,80}/,
  }),
  vendorToken({
    name: 'docker-token',
    what: 'access tokens of Docker Hub',
    anchors: ['dckr_pat_', 'dckr_oat_'],
    token: 'dckr_[po]at_[A-Za-z0-9_-]{27,64}',
    prefixLength: 9,
  }),
  anchoredPattern({
    id: 'secret.cloudflare-global-key',
    category: 'secret',
    severity: 'high',
    description: 'Finds the header with the global API key of Cloudflare.',
    anchors: ['x-auth-key'],
    pattern: /x-auth-key["']?\s{0,4}:\s{0,4}["']?(?<value>[0-9a-f]{37})\b/i,
    accept: value => isRandom(value),
  }),
];
