import { Config } from '@backstage/config';

/** Someone whom the demo lets you sign in as. */
export type Persona = {
  /** Short name, as used on the command line. */
  id: string;
  name: string;
  /** Must be the e-mail address of a User entity. */
  email: string;
  /** What this person does in the demo organisation. */
  role: string;
  /** What is worth trying as this person. */
  tryThis: string;
};

/**
 * Reads `demo.personas`.
 *
 * @param config - the root configuration
 * @returns the personas in the order of the configuration
 */
export function readPersonas(config: Config): Persona[] {
  return config.getConfigArray('demo.personas').map(persona => ({
    id: persona.getString('id'),
    name: persona.getString('name'),
    email: persona.getString('email'),
    role: persona.getString('role'),
    tryThis: persona.getString('tryThis'),
  }));
}
