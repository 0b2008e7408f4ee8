import { dependencies } from './dependencies';
import { findOperations } from './findOperations';
import { findServices } from './findServices';
import { hubDependents } from './hubDependents';
import type { Question } from './Question';
import { showApi } from './showApi';
import { whatIs } from './whatIs';
import { whoOwns } from './whoOwns';

/** Everything that is asked, in the order of the table. */
export const QUESTIONS: Question[] = [
  whatIs,
  whoOwns,
  dependencies,
  hubDependents,
  findServices,
  findOperations,
  showApi,
];
