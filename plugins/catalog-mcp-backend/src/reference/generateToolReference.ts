import { writeFileSync } from 'node:fs';
import { toolReference } from './toolReference';

// Run by `yarn docs:tools`. The file's own path makes it independent of the working directory.
writeFileSync(`${__dirname}/../../../../docs/tools.md`, toolReference());
